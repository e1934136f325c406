package dev.manyhands.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * The dashboards are whole: what Grafana would show with gaps, twice or not at all is not there.
 */
class DashboardsTest {
  /** Names of units in Grafana. */
  private static final Set<String> UNITS =
      Set.of("short", "ops", "reqps", "cpm", "s", "bytes", "Bps", "percentunit");

  static List<Dashboard> all() throws IOException {
    return Dashboard.all();
  }

  @Test
  void thereAreFourAndEachIsItself() throws IOException {
    assertThat(all())
        .extracting(Dashboard::toString)
        .containsExactly("jvm.json", "overview.json", "performance.json", "workers.json");
    assertThat(all())
        .extracting(board -> board.json().get("uid").stringValue())
        .doesNotHaveDuplicates();
    assertThat(all())
        .extracting(board -> board.json().get("title").stringValue())
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("all")
  void panelsSayWhatTheyShow(Dashboard board) {
    assertThat(board.panels())
        .extracting(panel -> panel.get("id").intValue())
        .doesNotHaveDuplicates();
    for (JsonNode panel : board.panels()) {
      assertThat(panel.get("title").stringValue()).isNotBlank();
      if (!panel.get("type").stringValue().equals("row")) {
        assertThat(panel.get("description").stringValue())
            .as("%s", panel.get("title"))
            .isNotBlank();
        assertThat(panel.at("/fieldConfig/defaults/unit").stringValue()).isIn(UNITS);
        assertThat(panel.get("targets")).as("%s", panel.get("title")).isNotEmpty();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void panelsLieBesideEachOther(Dashboard board) {
    var taken = new HashSet<List<Integer>>();
    for (JsonNode panel : board.panels()) {
      JsonNode at = panel.get("gridPos");
      assertThat(at.get("x").intValue() + at.get("w").intValue())
          .as("%s", panel.get("title"))
          .isLessThanOrEqualTo(24);
      for (int x = 0; x < at.get("w").intValue(); x++) {
        for (int y = 0; y < at.get("h").intValue(); y++) {
          var cell = List.of(at.get("x").intValue() + x, at.get("y").intValue() + y);
          assertThat(taken.add(cell))
              .as("%s lies on another at %s", panel.get("title"), cell)
              .isTrue();
        }
      }
    }
    int bottom = taken.stream().mapToInt(cell -> cell.get(1)).max().orElseThrow();
    assertThat(taken).as("no gaps").hasSize((bottom + 1) * 24);
  }

  @ParameterizedTest
  @MethodSource("all")
  void whoeverLooksChoosesTheDataSourceAndTheInstance(Dashboard board) {
    var variables = new ArrayList<String>();
    board
        .json()
        .at("/templating/list")
        .forEach(variable -> variables.add(variable.get("name").stringValue()));
    assertThat(variables).containsExactly("datasource", "instance");
    for (JsonNode panel : board.panels()) {
      for (JsonNode target : panel.path("targets")) {
        assertThat(target.at("/datasource/uid").stringValue()).isEqualTo("${datasource}");
      }
    }
    for (var query : board.queries()) {
      assertThat(query.expression()).as(query.panel()).contains("instance=~\"$instance\"");
      assertThat(query.legend()).as(query.panel()).isNotBlank();
    }
  }
}
