package dev.manyhands.report;

import static dev.manyhands.report.Reports.bar;
import static dev.manyhands.report.Reports.timeline;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.JobState;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TimelineTraceTest {
  private static final JsonMapper JSON = new JsonMapper();

  @Test
  void aChunkIsACompleteEventOnTheThreadOfItsWorker() {
    JsonNode trace =
        trace(
            timeline(
                "squares \"x\"",
                JobState.FAILED,
                2,
                List.of(bar(7, 0.25, 0.5, 0, 0, 1), bar(8, 0.5, 0.75, 10, 3, 2))));

    List<JsonNode> events = trace.get("traceEvents").valueStream().toList();
    assertThat(events)
        .extracting(event -> event.get("ph").stringValue())
        .containsExactly("M", "M", "X", "M", "X");
    assertThat(events.get(0).at("/args/name").stringValue()).isEqualTo("squares \"x\" · square");
    assertThat(events.get(1).at("/args/name").stringValue()).isEqualTo("worker 7 (pid 4007)");
    assertThat(events.get(2).get("ts").longValue()).isEqualTo(250_000);
    assertThat(events.get(2).get("dur").longValue()).isEqualTo(250_000);
    assertThat(events.get(2).get("tid").longValue()).isEqualTo(7);
    assertThat(events.get(4).get("name").stringValue()).isEqualTo("items 10–19");
    assertThat(events.get(4).get("cat").stringValue()).isEqualTo("chunk,failed,retried");
    assertThat(events.get(4).at("/args/failed").longValue()).isEqualTo(3);
    assertThat(trace.at("/otherData/state").stringValue()).isEqualTo("FAILED");
  }

  @Test
  void aJobThatHasNotBegunHasATraceWithoutSlices() {
    JsonNode trace = trace(timeline("", JobState.QUEUED, 0, List.of()));

    assertThat(trace.get("traceEvents")).hasSize(1);
  }

  private static JsonNode trace(Timeline timeline) {
    var out = new ByteArrayOutputStream();
    TimelineTrace.write(timeline, JSON, out);
    return JSON.readTree(out.toByteArray());
  }
}
