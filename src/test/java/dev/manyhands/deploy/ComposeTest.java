package dev.manyhands.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.Requirements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * docker/compose.yaml and what it mounts fit together, and docker/up starts it. No engine is needed
 * here.
 */
class ComposeTest {
  private static final Path DOCKER = Path.of("docker");

  @TempDir private Path directory;

  /** A copy: docker/up writes beside itself. */
  @BeforeEach
  void copy() throws IOException {
    Copy.tree(
        DOCKER, directory.resolve(DOCKER), file -> !file.startsWith(DOCKER.resolve("secrets")));
    Path helm = directory.resolve(Chart.DIRECTORY);
    Files.createDirectories(helm.getParent());
    Copy.tree(Chart.DIRECTORY, helm, file -> true);
  }

  @Test
  void oneCommandMakesTheSecretsAndStartsAll() throws Exception {
    Path docker = Files.createDirectory(directory.resolve("bin")).resolve("docker");
    Files.writeString(docker, "#!/bin/sh\necho \"docker $*\"\n");
    Files.setPosixFilePermissions(docker, PosixFilePermissions.fromString("rwxr-xr-x"));

    String said = up();
    assertThat(said.lines())
        .contains("docker compose -f compose.yaml up --build --detach --wait --quiet-pull");
    var secrets = secrets();
    assertThat(secrets)
        .hasSize(4)
        .allSatisfy((name, secret) -> {
          assertThat(secret).matches("[0-9a-f]{48}");
          assertThat(said).doesNotContain(secret).contains("secrets/token");
        });
    assertThat(secrets.values()).doesNotHaveDuplicates();
    assertThat(Files.getPosixFilePermissions(directory.resolve("docker/secrets")))
        .as("they are readable for the users in the containers, and no others")
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));

    up();
    assertThat(secrets()).as("the second time they stay").isEqualTo(secrets);
  }

  private String up() throws Exception {
    var builder = new ProcessBuilder(directory.resolve("docker/up").toString(), "--quiet-pull");
    builder
        .environment()
        .merge("PATH", directory.resolve("bin") + ":", (path, first) -> first + path);
    return Ran.successfully(builder);
  }

  private Map<String, String> secrets() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("docker/secrets"))) {
      return files.collect(
          Collectors.toMap(file -> file.getFileName().toString(), ComposeTest::read));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The first docker-compose, which needs no engine for this, knows all of it but the project's
   * name.
   */
  @Test
  void composeUnderstandsIt() throws Exception {
    Requirements.dockerCompose();
    Path file = directory.resolve("docker/compose.yaml");
    Files.writeString(file, read(file).replaceFirst("(?m)^name: manyhands$", ""));
    Map<String, Map<String, Object>> understood =
        Chart.yaml().load(Ran.successfully("docker-compose", "-f", file.toString(), "config"));
    assertThat(understood.get("services"))
        .containsOnlyKeys("manyhands", "postgres", "prometheus", "grafana");
    for (Object service : understood.get("services").values()) {
      for (String volume : list(service, "volumes")) {
        String source = volume.split(":", -1)[0];
        assertThat(
                source.startsWith("/")
                    ? Files.exists(Path.of(source))
                    : understood.get("volumes").containsKey(source))
            .as(volume)
            .isTrue();
      }
    }
  }

  @Test
  void everyServiceIsBoundedWatchedAndOnLoopback() throws IOException {
    Map<String, Object> services = services();
    services.forEach((name, service) -> {
      Map<?, ?> limits = map(map(map(service, "deploy"), "resources"), "limits");
      assertThat(limits.keySet())
          .as(name)
          .map(Object::toString)
          .containsExactlyInAnyOrder("cpus", "memory");
      assertThat(map(services, name).get("pids_limit")).as(name).isInstanceOf(Integer.class);
      assertThat(map(service, "healthcheck").get("test")).as(name).isInstanceOf(List.class);
      assertThat(map(services, name).get("restart")).as(name).isEqualTo("unless-stopped");
      assertThat(list(service, "security_opt")).as(name).containsExactly("no-new-privileges:true");
      assertThat(list(service, "ports"))
          .as(name)
          .allSatisfy(port -> assertThat(port).startsWith("127.0.0.1:"));
      if (map(services, name).get("depends_on") instanceof Map<?, ?> others) {
        others.forEach((other, how) -> {
          assertThat(services).containsKey(other.toString());
          assertThat(map(others, other.toString()).get("condition")).isEqualTo("service_healthy");
        });
      }
    });
  }

  @Test
  void theServiceFindsItsDatabaseAndItsSecrets() throws IOException {
    Map<String, Object> services = services();
    Map<?, ?> environment = map(services.get("manyhands"), "environment");
    Map<?, ?> database = map(services.get("postgres"), "environment");
    assertThat(environment.get("MANYHANDS_STORE_URL"))
        .isEqualTo("jdbc:postgresql://postgres:5432/" + database.get("POSTGRES_DB"));
    assertThat(environment.get("MANYHANDS_STORE_USERNAME"))
        .isEqualTo(database.get("POSTGRES_USER"));
    assertThat(
            environment.keySet().stream()
                .map(Object::toString)
                .filter(name -> name.startsWith("MANYHANDS_")))
        .allSatisfy(name -> assertThat(name.replace("_", "")).isIn(Settings.all()));

    // Spring reads each setting from a file with the name of the setting.
    assertThat(environment.get("SPRING_CONFIG_IMPORT")).isEqualTo("configtree:/run/secrets/");
    assertThat(secretsOf("manyhands"))
        .isEqualTo(
            Map.of(
                "token",
                "manyhands.security.tokens",
                "metrics-token",
                "manyhands.security.metrics-tokens",
                "postgres-password",
                "manyhands.store.password"));
    assertThat(secretsOf("manyhands").values())
        .allSatisfy(name ->
            assertThat(name.replaceAll("[.-]", "").toUpperCase(Locale.ROOT)).isIn(Settings.all()));
    assertThat(database.get("POSTGRES_PASSWORD_FILE"))
        .isEqualTo("/run/secrets/" + secretsOf("postgres").get("postgres-password"));
    assertThat(map(services.get("grafana"), "environment").get("GF_SECURITY_ADMIN_PASSWORD__FILE"))
        .isEqualTo("/run/secrets/" + secretsOf("grafana").get("grafana-password"));
    for (String service : services.keySet()) {
      assertThat(map(compose(), "secrets").keySet().stream().map(Object::toString))
          .containsAll(secretsOf(service).keySet());
    }
  }

  @Test
  void prometheusFindsTheServiceItsTokenAndTheAlerts() throws Exception {
    Requirements.prometheus();
    Path file = DOCKER.resolve("prometheus/prometheus.yml");
    AlertsTest.promtool("check", "config", "--syntax-only", file.toString());
    Map<String, Object> config = Chart.yaml().load(read(file));
    Object scrape = ((List<?>) config.get("scrape_configs")).getFirst();

    assertThat(map(scrape, "authorization").get("credentials_file"))
        .isEqualTo("/run/secrets/" + secretsOf("prometheus").get("metrics-token"));
    Object targets = ((List<?>) ((Map<?, ?>) scrape).get("static_configs")).getFirst();
    assertThat(list(targets, "targets")).containsExactly("manyhands:8080");
    assertThat(mounts("prometheus"))
        .containsEntry("/etc/prometheus/prometheus.yml", "./prometheus/prometheus.yml")
        .containsEntry(list(config, "rule_files").getFirst(), "../" + AlertsTest.FILE);
    // The name must equal the one in alerts.yaml.
    assertThat(((Map<?, ?>) scrape).get("job_name")).isEqualTo("manyhands");
  }

  @Test
  void grafanaFindsPrometheusAndTheDashboards() throws IOException {
    Map<String, String> mounts = mounts("grafana");
    assertThat(mounts).containsEntry("/etc/grafana/provisioning", "./grafana/provisioning");
    Map<String, Object> sources =
        Chart.yaml().load(read(DOCKER.resolve("grafana/provisioning/datasources/prometheus.yaml")));
    Object source = ((List<?>) sources.get("datasources")).getFirst();
    assertThat(((Map<?, ?>) source).get("url")).isEqualTo("http://prometheus:9090");

    Map<String, Object> dashboards =
        Chart.yaml().load(read(DOCKER.resolve("grafana/provisioning/dashboards/manyhands.yaml")));
    Object provider = ((List<?>) dashboards.get("providers")).getFirst();
    String path = (String) map(provider, "options").get("path");
    assertThat(mounts.get(path)).isEqualTo("../" + Dashboard.files().getFirst().getParent());
    String home =
        (String)
            map(services().get("grafana"), "environment")
                .get("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH");
    assertThat(Dashboard.files()).anyMatch(file -> home.equals(path + "/" + file.getFileName()));
  }

  private static Map<String, Object> compose() throws IOException {
    return Chart.yaml().load(Files.readString(DOCKER.resolve("compose.yaml")));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> services() throws IOException {
    return (Map<String, Object>) compose().get("services");
  }

  /**
   * Returns the secrets of a service: the name of each secret, and the name of its file in the
   * container.
   */
  private static Map<String, String> secretsOf(String service) throws IOException {
    if (!(map(services(), service).get("secrets") instanceof List<?> secrets)) {
      return Map.of();
    }
    return secrets.stream()
        .collect(
            Collectors.toMap(
                secret ->
                    secret instanceof Map<?, ?> one ? (String) one.get("source") : (String) secret,
                secret ->
                    secret instanceof Map<?, ?> one
                        ? (String) one.get("target")
                        : (String) secret));
  }

  /** Returns the volumes of a service: their paths in the container, and their sources. */
  private static Map<String, String> mounts(String service) throws IOException {
    return list(services().get(service), "volumes").stream()
        .map(volume -> volume.split(":", -1))
        .collect(Collectors.toMap(volume -> volume[1], volume -> volume[0]));
  }

  private static Map<?, ?> map(Object parent, String name) {
    assertThat(((Map<?, ?>) parent).get(name)).as(name).isInstanceOf(Map.class);
    return (Map<?, ?>) ((Map<?, ?>) parent).get(name);
  }

  private static List<String> list(Object parent, String name) {
    return ((Map<?, ?>) parent).get(name) instanceof List<?> list
        ? list.stream().map(Object::toString).toList()
        : List.of();
  }
}
