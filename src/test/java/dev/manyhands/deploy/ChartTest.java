package dev.manyhands.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

/**
 * The Helm chart: what it makes fits together, is what Kubernetes knows, and runs without
 * privileges.
 */
class ChartTest {
  private static final String TOKEN =
      "auth: {tokens: [a-token-of-some-length, another-token-of-length]}\n";

  private static final String ALL =
      """
      auth: {existingSecret: my-tokens, metricsTokenKey: readers}
      image: {repository: registry.example/manyhands, tag: "1.2", pullPolicy: Always}
      imagePullSecrets: [{name: registry}]
      postgresql: {url: "jdbc:postgresql://db:5432/manyhands", username: hands, existingSecret: db}
      workers: {slots: 6, sandbox: none, memoryBudget: 2GB}
      env: {MANYHANDS_RETENTION: 30d, LOGGING_LEVEL_ROOT: warn}
      extraEnvFrom: [{secretRef: {name: callback}}]
      service: {type: LoadBalancer, port: 80}
      ingress:
        enabled: true
        className: nginx
        host: hands.example
        tlsSecret: hands-tls
        annotations: {nginx.ingress.kubernetes.io/proxy-body-size: 256m}
      networkPolicy:
        from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]
        restrictEgress: true
        egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 5432, protocol: TCP}]}]
      persistence: {storageClass: fast, size: 1Ti, accessMode: ReadWriteOncePod}
      autoscaling: {enabled: true}
      monitoring:
        enabled: true
        labels: {release: kube-prometheus-stack}
        runbook: https://git.example/manyhands/docs/how-to/operations.md
      extraVolumes: [{name: jars, configMap: {name: jars}}]
      extraVolumeMounts: [{name: jars, mountPath: /functions}]
      podAnnotations: {a: b}
      podLabels: {c: d}
      nodeSelector: {disk: ssd}
      tolerations: [{key: batch, operator: Exists}]
      affinity: {nodeAffinity: {}}
      priorityClassName: low
      """;

  @TempDir private Path directory;

  static List<String> valueSets() {
    return List.of(
        TOKEN,
        TOKEN
            + "persistence: {enabled: false}\nnetworkPolicy: {enabled: false}\npodDisruptionBudget: {enabled: false}\n",
        TOKEN
            + "persistence: {existingClaim: mine}\nmonitoring: {enabled: true}\nautoscaling: {enabled: true}\n",
        TOKEN
            + "postgresql: {url: \"jdbc:postgresql://db/manyhands\", username: hands, existingSecret: db}\n",
        ALL);
  }

  @Test
  void helmFindsNothingToSayAgainstIt() throws IOException {
    // Helm lints with the default values, which have no token, on purpose: so it lints a copy that
    // has one.
    Path copy = directory.resolve("manyhands");
    Copy.tree(Chart.DIRECTORY, copy, file -> true);
    Path values = copy.resolve("values.yaml");
    Files.writeString(
        values,
        Files.readString(values).replace("  tokens: []", "  tokens: [a-token-of-some-length]"));
    var result = new Helm(copy).lint().strict().call();
    assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
  }

  @Test
  void itsTestIsRunByHelmAndNotInstalled() throws IOException {
    String test = Files.readString(Chart.DIRECTORY.resolve(Chart.TEST));
    assertThat(test.lines().filter("    helm.sh/hook: test"::equals))
        .as("the script and the pod")
        .hasSize(2);
  }

  @Test
  void itIsTheChartOfThisVersion() throws IOException {
    Map<?, ?> chart = Chart.yaml().load(Files.readString(Chart.DIRECTORY.resolve("Chart.yaml")));
    assertThat(Files.readString(Path.of("pom.xml")))
        .contains("<version>" + chart.get("appVersion") + "-SNAPSHOT</version>");
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void whatBelongsTogetherIsCalledTheSame(String values) throws IOException {
    var chart = Chart.with(values);
    var set = chart.the(StatefulSet.class);
    var labels = set.getSpec().getTemplate().getMetadata().getLabels();
    var service = chart.the(Service.class);
    Pod test = chart.the(Pod.class);

    assertThat(labels).containsAllEntriesOf(set.getSpec().getSelector().getMatchLabels());
    assertThat(labels).containsAllEntriesOf(service.getSpec().getSelector());
    assertThat(test.getMetadata().getLabels().entrySet())
        .as("requests are not for the pod of the test")
        .doesNotContainAnyElementsOf(
            Map.of(
                    "app.kubernetes.io/name",
                    service.getSpec().getSelector().get("app.kubernetes.io/name"))
                .entrySet());
    assertThat(set.getSpec().getServiceName()).isEqualTo(service.getMetadata().getName());
    for (var budget : chart.all(PodDisruptionBudget.class)) {
      assertThat(labels).containsAllEntriesOf(budget.getSpec().getSelector().getMatchLabels());
    }
    for (var policy : chart.all(NetworkPolicy.class)) {
      assertThat(labels).containsAllEntriesOf(policy.getSpec().getPodSelector().getMatchLabels());
    }
    for (var scaler : chart.all(HorizontalPodAutoscaler.class)) {
      var target = scaler.getSpec().getScaleTargetRef();
      assertThat(target.getName()).isEqualTo(set.getMetadata().getName());
      assertThat(target.getKind() + target.getApiVersion())
          .isEqualTo(set.getKind() + set.getApiVersion());
      assertThat(set.getSpec().getReplicas()).as("the scaler sets it").isNull();
    }
    for (var monitor : chart.all(ServiceMonitor.class)) {
      assertThat(service.getMetadata().getLabels())
          .containsAllEntriesOf(monitor.getSpec().getSelector().getMatchLabels())
          .containsEntry(monitor.getSpec().getJobLabel(), "manyhands");
    }
    assertThat(
            chart.objects().stream().map(one -> one.getKind() + "/" + one.getMetadata().getName()))
        .doesNotHaveDuplicates()
        .allSatisfy(name -> assertThat(name).matches("[A-Za-z]+/[a-z]([-a-z0-9]{0,61}[a-z0-9])?"));
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void portsAreThose(String values) throws IOException {
    var chart = Chart.with(values);
    Container container = container(chart);
    Set<String> open =
        container.getPorts().stream().map(ContainerPort::getName).collect(Collectors.toSet());
    Service service = chart.the(Service.class);
    Set<String> served =
        service.getSpec().getPorts().stream().map(ServicePort::getName).collect(Collectors.toSet());

    assertThat(open).containsExactly("http");
    assertThat(container.getPorts().getFirst().getContainerPort())
        .hasToString(configured(chart).get("SERVER_PORT"));
    assertThat(service.getSpec().getPorts())
        .extracting(port -> port.getTargetPort().getStrVal())
        .isSubsetOf(open);
    for (Probe probe :
        List.of(
            container.getStartupProbe(),
            container.getLivenessProbe(),
            container.getReadinessProbe())) {
      assertThat(probe.getHttpGet().getPort().getStrVal()).isIn(open);
    }
    for (var policy : chart.all(NetworkPolicy.class)) {
      assertThat(
              policy.getSpec().getIngress().getFirst().getPorts().getFirst().getPort().getStrVal())
          .isIn(open);
    }
    for (var ingress : chart.all(Ingress.class)) {
      var backend =
          ingress
              .getSpec()
              .getRules()
              .getFirst()
              .getHttp()
              .getPaths()
              .getFirst()
              .getBackend()
              .getService();
      assertThat(backend.getName()).isEqualTo(service.getMetadata().getName());
      assertThat(backend.getPort().getName()).isIn(served);
    }
    for (var monitor : chart.all(ServiceMonitor.class)) {
      assertThat(monitor.getSpec().getEndpoints().getFirst().getPort()).isIn(served);
    }
    assertThat(env(chart.the(Pod.class).getSpec().getContainers().getFirst()).get("URL").getValue())
        .isEqualTo(
            "http://%s:%d"
                .formatted(
                    service.getMetadata().getName(),
                    service.getSpec().getPorts().getFirst().getPort()));
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void whatIsAskedForIsThere(String values) throws IOException {
    var chart = Chart.with(values);
    Set<String> brought =
        Set.of("my-tokens", "db", "callback", "registry", "hands-tls", "jars", "mine");
    for (PodSpec pod : pods(chart)) {
      assertThat(chart.named(ServiceAccount.class, pod.getServiceAccountName())).isPresent();
      for (Container container : pod.getContainers()) {
        for (EnvVar variable : container.getEnv()) {
          if (variable.getValueFrom() != null) {
            var key = variable.getValueFrom().getSecretKeyRef();
            secretHas(chart, brought, key.getName(), key.getKey());
          }
        }
        for (EnvFromSource from : container.getEnvFrom()) {
          if (from.getConfigMapRef() != null) {
            assertThat(chart.named(ConfigMap.class, from.getConfigMapRef().getName())).isPresent();
          } else {
            assertThat(from.getSecretRef().getName()).isIn(brought);
          }
        }
        assertThat(container.getVolumeMounts())
            .extracting(VolumeMount::getName)
            .isSubsetOf(volumes(chart, pod));
      }
      for (Volume volume : pod.getVolumes()) {
        if (volume.getConfigMap() != null && !brought.contains(volume.getConfigMap().getName())) {
          assertThat(chart.named(ConfigMap.class, volume.getConfigMap().getName())).isPresent();
        }
      }
    }
    for (var monitor : chart.all(ServiceMonitor.class)) {
      var credentials =
          monitor.getSpec().getEndpoints().getFirst().getAuthorization().getCredentials();
      secretHas(chart, brought, credentials.getName(), credentials.getKey());
    }
    assertThat(container(chart).getVolumeMounts())
        .as("the root file system is read-only, so what is written is on volumes")
        .extracting(VolumeMount::getMountPath)
        .contains(configured(chart).get("MANYHANDS_DATA_DIR"), "/tmp");
  }

  private static void secretHas(Chart chart, Set<String> brought, String name, String key) {
    if (!brought.contains(name)) {
      assertThat(chart.named(Secret.class, name).orElseThrow().getStringData()).containsKey(key);
    }
  }

  private static Set<String> volumes(Chart chart, PodSpec pod) {
    Stream<String> claims =
        pod == chart.the(StatefulSet.class).getSpec().getTemplate().getSpec()
            ? chart.the(StatefulSet.class).getSpec().getVolumeClaimTemplates().stream()
                .map(claim -> claim.getMetadata().getName())
            : Stream.of();
    Stream<String> own = pod.getVolumes().stream().map(Volume::getName);
    return Stream.concat(claims, own).collect(Collectors.toSet());
  }

  /**
   * The level {@code restricted} of the Pod Security Standards, and a root file system that stays
   * as it is.
   */
  @ParameterizedTest
  @MethodSource("valueSets")
  void podsHaveNoPrivileges(String values) throws IOException {
    var chart = Chart.with(values);
    for (PodSpec pod : pods(chart)) {
      var all = pod.getSecurityContext();
      assertThat(all.getRunAsNonRoot()).isTrue();
      assertThat(all.getRunAsUser()).isEqualTo(userOfTheImage());
      assertThat(all.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
      assertThat(pod.getAutomountServiceAccountToken()).isFalse();
      assertThat(pod.getHostNetwork()).isNull();
      assertThat(pod.getHostPID()).isNull();
      for (Container container : pod.getContainers()) {
        var own = container.getSecurityContext();
        assertThat(own.getAllowPrivilegeEscalation()).isFalse();
        assertThat(own.getReadOnlyRootFilesystem()).isTrue();
        assertThat(own.getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(own.getCapabilities().getAdd()).isNullOrEmpty();
        assertThat(own.getPrivileged()).isNull();
        assertThat(container.getResources().getLimits()).containsKey("memory");
      }
    }
  }

  private static long userOfTheImage() throws IOException {
    return Files.readString(Path.of("docker", "Dockerfile"))
        .lines()
        .filter(line -> line.startsWith("USER "))
        .mapToLong(line -> Long.parseLong(line.substring(5).split(":", -1)[0]))
        .reduce((first, last) -> last)
        .orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void variablesAreSettingsOfTheService(String values) throws IOException {
    var chart = Chart.with(values);
    Set<String> settings = Settings.all();
    assertThat(
            Stream.concat(
                configured(chart).keySet().stream(), env(container(chart)).keySet().stream()))
        .filteredOn(name -> name.startsWith("MANYHANDS_"))
        .isNotEmpty()
        .allSatisfy(name -> assertThat(name.replace("_", "")).isIn(settings));
    // Spring must be able to parse the values of the chart.
    assertThat(DataSize.parse(configured(chart).get("MANYHANDS_WORKERS_MEMORY_BUDGET")))
        .isNotNull();
  }

  @Test
  void thePodHasRoomForWhatItMayUse() throws IOException {
    var chart = Chart.with(TOKEN);
    long limit =
        Quantity.getAmountInBytes(container(chart).getResources().getLimits().get("memory"))
            .longValueExact();
    long budget =
        DataSize.parse(configured(chart).get("MANYHANDS_WORKERS_MEMORY_BUDGET")).toBytes();
    // The image gives half to the heap.
    assertThat(limit / 2 + DataSize.ofMegabytes(400).toBytes() + budget).isLessThan(limit);
  }

  @Test
  void itHasTimeToEnd() throws IOException {
    long given =
        Chart.with(TOKEN)
            .the(StatefulSet.class)
            .getSpec()
            .getTemplate()
            .getSpec()
            .getTerminationGracePeriodSeconds();
    // manyhands.shutdown-grace and spring.lifecycle.timeout-per-shutdown-phase
    assertThat(given).isGreaterThan(10 + 25);
  }

  @Test
  void monitoringBringsTheFilesThatComposeUses() throws IOException {
    var chart = Chart.with(ALL);
    var dashboards = chart.named(ConfigMap.class, Chart.RELEASE + "-dashboards").orElseThrow();
    assertThat(dashboards.getMetadata().getLabels()).containsEntry("grafana_dashboard", "1");
    for (Path file : Dashboard.files()) {
      assertThat(dashboards.getData().get(file.getFileName().toString()))
          .isEqualTo(Files.readString(file).strip());
    }
    assertThat(dashboards.getData()).hasSameSizeAs(Dashboard.files());

    var rules = chart.the(PrometheusRule.class).getSpec().getGroups().getFirst().getRules();
    Map<?, ?> file =
        Chart.yaml().load(Files.readString(Chart.DIRECTORY.resolve("files/alerts.yaml")));
    var expected = (List<?>) ((Map<?, ?>) ((List<?>) file.get("groups")).getFirst()).get("rules");
    assertThat(rules).hasSameSizeAs(expected);
    for (int i = 0; i < rules.size(); i++) {
      var rule = (Map<?, ?>) expected.get(i);
      assertThat(rules.get(i).getAlert()).isEqualTo(rule.get("alert"));
      assertThat(rules.get(i).getExpr().getStrVal()).isEqualTo(rule.get("expr"));
      assertThat(rules.get(i).getAnnotations().get("runbook_url"))
          .isEqualTo(
              "https://git.example/manyhands/"
                  + ((Map<?, ?>) rule.get("annotations")).get("runbook_url"));
    }
    for (HasMetadata found :
        List.of(chart.the(ServiceMonitor.class), chart.the(PrometheusRule.class))) {
      assertThat(found.getMetadata().getLabels()).containsEntry("release", "kube-prometheus-stack");
    }
  }

  @Test
  void withoutTheOperatorNothingOfItsIsMade() throws IOException {
    var chart = Chart.with(TOKEN);
    assertThat(chart.all(ServiceMonitor.class)).isEmpty();
    assertThat(chart.all(PrometheusRule.class)).isEmpty();
    assertThat(chart.named(ConfigMap.class, Chart.RELEASE + "-dashboards")).isEmpty();
  }

  @Test
  void secretsAreInSecretsOnly() throws IOException {
    var chart = Chart.with(TOKEN);
    for (HasMetadata object : chart.objects()) {
      if (!(object instanceof Secret)) {
        assertThat(object.toString())
            .doesNotContain("a-token-of-some-length", "another-token-of-length");
      }
    }
    var data = chart.the(Secret.class).getStringData();
    assertThat(data).containsEntry("tokens", "a-token-of-some-length,another-token-of-length");
    assertThat(data).containsEntry("token", "a-token-of-some-length");
  }

  @Test
  void prometheusMayHaveATokenThatReadsMetricsOnly() throws IOException {
    var chart =
        Chart.with(
            "auth: {tokens: [a-token-of-some-length], metricsToken: one-that-only-reads}\n"
                + "monitoring: {enabled: true}\n");
    assertThat(chart.the(Secret.class).getStringData())
        .containsEntry("metrics-token", "one-that-only-reads");
    var scrape = chart.the(ServiceMonitor.class).getSpec().getEndpoints().getFirst();
    assertThat(scrape.getAuthorization().getCredentials().getKey()).isEqualTo("metrics-token");
    assertThat(pods(chart).getFirst().getContainers().getFirst().getEnv())
        .anySatisfy(variable -> {
          assertThat(variable.getName()).isEqualTo("MANYHANDS_SECURITY_METRICS_TOKENS");
          assertThat(variable.getValueFrom().getSecretKeyRef().getKey()).isEqualTo("metrics-token");
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "auth: {tokens: [a-token-of-some-length], metricsToken: short}",
        "auth: {tokens: [a-token-of-some-length], metricsTokenKey: readers}",
        "auth: {existingSecret: mine, metricsToken: a-token-that-only-reads}",
        "auth: {tokens: [short]}",
        "auth: {tokens: ['a-token,with-a-comma']}",
        "auth: {tokens: ['sha256:0123456789abcdef']}",
        TOKEN + "replicas: 2",
        TOKEN + "autoscaling: {enabled: true, maxReplicas: 3}",
        TOKEN + "workers: {sandbox: namespace}",
        TOKEN + "workers: {memoryBudget: 2Gi}",
        TOKEN + "workers: {slots: -1}",
        TOKEN + "worker: {slots: 1}",
        TOKEN + "env: {MANYHANDS_STORE_PASSWORD: hunter2}",
        TOKEN + "env: {MANYHANDS_CALLBACK_SECRET: whsec_x}",
        TOKEN + "env: {MANYHANDS_WORKERS_SANDBOX: namespace}",
        TOKEN + "env: {SERVER_PORT: '9090'}",
        TOKEN + "env: {MANYHANDS_RETENTION: 30}",
        TOKEN + "postgresql: {url: 'jdbc:sqlite:/data/other.db'}",
        TOKEN + "postgresql: {url: 'jdbc:postgresql://db/x?user=y&password=z'}",
        TOKEN + "postgresql: {username: nobody-asked}",
        TOKEN + "ingress: {enabled: true}",
        TOKEN + "service: {port: 0}",
        TOKEN + "persistence: {size: much}",
        TOKEN + "persistence: {accessMode: ReadWriteMany}",
        TOKEN + "resources: {limits: {memory: null}}",
        TOKEN + "podDisruptionBudget: {maxUnavailable: 2}",
        TOKEN + "terminationGracePeriodSeconds: 30",
        TOKEN + "monitoring: {interval: often}",
      })
  void badValuesAreRefused(String values) {
    assertThatThrownBy(() -> Chart.with(values))
        .hasMessageContaining("values don't meet the specifications of the schema");
  }

  @Test
  void withoutTokensItNamesWhatIsMissing() {
    assertThatThrownBy(() -> Chart.with("{}"))
        .hasMessageContaining("set auth.tokens or auth.existingSecret");
    assertThatThrownBy(() -> Chart.with(TOKEN.replace("}", ", existingSecret: both}")))
        .hasMessageContaining("set either auth.tokens or auth.existingSecret, not both");
  }

  private static Container container(Chart chart) {
    return chart
        .the(StatefulSet.class)
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst();
  }

  private static Map<String, EnvVar> env(Container container) {
    return container.getEnv().stream()
        .collect(Collectors.toMap(EnvVar::getName, variable -> variable));
  }

  private static Map<String, String> configured(Chart chart) {
    return chart.named(ConfigMap.class, Chart.RELEASE).orElseThrow().getData();
  }

  private static List<PodSpec> pods(Chart chart) {
    return List.of(
        chart.the(StatefulSet.class).getSpec().getTemplate().getSpec(),
        chart.the(Pod.class).getSpec());
  }
}
