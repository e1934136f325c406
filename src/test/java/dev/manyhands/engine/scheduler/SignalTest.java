package dev.manyhands.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Tests which events wake the readers of a job. */
class SignalTest {
  private final JobBoard board = new JobBoard();
  private final Job job =
      new Job(
          new JobId(new UUID(0, 1)),
          JobSpec.of(
              new Function("f", "sha256:1", new Python("def f(x): pass", "f")),
              new Inputs.Listed(1)),
          Instant.EPOCH,
          JobStatus.queued(1));

  @Test
  void aWaitIsForTheNextEvent() {
    var signal = new Signal();
    signal.fire();
    var first = signal.next();
    assertThat(first).isNotDone().isSameAs(signal.next());
    signal.fire();
    assertThat(first).isCompleted();
    assertThat(signal.next()).isNotDone();
  }

  @Test
  void aReaderOfOutcomesIsWokenByCommitsAndNotByNewStatuses() {
    board.add(job);
    var stored = board.nextStored(job.id());
    var changed = board.changed(job.id());
    board.publish(job.id(), job.status());
    assertThat(changed).isCompleted();
    assertThat(stored).isNotDone();
    board.stored(job.id());
    assertThat(stored).isCompleted();
  }

  @Test
  void aReaderOfOutcomesIsWokenByTheEndAndByAStop() {
    board.add(job);
    var stopped = board.nextStored(job.id());
    board.close();
    assertThat(stopped).isCompleted();
    var ended = board.nextStored(job.id());
    assertThat(ended).isNotDone();
    board.remove(job.id(), job.status());
    assertThat(ended).isCompleted();
    assertThat(board.nextStored(job.id())).isCompleted();
  }
}
