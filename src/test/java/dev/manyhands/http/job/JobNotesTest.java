package dev.manyhands.http.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.worker.sandbox.WorkerLimits;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.JobSpec;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobNotesTest {
  private static final int SLOTS = 4;

  @ParameterizedTest
  @CsvSource({
    // workers, memory of each, budget, how many run
    "3, 200, 1000, ",
    "3, , 1000, ",
    "4, 300, 1000, no more than 3 run",
    "4, 2000, 1000, no more than 1 run",
    "9, 100, 1000, no more than 4 run",
    "9, 300, 1000, no more than 3 run",
    "4, 2000, 0, ",
    ", 2000, 1000, ",
  })
  void workersThatNeverRunAtOnceAreNoted(
      @Nullable Integer workers, @Nullable Long memory, long budget, @Nullable String note) {
    var function = new Function("f", "sha256:0", new FunctionDefinition.Python("", "f"));
    var spec =
        JobSpec.builder(function, new Inputs.Listed(100)).workers(workers).memory(memory).build();
    var limits = new WorkerLimits(0, budget, 0, 0, 0, Duration.ZERO, 0);

    var noted = JobNotes.fewerWorkers(spec, SLOTS, limits);

    assertThat(noted.isPresent()).isEqualTo(note != null);
    if (note != null) {
      assertThat(noted).hasValueSatisfying(text -> assertThat(text).contains(note));
    }
  }
}
