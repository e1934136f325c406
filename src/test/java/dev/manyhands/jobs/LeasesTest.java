package dev.manyhands.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeasesTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L); // wraps around
  private final JobBoard board = new JobBoard();
  private final List<JobId> abandoned = new ArrayList<>();
  private final Leases leases = new Leases(board, abandoned::add, nanos::get);

  @Test
  void aJobIsAbandonedOnceNobodyHasAskedForTheIdleTime() {
    Job job = begin(1, Duration.ofSeconds(60));
    pass(59.9);
    assertThat(abandoned).isEmpty();
    pass(0.1);
    assertThat(abandoned).containsExactly(job.id());
  }

  @Test
  void eachRequestBeginsTheTimeAnew() {
    Job job = begin(1, Duration.ofSeconds(60));
    for (int i = 0; i < 3; i++) {
      pass(50);
      leases.use(job.id()).close();
    }
    pass(59);
    assertThat(abandoned).isEmpty();
    pass(1);
    assertThat(abandoned).containsExactly(job.id());
  }

  @Test
  void aStreamThatIsFollowedUsesTheLease() {
    Job job = begin(1, Duration.ofSeconds(60));
    try (var _ = leases.use(job.id())) {
      leases.use(job.id()).close();
      pass(1_000);
      assertThat(abandoned).isEmpty();
    }
    pass(60);
    assertThat(abandoned).containsExactly(job.id());
  }

  @Test
  void jobsWithoutLeaseOrWithClosedInputsAreNeverAbandoned() {
    begin(1, null);
    Job closed = begin(2, Duration.ofSeconds(60));
    board.remove(closed.id(), closed.status());
    pass(1_000);
    assertThat(abandoned).isEmpty();
  }

  private Job begin(int number, Duration idle) {
    var function = new Function("f", "sha256:0", new FunctionDefinition.Python("", "f"));
    var job =
        new Job(
            new JobId(new UUID(1, number)),
            JobSpec.of(function, new Inputs.Open(false, idle)),
            Instant.EPOCH,
            JobStatus.queued(0, true));
    board.add(job);
    leases.begin(job);
    return job;
  }

  private void pass(double seconds) {
    nanos.addAndGet((long) (seconds * 1e9));
    leases.look();
  }
}
