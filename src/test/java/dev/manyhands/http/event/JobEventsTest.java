package dev.manyhands.http.event;

import static dev.manyhands.model.JobState.CANCELLED;
import static dev.manyhands.model.JobState.FAILED;
import static dev.manyhands.model.JobState.QUEUED;
import static dev.manyhands.model.JobState.RUNNING;
import static dev.manyhands.model.JobState.SUCCEEDED;
import static dev.manyhands.model.JobState.WAITING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Tally;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JobEventsTest {
  private static final Instant START = Instant.parse("2026-11-21T10:00:00Z");

  @Test
  void aReaderThatWasSlowIsToldOfEachStateOnTheWay() {
    assertThat(passed(WAITING, SUCCEEDED, START)).containsExactly(QUEUED, RUNNING, SUCCEEDED);
    assertThat(passed(WAITING, RUNNING, START)).containsExactly(QUEUED, RUNNING);
    assertThat(passed(QUEUED, FAILED, START)).containsExactly(RUNNING, FAILED);
    assertThat(passed(RUNNING, CANCELLED, START)).containsExactly(CANCELLED);
  }

  @Test
  void aJobThatNeverStartedWasNeverRunning() {
    assertThat(passed(QUEUED, CANCELLED, null)).containsExactly(CANCELLED);
    assertThat(passed(WAITING, FAILED, null)).containsExactly(FAILED);
    assertThat(passed(WAITING, QUEUED, null)).containsExactly(QUEUED);
  }

  @Test
  void whoComesNewIsToldOfThePresentStateOnly() {
    assertThat(passed(null, RUNNING, START)).containsExactly(RUNNING);
    assertThat(passed(RUNNING, RUNNING, START)).isEmpty();
  }

  private static List<JobState> passed(
      @Nullable JobState before, JobState now, @Nullable Instant startedAt) {
    return JobEvents.passed(
        before, JobStatus.builder(now, Tally.ofTotal(1)).startedAt(startedAt).build());
  }
}
