package dev.manyhands.engine.scheduler;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Partials are merged by the caller as long as they are short, and elsewhere from then on. */
class ReductionsTest {
  private static final String LONG_NUMBER = "7".repeat(Reductions.SHORT_BYTES);

  private final ArrayDeque<Runnable> handedOver = new ArrayDeque<>();
  private final Reductions reductions = new Reductions(handedOver::add, Reductions.SHORT_BYTES);

  @Test
  void shortPartialsAreMergedAtOnce() {
    var job = begun(Reduce.SUM);
    assertThat(merge(job, "[2,3]")).isCompleted();
    assertThat(merge(job, "[1,4]")).isCompleted();
    assertThat(finish(job)).isCompleted();
    assertThat(handedOver).isEmpty();
  }

  @Test
  void fromTheFirstLongPartialOnAllIsHandedOverInOrder() {
    var job = begun(Reduce.MAX);
    var other = begun(Reduce.MAX);
    merge(job, "[1,0,3]");
    var longOne = merge(job, "[1,1," + LONG_NUMBER + "]");
    var shortOne = merge(job, "[1,2,9]");
    var end = finish(job);
    assertThat(List.of(longOne, shortOne, end)).noneMatch(CompletableFuture::isDone);
    assertThat(merge(other, "[1,0,8]")).isCompleted();
    assertThat(finish(other).join().status().result()).isEqualTo("8");
    handedOver.forEach(Runnable::run);
    assertThat(longOne).isCompleted();
    assertThat(shortOne).isCompleted();
    assertThat(end.join().status().result()).isEqualTo(LONG_NUMBER);
  }

  @Test
  void whatAnEarlierServiceHasLeftIsMergedWithTheRest() {
    var job = begun(Reduce.SUM);
    reductions.merge(job.id(), List.of("[2,3]".getBytes(UTF_8), "null".getBytes(UTF_8)));
    merge(job, "[1,4]");
    assertThat(finish(job).join().status().result()).isEqualTo("7");
  }

  @Test
  void aJobThatKeepsAllItsResultsHasNoReduction() {
    var job = begun(Reduce.LIST);
    assertThat(merge(job, LONG_NUMBER)).isCompleted();
    var end = finish(job);
    assertThat(end).isCompleted();
    assertThat(end.join().status()).isEqualTo(ended(JobState.SUCCEEDED));
    assertThat(handedOver).isEmpty();
  }

  @Test
  void aReductionThatFailsFailsItsJobAndNoOther() {
    var bad = begun(Reduce.SUM);
    var good = begun(Reduce.SUM);
    merge(bad, "[1," + LONG_NUMBER + "]");
    var failed = merge(bad, "[1,null]");
    var after = merge(bad, "[1,5]");
    var end = finish(bad);
    merge(good, "[1," + LONG_NUMBER + "]");
    var goodEnd = finish(good);
    handedOver.forEach(Runnable::run);
    assertThat(failed).isCompletedExceptionally();
    assertThat(after).isCompletedExceptionally();
    JobStatus status = end.join().status();
    assertThat(status.state()).isEqualTo(JobState.FAILED);
    assertThat(status.stopReason()).isEqualTo("notReduced");
    assertThat(status.result()).isNull();
    assertThat(status.error()).isNotNull();
    assertThat(status.error().kind()).isEqualTo("NOT_REDUCED");
    assertThat(goodEnd.join().status().result()).isEqualTo(LONG_NUMBER);
  }

  @Test
  void aSumBeyondTheDoublesIsNoResultAndSaysWhy() {
    var job = begun(Reduce.SUM);
    merge(job, "[1,0,1.5e308]");
    merge(job, "[1,0,1.5e308]");
    JobStatus status = finish(job).join().status();
    assertThat(status.state()).isEqualTo(JobState.FAILED);
    assertThat(status.stopReason()).isEqualTo("notReduced");
    assertThat(status.error()).isNotNull();
    assertThat(status.error().kind()).isEqualTo("NOT_REDUCED");
    assertThat(status.error().message()).contains("beyond the doubles");
  }

  @Test
  void anErrorOfTheCallersOwnMergeGoesNoFurther() {
    var job = begun(Reduce.SUM);
    assertThat(merge(job, "[1,null]")).isCompletedExceptionally();
    assertThat(finish(job).join().status().state()).isEqualTo(JobState.FAILED);
  }

  @ParameterizedTest
  @EnumSource(names = {"CANCELLED", "FAILED"})
  void whatHasEndedForAnotherReasonKeepsIt(JobState state) {
    var job = begun(Reduce.SUM);
    merge(job, "[1,null]");
    var end = reductions.finish(new Action.Finish(job.id(), 1, ended(state)), true).join();
    assertThat(end.status()).isEqualTo(ended(state));
  }

  @Test
  void onlyThisGrantIsForgotten() {
    var job = begun(Reduce.SUM);
    merge(job, "[2,3]");
    reductions.forget(job.id(), 0);
    assertThat(finish(job).join().status().result()).isEqualTo("3");
    var lost = begun(Reduce.SUM);
    reductions.forget(lost.id(), 1);
    assertThat(finish(lost).join().status().result()).isNull();
    assertThat(finish(lost).join().status().state()).isEqualTo(JobState.FAILED);
  }

  private CompletableFuture<?> merge(Job job, String partial) {
    return reductions.merge(job.id(), List.of(partial.getBytes(UTF_8)));
  }

  private CompletableFuture<Action.Finish> finish(Job job) {
    return reductions.finish(
        new Action.Finish(job.id(), 1, ended(JobState.SUCCEEDED)),
        job.spec().reduce() != Reduce.LIST);
  }

  private static JobStatus ended(JobState state) {
    var queued = JobStatus.queued(3);
    return JobStatus.builder(state, queued.tally())
        .startedAt(Instant.EPOCH)
        .finishedAt(Instant.EPOCH)
        .workersUsed(1)
        .chunkSizes(queued.chunkSizes())
        .build();
  }

  private Job begun(Reduce reduce) {
    var function = new Function("f", "sha256:0", new FunctionDefinition.Python("", "f"));
    var spec =
        JobSpec.builder(function, new Inputs.Listed(3))
            .reduce(reduce)
            .retry(new JobSpec.Retry(1, 1, 1, Duration.ZERO))
            .build();
    var job = new Job(new JobId(UUID.randomUUID()), spec, Instant.EPOCH, JobStatus.queued(3));
    reductions.begin(job, 1);
    return job;
  }
}
