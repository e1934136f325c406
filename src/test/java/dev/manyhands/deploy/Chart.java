package dev.manyhands.deploy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The objects that Helm renders from the chart with some values. The YAML is read as Kubernetes
 * would read it, but strictly.
 */
record Chart(List<HasMetadata> objects) {
  static final Path DIRECTORY = Path.of("helm", "manyhands");
  static final Path TEST = Path.of("templates", "tests", "main-job.yaml");
  static final String RELEASE = "hands";

  /** All that the chart may make; anything else is a surprise. */
  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Stream.of(
              ConfigMap.class,
              HorizontalPodAutoscaler.class,
              Ingress.class,
              NetworkPolicy.class,
              Pod.class,
              PodDisruptionBudget.class,
              PrometheusRule.class,
              Secret.class,
              Service.class,
              ServiceAccount.class,
              ServiceMonitor.class,
              StatefulSet.class)
          .collect(
              Collectors.toMap(
                  kind -> HasMetadata.getApiVersion(kind) + " " + HasMetadata.getKind(kind),
                  Function.identity()));

  /** The model keeps fields that it does not know; here they are mistakes. */
  private static final ObjectMapper STRICT =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .setAnnotationIntrospector(
              new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1L;

                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                  return false;
                }
              });

  /**
   * Renders the chart.
   *
   * @param values as in a file of {@code helm --values}
   * @throws IllegalStateException if the schema or a template refuses them
   */
  static Chart with(String values) throws IOException {
    Path directory = Files.createTempDirectory("chart");
    try {
      Path copy = directory.resolve("manyhands");
      Copy.tree(DIRECTORY, copy, file -> true);
      // Helm leaves hooks out of its output here.
      Path test = copy.resolve(TEST);
      Files.write(
          test,
          Files.readAllLines(test).stream().filter(line -> !line.contains("helm.sh/")).toList());
      Path file = Files.writeString(directory.resolve("values.yaml"), values);
      String manifests =
          new Helm(copy)
              .template()
              .withName(RELEASE)
              .withNamespace("computing")
              .withKubeVersion("1.31.0")
              .withValuesFile(file)
              .call();
      return new Chart(read(manifests));
    } finally {
      FileSystemUtils.deleteRecursively(directory);
    }
  }

  private static List<HasMetadata> read(String manifests) {
    var objects = new ArrayList<HasMetadata>();
    for (Object document : yaml().loadAll(manifests)) {
      if (document instanceof Map<?, ?> object) {
        String kind = object.get("apiVersion") + " " + object.get("kind");
        if (!KINDS.containsKey(kind)) {
          throw new AssertionError("nobody expects a " + kind);
        }
        objects.add(STRICT.convertValue(object, KINDS.get(kind)));
      }
    }
    return objects;
  }

  /** Refuses a key that is there twice, as Kubernetes does and Helm does not. */
  static Yaml yaml() {
    var options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    return new Yaml(new SafeConstructor(options));
  }

  <T extends HasMetadata> List<T> all(Class<T> kind) {
    return objects.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** The only one of its kind. */
  <T extends HasMetadata> T the(Class<T> kind) {
    List<T> found = all(kind);
    if (found.size() != 1) {
      throw new AssertionError("there are " + found.size() + " of " + kind.getSimpleName());
    }
    return found.getFirst();
  }

  <T extends HasMetadata> Optional<T> named(Class<T> kind, String name) {
    return all(kind).stream().filter(one -> one.getMetadata().getName().equals(name)).findFirst();
  }
}
