package dev.manyhands.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * docs/reference/settings.md is made of what the compiler found in {@link ManyhandsProperties}, and
 * of the descriptions that Spring Boot has of its own settings. {@code ./mvnw test
 * -Dtest=SettingsPageTest -Dsettings=write} writes it.
 */
class SettingsPageTest {
  private static final Path PAGE = Path.of("docs", "reference", "settings.md");
  private static final String OURS = "manyhands.";

  /** The settings of Spring Boot that an operator of this service may want, out of hundreds. */
  private static final List<String> OF_SPRING =
      List.of(
          "server.port",
          "server.address",
          "server.ssl.bundle",
          "server.forward-headers-strategy",
          "server.tomcat.max-connections",
          "management.server.port",
          "management.server.address",
          "management.endpoints.web.exposure.include",
          "management.endpoint.health.show-details",
          "logging.structured.format.console",
          "logging.level",
          "logging.file.name",
          "spring.config.additional-location");

  @Test
  void thePageHasEverySetting() throws Exception {
    String page = page();
    if ("write".equals(System.getProperty("settings"))) {
      Files.writeString(PAGE, page);
    }
    assertThat(Files.readString(PAGE))
        .as("to be written with ./mvnw test -Dtest=SettingsPageTest -Dsettings=write")
        .isEqualTo(page);
  }

  @Test
  void everySettingSaysWhatItMeans() throws Exception {
    assertThat(metadata().entrySet().stream().filter(one -> one.getKey().startsWith(OURS)))
        .hasSizeGreaterThan(50)
        .allSatisfy(one -> assertThat(description(one.getValue())).hasSizeGreaterThan(5));
  }

  @Test
  void eachIsAlsoAnEnvironmentVariable() {
    Map<String, Object> variables =
        Map.of(
            "MANYHANDS_DATA_DIR", "elsewhere",
            "MANYHANDS_LIMITS_JOB_LOG", "3MB",
            "MANYHANDS_WORKERS_SLOTS", "7",
            "MANYHANDS_SECURITY_TOKENS", "a,b",
            "MANYHANDS_TRACING_HEADERS_AUTHORIZATION", "key");
    var environment = new SystemEnvironmentPropertySource("systemEnvironment", variables);
    var settings =
        new Binder(ConfigurationPropertySources.from(environment))
            .bind("manyhands", ManyhandsProperties.class)
            .get();
    assertThat(settings.dataDir()).isEqualTo(Path.of("elsewhere"));
    assertThat(settings.limits().jobLog()).isEqualTo(DataSize.ofMegabytes(3));
    assertThat(settings.workers().slots()).isEqualTo(7);
    assertThat(settings.security().tokens()).containsExactly("a", "b");
    assertThat(settings.tracing().headers()).containsEntry("authorization", "key");
    assertThat(settings.toString()).doesNotContain("=key");
  }

  @Test
  void noPageSpeaksOfASettingThatIsNone() throws Exception {
    var settings = metadata().keySet();
    var groups =
        settings.stream()
            .filter(name -> name.startsWith(OURS))
            .map(name -> name.substring(OURS.length()).replaceFirst("\\..*", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    var named =
        Pattern.compile(
            "manyhands\\.(?:" + String.join("|", groups) + ")\\.[a-z][a-z-]*(?![a-z-])");
    var unknown = new TreeSet<String>();
    for (Path page : pages()) {
      named
          .matcher(Files.readString(page))
          .results()
          .map(match -> match.group())
          .filter(name -> !settings.contains(name))
          .forEach(name -> unknown.add(page + ": " + name));
    }
    assertThat(unknown).isEmpty();
  }

  private static List<Path> pages() {
    try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
      return Stream.concat(Stream.of(Path.of("README.md"), Path.of("CHANGELOG.md")), docs)
          .filter(file -> file.toString().endsWith(".md"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String page() throws Exception {
    var metadata = metadata();
    var text = new StringBuilder();
    text.append(
        """
        # Settings

        Every setting is a Spring property, an environment variable, or an argument:
        `manyhands.data-dir` = `MANYHANDS_DATA_DIR` = `--manyhands.data-dir=…`. Give secrets as
        environment variables: everybody on the machine can read arguments. [The effect of the
        settings](../how-to/operations.md#start-up-report) is printed by
        `target/manyhands/bin/manyhands doctor`.

        Durations are written as `500ms`, `15s`, `5m`, `30d`, sizes as `500MB`, `1GB`. Lists are
        separated by commas.

        This page is made from the source by `./mvnw test -Dtest=SettingsPageTest -Dsettings=write`.

        | setting | environment variable | default | meaning |
        |---|---|---|---|
        """);
    metadata.forEach((name, property) -> {
      if (name.startsWith(OURS)) {
        text.append(row(name, property, defaultOf(name, property), description(property)));
      }
    });
    text.append(
        """

        ## Of Spring Boot
        Useful settings of Spring Boot, with the defaults of this service.
        [All others](https://docs.spring.io/spring-boot/appendix/application-properties/) work as well.

        | setting | environment variable | default | meaning |
        |---|---|---|---|
        """);
    for (String name : OF_SPRING) {
      JsonNode property = metadata.get(name);
      assertThat(property).as(name).isNotNull();
      text.append(row(name, property, defaultOf(name, property), description(property)));
    }
    return text.toString();
  }

  private static String row(
      String name, JsonNode property, String defaultValue, String description) {
    boolean isMap = property.get("type").stringValue().startsWith("java.util.Map");
    String shown = isMap ? name + ".*" : name;
    String variable = name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    return "| `%s` | `%s` | %s | %s |\n"
        .formatted(shown, isMap ? variable + "_…" : variable, defaultValue, description);
  }

  /** As in application.yaml, if it is there; else as in the code. */
  private static String defaultOf(String name, JsonNode property) {
    Object ours = ofYaml(name);
    String text =
        ours != null
            // A variable with another name has priority: the meaning of the setting explains this.
            ? ours.toString().replaceFirst("^\\$\\{.*:([^:]*?)}+$", "$1")
            : property.has("defaultValue") ? plain(property.get("defaultValue")) : "";
    return text.isEmpty() ? "not set" : "`" + text + "`";
  }

  private static String plain(JsonNode value) {
    String text = value.isString() ? value.stringValue() : value.toString();
    return text.replaceFirst("^\\[(.*)]$", "$1").replace("\"", "").replace(", ", ",");
  }

  private static Object ofYaml(String name) {
    try {
      return new YamlPropertySourceLoader()
          .load("ours", new ClassPathResource("application.yaml")).stream()
              .map(source -> ((PropertySource<?>) source).getProperty(name))
              .filter(value -> value != null)
              .findFirst()
              .orElse(null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Javadoc as Markdown. */
  private static String description(JsonNode property) {
    if (!property.has("description")) {
      return "";
    }
    return property
        .get("description")
        .stringValue()
        .replaceAll("\\s+", " ")
        .replaceAll("\\{@code ([^}]*)}", "`$1`")
        .replace("|", "\\|");
  }

  /** All properties of all jars, by name. */
  private static Map<String, JsonNode> metadata() throws IOException {
    var all = new TreeMap<String, JsonNode>();
    var json = new JsonMapper();
    for (URL url :
        Collections.list(
            SettingsPageTest.class
                .getClassLoader()
                .getResources("META-INF/spring-configuration-metadata.json"))) {
      try (var in = url.openStream()) {
        json.readTree(in)
            .get("properties")
            .forEach(property -> all.put(property.get("name").stringValue(), property));
      }
    }
    return all;
  }
}
