package dev.manyhands.engine.scheduler;

import static dev.manyhands.model.ChunkSizes.Why.BEFORE_RESTART;
import static dev.manyhands.model.ChunkSizes.Why.FIRST;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.model.ChunkSizes;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.JobStatus.Resumption;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.Tally;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The figures of a job that the scheduler shows. */
class FiguresTest {
  private static final Instant START = Instant.parse("2026-11-21T10:00:00Z");
  private static final int SLOTS = 2;

  private final List<Action> actions = new ArrayList<>();
  private final SchedulerCore core = new SchedulerCore(SLOTS, 0, spec -> 1);

  @Test
  void aTakenOverJobRemembersWhereThisServiceBegan() {
    core.handle(takenOver(ChunkSizes.NONE, 0), at(3_600)).forEach(actions::add);

    assertThat(shown().resumption()).isEqualTo(new Resumption(START.plusSeconds(3_600), 40));
  }

  @Test
  void aTakenOverJobGoesOnCountingChunksAndWorkers() {
    core.handle(takenOver(new ChunkSizes(3, 9, Map.of(BEFORE_RESTART, 5L)), 4), at(3_600))
        .forEach(actions::add);

    assertThat(shown().chunkSizes())
        .isEqualTo(new ChunkSizes(1, 9, Map.of(BEFORE_RESTART, 5L, FIRST, 2L)));
    assertThat(shown().workersUsed()).isEqualTo(4);
  }

  @Test
  void aNewJobWasNotTakenOver() {
    core.handle(new CoreEvent.Run(job(JobStatus.queued(9)), 1, all(9), Tally.ofTotal(9)), at(1))
        .forEach(actions::add);

    assertThat(shown().resumption()).isNull();
  }

  @Test
  void aChunkThatIsQueuedInAWorkerIsNotRunning() {
    core.handle(
            new CoreEvent.Run(job(JobStatus.queued(1_000)), 1, all(1_000), Tally.ofTotal(1_000)),
            at(1))
        .forEach(actions::add);
    answer(dispatches().getFirst(), at(2));

    assertThat(dispatches()).as("with two workers and one answered").hasSizeGreaterThan(SLOTS + 1);
    assertThat(shown().chunksRunning()).isEqualTo(SLOTS);
  }

  @Test
  void workersThatHaveNotReportedAreKnownByTheirTime() {
    Job job = job(JobStatus.queued(2));
    core.handle(new CoreEvent.Run(job, 1, all(2), Tally.ofTotal(2)), at(1)).forEach(actions::add);
    assertThat(core.unreportedSeconds(job.id(), at(11))).isEqualTo(20);

    answer(dispatches().getFirst(), at(12));
    assertThat(core.unreportedSeconds(job.id(), at(21))).isEqualTo(20);
    assertThat(core.unreportedSeconds(new JobId(new UUID(1, 2)), at(21))).isZero();

    core.handle(new CoreEvent.Cancel(job.id()), at(22)).forEach(actions::add);
    assertThat(core.unreportedSeconds(job.id(), at(23))).isZero();
  }

  /** The one item of the chunk has run, for a tenth of a millisecond. */
  private void answer(Action.Dispatch dispatch, Now now) {
    var cost = new Outcomes.Cost(0.000_1, 0, 0);
    var outcomes = new Outcomes(dispatch.chunk().items(), "1".getBytes(UTF_8), List.of(), cost);
    core.handle(
            new SlotEvent.Reported(
                dispatch.slot(), dispatch.chunk().number(), List.of(outcomes), true, 1, 4711),
            now)
        .forEach(actions::add);
  }

  private List<Action.Dispatch> dispatches() {
    return actions.stream()
        .filter(Action.Dispatch.class::isInstance)
        .map(Action.Dispatch.class::cast)
        .toList();
  }

  private static Now at(long seconds) {
    return new Now(seconds * 1_000_000_000, START.plusSeconds(seconds));
  }

  /** A job of 100 items, of which 40 ran under an earlier service. */
  private static CoreEvent.Run takenOver(ChunkSizes sizes, int workersUsed) {
    var tally = new Tally(100, 39, 1, 0, 5, 1, 0, 0);
    var status =
        JobStatus.builder(JobState.RUNNING, tally)
            .startedAt(START)
            .workersUsed(workersUsed)
            .chunkSizes(sizes)
            .build();
    return new CoreEvent.Run(job(status), 2, List.of(new ItemRange(40, 100)), tally);
  }

  private static List<ItemRange> all(long items) {
    return List.of(new ItemRange(0, items));
  }

  private static Job job(JobStatus status) {
    var function = new Function("f", "sha256:0", new FunctionDefinition.Python("", "f"));
    var spec = JobSpec.of(function, new Inputs.Listed(status.tally().total()));
    return new Job(new JobId(new UUID(1, 1)), spec, START, status);
  }

  /** Returns the status of the job that was published last. */
  private JobStatus shown() {
    return actions.reversed().stream()
        .filter(Action.Publish.class::isInstance)
        .map(action -> ((Action.Publish) action).status())
        .findFirst()
        .orElseThrow();
  }
}
