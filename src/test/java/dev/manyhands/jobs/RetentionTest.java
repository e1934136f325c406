package dev.manyhands.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Inputs;
import dev.manyhands.model.InputsOwner;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.sql.DatabaseKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Jobs are forgotten when their time after the end is over, and not before. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class RetentionTest {
  private final Flow flow;
  private final ArrayList<JobId> forgotten = new ArrayList<>();
  private final Retention retention;

  RetentionTest(DatabaseKind kind) throws IOException {
    this.flow = new Flow(kind);
    this.retention = new Retention(flow.store, forgotten::add, () -> {}, flow.clock);
  }

  @AfterEach
  void stop() {
    flow.close();
  }

  private Job withTtl(@Nullable Duration ttl) {
    return flow.submitted(new Inputs.Listed(1), JobSpec.Start.AT_ONCE, ttl, JobSpec.Reduce.LIST);
  }

  @Test
  void aJobIsKeptForItsTimeAfterItsEnd() {
    Job minute = withTtl(Duration.ofMinutes(1));
    Job hour = withTtl(Duration.ofHours(1));
    Job ever = withTtl(null);
    flow.clock.advance(Duration.ofHours(2)); // it is the end that counts
    assertThat(retention.forgetExpired()).isFalse();
    for (Job job : new Job[] {minute, hour, ever}) {
      flow.end(job, JobState.SUCCEEDED, 1, null);
    }
    flow.clock.advance(Duration.ofMinutes(1).minusMillis(1));
    retention.forgetExpired();
    assertThat(forgotten).isEmpty();
    flow.clock.advance(Duration.ofMillis(1));
    retention.forgetExpired();
    assertThat(forgotten).containsExactly(minute.id());
    assertThat(flow.store.find(minute.id())).isEmpty();
    flow.clock.advance(Duration.ofDays(300));
    retention.forgetExpired();
    assertThat(forgotten).containsExactly(minute.id(), hour.id());
    assertThat(flow.store.find(ever.id())).isPresent();
  }

  @Test
  void failedAndCancelledJobsAreForgottenToo() {
    Job failed = withTtl(Duration.ofSeconds(1));
    flow.end(failed, JobState.FAILED);
    Job cancelled = withTtl(Duration.ofSeconds(1));
    flow.end(cancelled, JobState.CANCELLED);
    flow.clock.advance(Duration.ofSeconds(1));
    retention.forgetExpired();
    assertThat(forgotten).containsExactlyInAnyOrder(failed.id(), cancelled.id());
  }

  @Test
  void whatHasNotEndedIsKeptHoweverOld() {
    Job job = withTtl(Duration.ofMillis(1));
    flow.clock.advance(Duration.ofDays(1_000));
    retention.forgetExpired();
    assertThat(forgotten).isEmpty();
    assertThat(flow.store.find(job.id())).isPresent();
  }

  @Test
  void manyAreForgottenInTurns() {
    for (int i = 0; i < 510; i++) {
      flow.end(withTtl(Duration.ofSeconds(1)), JobState.SUCCEEDED);
    }
    flow.clock.advance(Duration.ofSeconds(1));
    assertThat(retention.forgetExpired()).as("there may be more").isTrue();
    assertThat(retention.forgetExpired()).isFalse();
    assertThat(forgotten).hasSize(510).doesNotHaveDuplicates();
  }

  @Test
  void aClockThatJumpsForgetsNothingTooSoon() {
    Job job = withTtl(Duration.ofHours(1));
    flow.end(job, JobState.SUCCEEDED, 1, null);
    flow.clock.advance(Duration.ofDays(-2));
    retention.forgetExpired();
    assertThat(forgotten).isEmpty();

    flow.clock.advance(Duration.ofDays(10));
    Job ahead = withTtl(Duration.ofHours(1));
    flow.end(ahead, JobState.SUCCEEDED, 1, null);
    flow.clock.advance(Duration.ofDays(-8));
    retention.forgetExpired();
    assertThat(forgotten).as("what was not looked at while ahead").isEmpty();

    flow.clock.advance(Duration.ofHours(1));
    retention.forgetExpired();
    assertThat(forgotten).containsExactly(job.id());
    flow.clock.advance(Duration.ofDays(8));
    retention.forgetExpired();
    assertThat(forgotten).containsExactly(job.id(), ahead.id());
  }

  @Test
  void aJobIsNotForgottenWhileItIsRead() {
    Job job = withTtl(Duration.ofSeconds(1));
    Job other = withTtl(Duration.ofSeconds(1));
    flow.end(job, JobState.SUCCEEDED, 1, null);
    flow.end(other, JobState.SUCCEEDED, 1, null);
    var first = flow.store.keep(job.id());
    var second = flow.store.keep(job.id());
    flow.clock.advance(Duration.ofHours(1));
    retention.forgetExpired();
    assertThat(forgotten).containsExactly(other.id());
    first.close();
    first.close(); // changes nothing
    retention.forgetExpired();
    assertThat(forgotten).containsExactly(other.id());
    second.close();
    retention.forgetExpired();
    assertThat(forgotten).containsExactly(other.id(), job.id());
  }

  @Test
  void aReaderKeepsAJobForADayAtMost() {
    Job job = withTtl(Duration.ofSeconds(1));
    flow.end(job, JobState.SUCCEEDED, 1, null);
    try (var _ = flow.store.keep(job.id())) {
      flow.clock.advance(Duration.ofDays(1).minusSeconds(1));
      retention.forgetExpired();
      assertThat(forgotten).isEmpty();
      flow.clock.advance(Duration.ofSeconds(1));
      retention.forgetExpired();
      assertThat(forgotten).containsExactly(job.id());
    }
  }

  @Test
  void aUserDeletesAJobThatIsRead() {
    Job job = withTtl(null);
    flow.end(job, JobState.SUCCEEDED, 1, null);
    try (var _ = flow.store.keep(job.id())) {
      assertThat(flow.store.delete(job.id()).join()).isTrue();
    }
  }

  @Test
  void readersKeepNoOtherJobs() {
    for (int i = 0; i < 510; i++) {
      Job job = withTtl(Duration.ofSeconds(1));
      flow.end(job, JobState.SUCCEEDED);
      var _ = flow.store.keep(job.id());
    }
    Job last = withTtl(Duration.ofSeconds(1));
    flow.end(last, JobState.SUCCEEDED);
    flow.clock.advance(Duration.ofSeconds(1));
    assertThat(retention.forgetExpired()).as("there may be more").isFalse();
    assertThat(forgotten).containsExactly(last.id());
  }

  @Test
  void aJobIsKeptUntilItsResultsAreInputs() {
    Job source = withTtl(Duration.ofSeconds(1));
    Job before = withTtl(Duration.ofSeconds(1));
    var start = new JobSpec.Start(List.of(before.id()), null);
    Job waiting = flow.submitted(new Inputs.Results(source.id()), start, null, JobSpec.Reduce.LIST);
    flow.end(source, JobState.SUCCEEDED, 1, null);
    flow.end(before, JobState.SUCCEEDED, 1, null);
    flow.clock.advance(Duration.ofHours(1));
    retention.forgetExpired();
    assertThat(forgotten).as("one that was only waited for").containsExactly(before.id());
    flow.store.queue(waiting.id(), JobStore.FIRST_VERSION).join();
    retention.forgetExpired();
    assertThat(forgotten).containsExactly(before.id());
    flow.store.closeInputs(waiting.id(), InputsOwner.FEED).join();
    retention.forgetExpired();
    assertThat(forgotten).containsExactly(before.id(), source.id());
  }
}
