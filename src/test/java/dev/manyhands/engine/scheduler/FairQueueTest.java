package dev.manyhands.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Tally;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class FairQueueTest {
  private static final double CHUNK = 0.2;

  private final FairQueue queue = new FairQueue();
  private final Map<JobRun, Double> served = new HashMap<>();
  private long sequence;

  private JobRun job(int priority) {
    var plain =
        JobSpec.of(
            new Function("f", "sha256:0", new FunctionDefinition.Python("", "f")),
            new Inputs.Range(0, 1, 1));
    var spec = plain.withControls(null, priority, 0, null, false);
    var id = new JobId(new UUID(0, sequence));
    var job = new Job(id, spec, Instant.EPOCH, JobStatus.queued(1));
    var run =
        new JobRun(new CoreEvent.Run(job, 1, List.of(), Tally.ofTotal(1)), sequence, Instant.EPOCH);
    sequence++;
    queue.enter(run);
    queue.setWaiting(run, true);
    served.put(run, 0.0);
    return run;
  }

  private JobRun job() {
    return job(JobSpec.DEFAULT_PRIORITY);
  }

  private JobRun serve(double seconds) {
    JobRun run = queue.next();
    queue.charge(run, seconds);
    queue.settle(run, seconds, seconds);
    served.merge(run, seconds, Double::sum);
    return run;
  }

  @Test
  void allGetTheSame() {
    var first = job();
    var second = job();
    for (int i = 0; i < 100; i++) {
      serve(CHUNK);
    }
    assertThat(served.get(first)).isEqualTo(served.get(second));
  }

  @Test
  void chunksOfOneMayBeLongerThanThoseOfAnother() {
    var longChunks = job();
    var shortChunks = job();
    for (int i = 0; i < 1_000; i++) {
      serve(queue.next() == longChunks ? CHUNK : CHUNK / 10);
    }
    assertThat(served.get(longChunks) / served.get(shortChunks)).isBetween(0.98, 1.02);
  }

  @Test
  void eachStepOfPriorityDoublesTheShare() {
    var low = job(4);
    var middle = job(5);
    var high = job(7);
    for (int i = 0; i < 1_100; i++) {
      serve(CHUNK);
    }
    assertThat(served.get(middle) / served.get(low)).isBetween(1.9, 2.1);
    assertThat(served.get(high) / served.get(low)).isBetween(7.7, 8.3);
  }

  @Test
  void whoComesGoesBeforeWhoHasWorkOnSlots() {
    var old = job();
    for (int i = 0; i < 10; i++) {
      serve(CHUNK);
    }
    queue.charge(old, CHUNK);
    queue.charge(old, CHUNK);
    // Queued ahead in a worker, and asked back unrun.
    queue.charge(old, CHUNK);
    queue.settle(old, CHUNK, 0);
    var young = job();
    // Until it has had as much as the old one has now.
    double before = served.get(young);
    while (queue.next() == young) {
      serve(CHUNK / 10);
    }
    assertThat(served.get(young) - before).isBetween(2 * CHUNK, 3 * CHUNK);
  }

  @Test
  void manyWhoComeDoNotKeepOneWaiting() {
    var old = job();
    serve(CHUNK);
    for (int i = 0; i < 1_000; i++) {
      if (i % 2 == 0) {
        job();
      }
      JobRun run = serve(CHUNK);
      if (run != old) {
        queue.setWaiting(run, false);
      }
    }
    assertThat(served.get(old)).isGreaterThan(CHUNK * 400);
  }

  @Test
  void whoWasAwayHasNoCredit() {
    var stays = job();
    var goes = job();
    queue.setWaiting(goes, false);
    for (int i = 0; i < 100; i++) {
      serve(CHUNK);
    }
    queue.setWaiting(goes, true);
    served.put(stays, 0.0);
    for (int i = 0; i < 100; i++) {
      serve(CHUNK);
    }
    assertThat(served.get(goes) / served.get(stays)).isBetween(0.95, 1.05);
  }
}
