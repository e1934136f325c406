package dev.manyhands;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** Pages that list all things of a kind list each of them. */
class ReferencePagesTest {
  private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");
  private static final Pattern METER =
      Pattern.compile("(?:\\.builder|histogram)\\(\\s*(?:registry,\\s*)?\"(manyhands\\.[a-z.]+)\"");

  @Test
  void eachCallIsOnThePageOfTheApi() throws IOException {
    Map<String, Map<String, Map<String, Map<String, Object>>>> contract =
        new Yaml().load(Files.readString(Path.of("src/main/resources/openapi.yaml")));
    var rows = new ArrayList<String>();
    contract
        .get("paths")
        .forEach((path, methods) ->
            methods.forEach((method, operation) -> {
              if (METHODS.contains(method)) {
                rows.add(
                    "| `%s %s` | %s |"
                        .formatted(
                            method.toUpperCase(Locale.ROOT), path, operation.get("summary")));
              }
            }));
    List<String> shown =
        Files.readAllLines(Path.of("docs/reference/api.md")).stream()
            .filter(line -> line.matches("\\| `[A-Z]+ /.*"))
            .toList();
    assertThat(shown).containsExactlyInAnyOrderElementsOf(rows);
  }

  @Test
  void eachMeterIsOnThePageOfMetrics() throws IOException {
    var names = new TreeSet<String>();
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      sources
          .filter(file -> file.toString().endsWith(".java"))
          .forEach(file -> {
            METER
                .matcher(text(file))
                .results()
                .forEach(match -> names.add(match.group(1).replace('.', '_')));
          });
    }
    String page = text(Path.of("docs/reference/metrics.md"));
    assertThat(names).hasSizeGreaterThan(20);
    assertThat(names).allSatisfy(name -> assertThat(page).contains("| `" + name));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
