package dev.manyhands.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.job.Function;
import dev.manyhands.job.FunctionDefinition;
import dev.manyhands.job.Inputs;
import dev.manyhands.job.ItemError;
import dev.manyhands.job.ItemRange;
import dev.manyhands.job.JobSpec;
import dev.manyhands.job.Outcomes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportsTest {
  @Test
  void whatDoesNotCombineStandsAloneToBeTriedAgainAsWhatFailed() {
    var raised = new ItemError(4, ItemError.Kind.ERROR, "ValueError", "", null, 1);
    var parts = Reports.of(sum(2), report("1,\"a\",2,3,null,4", raised));
    assertThat(parts.stream().map(Outcomes::items))
        .containsExactly(
            new ItemRange(0, 1),
            new ItemRange(1, 2),
            new ItemRange(2, 4),
            new ItemRange(4, 5),
            new ItemRange(5, 6));
    assertThat(parts.stream().flatMap(part -> part.errors().stream()).map(ItemError::type))
        .containsExactly("NotCombinable", "ValueError");
    assertThat(parts.stream().map(part -> part.cost().run()).mapToDouble(run -> run).sum())
        .isEqualTo(6);
  }

  @Test
  void whatIsNotTriedAgainStaysInOnePiece() {
    var parts = Reports.of(sum(1), report("1,\"a\",2"));
    assertThat(parts).hasSize(1);
    assertThat(parts.getFirst().errors()).extracting(ItemError::index).containsExactly(1L);
    assertThat(new String(parts.getFirst().values(), StandardCharsets.UTF_8)).isEqualTo("[2,3]");
  }

  private static Outcomes report(String values, ItemError... errors) {
    int count = values.split(",").length;
    return new Outcomes(
        new ItemRange(0, count),
        values.getBytes(StandardCharsets.UTF_8),
        List.of(errors),
        new Outcomes.Cost(count, 0, 0));
  }

  private static JobSpec sum(int errorAttempts) {
    var function =
        new Function("f", "sha256:0", new FunctionDefinition.Python("def f(x): return x", "f"));
    var plain = JobSpec.of(function, new Inputs.Listed(3));
    return new JobSpec(
        plain.name(),
        plain.function(),
        plain.inputs(),
        plain.call(),
        null,
        null,
        1,
        plain.chunking(),
        JobSpec.Reduce.SUM,
        null,
        new JobSpec.Retry(2, 1, errorAttempts, Duration.ZERO),
        plain.timeouts(),
        0,
        null,
        plain.onError(),
        null,
        plain.priority(),
        false,
        false,
        plain.start(),
        null,
        null,
        null,
        Map.of());
  }
}
