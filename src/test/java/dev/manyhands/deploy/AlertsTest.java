package dev.manyhands.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.Requirements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The alerts fire when they should, and link to their documentation. */
class AlertsTest {
  static final Path FILE = Chart.DIRECTORY.resolve("files/alerts.yaml");
  private static final Path TESTS = Path.of("docker", "prometheus", "alerts_test.yaml");

  @Test
  void theyFireWhenTheyShouldAndNotElsewhere() throws Exception {
    Requirements.prometheus();
    assertThat(promtool("check", "rules", FILE.toString()))
        .contains("SUCCESS: " + alerts().size() + " rules");
    assertThat(promtool("test", "rules", TESTS.toString())).contains("SUCCESS");
  }

  @Test
  void eachIsTestedAndEachHasItsPartOfTheRunbook() throws IOException {
    String tests = Files.readString(TESTS);
    String runbook = Files.readString(Path.of("docs", "how-to", "operations.md"));
    var headings =
        runbook
            .lines()
            .filter(line -> line.startsWith("### "))
            .map(line -> line.substring(4).strip().toLowerCase(Locale.ROOT))
            .collect(Collectors.toSet());
    for (Map<?, ?> alert : alerts()) {
      var name = (String) alert.get("alert");
      var annotations = (Map<?, ?>) alert.get("annotations");
      assertThat(tests)
          .contains("alertname: " + name + "\n        exp_alerts:")
          .contains("alertname: " + name + "\n      - eval_time");
      assertThat(annotations.get("runbook_url"))
          .isEqualTo("docs/how-to/operations.md#" + name.toLowerCase(Locale.ROOT));
      assertThat(headings).contains(name.toLowerCase(Locale.ROOT));
      assertThat((String) annotations.get("summary")).isNotBlank();
      assertThat(((Map<?, ?>) alert.get("labels")).get("severity")).isIn("warning", "critical");
    }
  }

  @SuppressWarnings("unchecked")
  static List<Map<String, Object>> alerts() throws IOException {
    Map<String, List<Map<String, Object>>> file = Chart.yaml().load(Files.readString(FILE));
    return (List<Map<String, Object>>) file.get("groups").getFirst().get("rules");
  }

  static String promtool(String... arguments) throws Exception {
    return Ran.successfully(
        Stream.concat(Stream.of("promtool"), Stream.of(arguments)).toArray(String[]::new));
  }
}
