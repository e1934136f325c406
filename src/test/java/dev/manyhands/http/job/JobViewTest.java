package dev.manyhands.http.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.ChunkSizes;
import dev.manyhands.model.Failures;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.JobStatus.Resumption;
import dev.manyhands.model.Tally;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/** The figures of a job that people read. */
class JobViewTest {
  private static final Instant START = Instant.parse("2026-11-21T10:00:00Z");

  @Test
  void theSpeedOfARunningJobCountsFromItsStart() {
    var progress = view(running(60, null), START.plusSeconds(30)).progress();

    assertThat(progress.itemsPerSecond()).isEqualTo(2);
    assertThat(progress.etaSeconds()).isEqualTo(20);
    assertThat(progress.fraction()).isEqualTo(0.6);
  }

  @Test
  void theSpeedOfATakenOverJobLeavesOutTheDowntime() {
    Instant at = START.plusSeconds(3_600);
    var taken = new Resumption(at, 40);

    var view = view(running(60, taken), at.plusSeconds(10));

    assertThat(view.progress().itemsPerSecond()).isEqualTo(2);
    assertThat(view.progress().etaSeconds()).isEqualTo(20);
    assertThat(view.elapsedSeconds()).isEqualTo(3_610);
  }

  @Test
  void aTakenOverJobHasNoSpeedBeforeAnythingRan() {
    Instant at = START.plusSeconds(3_600);

    var progress = view(running(40, new Resumption(at, 40)), at.plusSeconds(10)).progress();

    assertThat(progress.itemsPerSecond()).isNull();
    assertThat(progress.etaSeconds()).isNull();
  }

  @Test
  void aPausedJobHasNoSpeed() {
    var progress = view(running(60, null), START.plusSeconds(30), true).progress();

    assertThat(progress.itemsPerSecond()).isNull();
    assertThat(progress.etaSeconds()).isNull();
    assertThat(progress.fraction()).isEqualTo(0.6);
  }

  @Test
  void aJobThatEndedBeforeItsStartHasNoFraction() {
    for (JobState state : List.of(JobState.FAILED, JobState.CANCELLED)) {
      assertThat(ended(state, null, 100, 100).fraction()).isNull();
      assertThat(ended(state, START, 100, 100).fraction()).isEqualTo(1);
    }
    assertThat(ended(JobState.SUCCEEDED, null, 0, 0).fraction()).as("no items").isEqualTo(1);
  }

  /** The writer names each member by hand. A new one must not be forgotten there. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theWriterWritesAllMembersInTheOrderOfTheRecord(boolean everything) {
    JobView view = view(running(60, null), START.plusSeconds(30));
    if (everything) {
      view = withEverything();
    }

    String byHand = mapper().build().writeValueAsString(view);

    String byReflection =
        mapper().addMixIn(JobView.class, ByReflection.class).build().writeValueAsString(view);
    assertThat(byHand).isEqualTo(byReflection);
  }

  private static JsonMapper.Builder mapper() {
    return JsonMapper.builder().disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS);
  }

  /** Takes the writer away. */
  @JsonSerialize
  private interface ByReflection {}

  private static JobView withEverything() {
    var status =
        JobStatus.builder(JobState.FAILED, new Tally(100, 60, 30, 10, 5, 1.25, 7, 3))
            .startedAt(START.plusMillis(1))
            .finishedAt(START.plusSeconds(10))
            .workersUsed(2)
            .stopReason("maxFailures")
            .error(new JobError("KIND", "a message", "a traceback"))
            .chunkSizes(new ChunkSizes(1, 40, Map.of(ChunkSizes.Why.FIRST, 5L)))
            .failures(
                Failures.NONE.plus(
                    List.of(new ItemError(4, ItemError.Kind.OOM, "M", "a \"message\"", null, 1))))
            .build();
    var function = new Function("f", "sha256:0", new FunctionDefinition.Python("", "f"));
    var spec =
        JobSpec.builder(function, new Inputs.Listed(100))
            .name("a \"name\"")
            .description("free\ntext \u00e9")
            .workers(2)
            .threads(3)
            .memory(512_000_000L)
            .maxFailuresPercent(5.5)
            .seed(-1L)
            .priority(9)
            .ttl(Duration.ofSeconds(90))
            .parent(new JobId(new UUID(2, 2)))
            .start(new JobSpec.Start(List.of(new JobId(new UUID(3, 3))), START.plusSeconds(5)))
            .labels(Map.of("key", "value"))
            .build();
    var job = new Job(new JobId(new UUID(1, 1)), spec, START, status);
    return JobView.of(job.summary(), START.plusSeconds(20), "[1,{\"a\":2}]", List.of("a note"));
  }

  private static JobView.Progress ended(
      JobState state, @Nullable Instant startedAt, long total, long skipped) {
    var status =
        JobStatus.builder(state, new Tally(total, 0, 0, skipped, 0, 0, 0, 0))
            .startedAt(startedAt)
            .finishedAt(START.plusSeconds(10))
            .build();
    return view(status, START.plusSeconds(20)).progress();
  }

  private static JobStatus running(long succeeded, @Nullable Resumption resumption) {
    return JobStatus.builder(JobState.RUNNING, new Tally(100, succeeded, 0, 0, 5, 1, 0, 0))
        .startedAt(START)
        .chunksRunning(1)
        .workersUsed(1)
        .resumption(resumption)
        .build();
  }

  private static JobView view(JobStatus status, Instant now) {
    return view(status, now, false);
  }

  private static JobView view(JobStatus status, Instant now, boolean paused) {
    var function = new Function("f", "sha256:0", new FunctionDefinition.Python("", "f"));
    var spec = JobSpec.builder(function, new Inputs.Listed(100)).paused(paused).build();
    var job = new Job(new JobId(new UUID(1, 1)), spec, START, status);
    return JobView.of(job.summary(), now, null);
  }
}
