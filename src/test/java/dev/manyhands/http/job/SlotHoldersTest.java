package dev.manyhands.http.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.scheduler.AloneTurn;
import dev.manyhands.engine.worker.WorkerState;
import dev.manyhands.engine.worker.WorkerView;
import dev.manyhands.model.FunctionRuntime;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Tally;
import dev.manyhands.store.sql.TestJobs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SlotHoldersTest {
  private static final JobId HANGS = new JobId(new UUID(0, 1));
  private static final JobId WORKS = new JobId(new UUID(0, 2));

  private final Job queued = new TestJobs().job(5);
  private final Instant later = queued.submittedAt().plusSeconds(10);

  private Optional<AloneTurn> alone = Optional.empty();

  /** Whether anybody looked at the workers. */
  private boolean looked;

  private Optional<String> note(Job job, Instant now, WorkerView... workers) {
    looked = false;
    return new SlotHolders(
            2,
            () -> {
              looked = true;
              return List.of(workers);
            },
            () -> alone)
        .noteFor(job, now);
  }

  private static WorkerView worker(@Nullable JobId job, long silentSeconds) {
    return new WorkerView(
        1,
        1,
        FunctionRuntime.COMMAND,
        "",
        job == null ? WorkerState.IDLE : WorkerState.BUSY,
        "f",
        job,
        null,
        0,
        0,
        0,
        0,
        Instant.EPOCH,
        Duration.ofSeconds(silentSeconds));
  }

  private Job with(JobState state, int chunksRunning) {
    return queued.withStatus(
        JobStatus.builder(state, Tally.ofTotal(5)).chunksRunning(chunksRunning).build());
  }

  @Test
  void aJobThatHasWaitedIsToldWhichJobsHoldTheSlotsLongestSilentFirst() {
    assertThat(note(queued, later, worker(WORKS, 2), worker(HANGS, 31)))
        .hasValueSatisfying(text ->
            assertThat(text)
                .startsWith(
                    "Waits for a slot: other jobs hold all 2 (job "
                        + HANGS
                        + " holds 1 and has reported nothing on it for 31 s; job "
                        + WORKS
                        + " holds 1 and is at work). "));
  }

  @Test
  void aJobThatHoldsSeveralSlotsIsNamedOnceAndManyHoldersAreCounted() {
    var many = new ArrayList<WorkerView>(List.of(worker(HANGS, 31), worker(HANGS, 12)));
    for (int job = 10; job < 15; job++) {
      many.add(worker(new JobId(new UUID(0, job)), 1));
    }
    assertThat(note(queued, later, many.toArray(WorkerView[]::new)))
        .hasValueSatisfying(text ->
            assertThat(text)
                .contains(HANGS + " holds 2 and has reported nothing on one of them for 31 s")
                .contains("; and 3 jobs more). "));
  }

  @Test
  void nothingIsSaidEarlyOrWhereThereIsAFreeSlot() {
    WorkerView[] all = {worker(HANGS, 31), worker(HANGS, 31)};
    assertThat(note(queued, later.minusMillis(1), all)).isEmpty();
    assertThat(note(queued, later, worker(HANGS, 31), worker(null, 0))).isEmpty();
    assertThat(note(queued, later, worker(HANGS, 31))).isEmpty();
    assertThat(note(queued, later, worker(HANGS, 31), worker(queued.id(), 0))).isEmpty();
  }

  @Test
  void aJobThatWaitsForASuspectedJobIsToldOfItAlsoWhereSlotsAreFree() {
    alone = Optional.of(new AloneTurn(HANGS, true));
    assertThat(note(queued, later, worker(HANGS, 31)))
        .hasValueSatisfying(text ->
            assertThat(text)
                .startsWith("Waits for job " + HANGS + ": an item of that job may have ended the")
                .contains("run alone", "it has reported nothing for 31 s", "/cancel"));
    alone = Optional.of(new AloneTurn(HANGS, false));
    assertThat(note(queued, later, worker(WORKS, 1)))
        .hasValueSatisfying(text ->
            assertThat(text).contains("the turn of job " + HANGS, "free slots are kept for it"));
    assertThat(note(queued, later.minusMillis(1), worker(WORKS, 1))).as("soon").isEmpty();
    alone = Optional.of(new AloneTurn(queued.id(), false));
    assertThat(note(queued, later, worker(WORKS, 1))).as("its own turn").isEmpty();
  }

  @Test
  void aJobInItsBackoffWaitsForNoSlot() {
    Job backsOff =
        queued.withStatus(
            JobStatus.builder(JobState.RUNNING, Tally.ofTotal(5)).backsOff(true).build());
    assertThat(note(backsOff, later, worker(HANGS, 31), worker(HANGS, 31))).isEmpty();
  }

  @Test
  void workersAreLookedAtOnlyForAJobThatMayWait() {
    for (Job job :
        List.of(
            with(JobState.WAITING, 0), with(JobState.RUNNING, 1), with(JobState.CANCELLED, 0))) {
      assertThat(note(job, later, worker(HANGS, 31), worker(HANGS, 31))).isEmpty();
      assertThat(looked).isFalse();
    }
  }

  @Test
  void aJobThatHasRunBeforeIsToldOnceNoSlotWasFreedForLong() {
    Job running = with(JobState.RUNNING, 0);
    assertThat(note(running, later, worker(HANGS, 31), worker(WORKS, 9))).isEmpty();
    assertThat(note(running, later, worker(HANGS, 31), worker(WORKS, 10))).isPresent();
  }
}
