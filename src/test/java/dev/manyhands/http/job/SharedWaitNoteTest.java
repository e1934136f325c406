package dev.manyhands.http.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.shared.SharedWaits;
import dev.manyhands.engine.worker.WorkerState;
import dev.manyhands.engine.worker.WorkerView;
import dev.manyhands.model.FunctionRuntime;
import dev.manyhands.model.JobId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SharedWaitNoteTest {
  private static final JobId JOB = JobId.next(Clock.systemUTC(), new Random(1));
  private static final JobId OTHER = JobId.next(Clock.systemUTC(), new Random(2));

  @Test
  void allBusyWorkersWait() {
    var workers = List.of(worker(1, JOB), worker(2, JOB), worker(3, OTHER), worker(4, null));
    var waits = new SharedWaits(Set.of(1L, 2L), Map.of("todo", 3), Duration.ofSeconds(12));
    assertThat(SharedWaitNote.of(JOB, workers, waits))
        .hasValueSatisfying(text -> assertThat(text).contains("for 12 s", "todo (3)"));
  }

  @Test
  void aWorkerComputes() {
    var workers = List.of(worker(1, JOB), worker(2, JOB));
    var waits = new SharedWaits(Set.of(1L), Map.of("todo", 1), Duration.ofSeconds(12));
    assertThat(SharedWaitNote.of(JOB, workers, waits)).isEmpty();
  }

  @Test
  void theWaitIsShort() {
    var waits = new SharedWaits(Set.of(1L), Map.of("todo", 1), Duration.ofSeconds(9));
    assertThat(SharedWaitNote.of(JOB, List.of(worker(1, JOB)), waits)).isEmpty();
  }

  @Test
  void noCallWaits() {
    var waits = new SharedWaits(Set.of(), Map.of(), Duration.ofHours(1));
    assertThat(SharedWaitNote.of(JOB, List.of(worker(1, JOB)), waits)).isEmpty();
  }

  private static WorkerView worker(long id, JobId job) {
    return new WorkerView(
        id,
        100 + id,
        FunctionRuntime.PYTHON,
        "python 3",
        job == null ? WorkerState.IDLE : WorkerState.BUSY,
        "f",
        job,
        null,
        0,
        0,
        0,
        0,
        Instant.EPOCH,
        Duration.ZERO);
  }
}
