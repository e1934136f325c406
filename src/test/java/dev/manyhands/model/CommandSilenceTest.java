package dev.manyhands.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CommandSilenceTest {
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
  private static final Instant LATER = START.plusSeconds(100);

  /**
   * Tests a job of two items that started at {@link #START}, and ended {@code seconds} seconds
   * later.
   */
  private static boolean isSeen(
      JobState state, @Nullable Integer seconds, @Nullable String stopReason, long failed) {
    return isSeen(state, seconds, stopReason, failed, 10);
  }

  private static boolean isSeen(
      JobState state,
      @Nullable Integer seconds,
      @Nullable String stopReason,
      long failed,
      int silent) {
    var command = new FunctionDefinition.Command(List.of("f"), FunctionDefinition.Protocol.LINES);
    var spec = JobSpec.of(new Function("f", "f", command), new Inputs.Listed(2));
    long skipped = seconds == null ? 0 : 2 - failed;
    var status =
        JobStatus.builder(state, new Tally(2, 0, failed, skipped, 0, 0, 0, 0))
            .startedAt(START)
            .finishedAt(seconds == null ? null : START.plusSeconds(seconds))
            .workersUsed(1)
            .stopReason(stopReason)
            .build();
    var job = new Job(new JobId(new UUID(0, 1)), spec, START, status);
    return CommandSilence.isSeenIn(job, Duration.ofSeconds(silent), LATER);
  }

  @Test
  void aJobThatWasEndedWithoutAnAnswerStillSaysSo() {
    assertThat(isSeen(JobState.RUNNING, null, null, 0)).isTrue();
    assertThat(isSeen(JobState.CANCELLED, 10, "cancelled", 0)).isTrue();
    assertThat(isSeen(JobState.FAILED, 10, "timeout", 0)).isTrue();
  }

  @Test
  void aJobOfWhichNoWorkerIsSilentSaysNothing() {
    assertThat(isSeen(JobState.RUNNING, null, null, 0, 9)).as("it ended by itself").isFalse();
    assertThat(isSeen(JobState.RUNNING, null, null, 0, 0)).as("items wait").isFalse();
  }

  @Test
  void aJobThatEndedOtherwiseSaysNothing() {
    assertThat(isSeen(JobState.CANCELLED, 9, "cancelled", 0)).as("soon").isFalse();
    assertThat(isSeen(JobState.CANCELLED, 10, "cancelled", 1)).as("an answer").isFalse();
    assertThat(isSeen(JobState.FAILED, 10, "functionNotLoaded", 0)).as("no command").isFalse();
    assertThat(isSeen(JobState.SUCCEEDED, 10, null, 0)).isFalse();
  }
}
