package dev.manyhands.engine.worker.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.engine.worker.SlotEvent.Cause;
import dev.manyhands.engine.worker.StartFault;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerState;
import dev.manyhands.engine.worker.pool.ScriptedWorkers.ScriptedWorker;
import dev.manyhands.engine.worker.sandbox.WorkerLimits;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobSpec.NonFinite;
import dev.manyhands.model.JobSpecBuilder;
import dev.manyhands.model.Recycle;
import dev.manyhands.model.SharedKind;
import dev.manyhands.model.SharedObject;
import dev.manyhands.model.SharedSetId;
import dev.manyhands.model.SharedSetUse;
import dev.manyhands.model.Trace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule of the pool by an example. Workers are played by the test. */
class WorkerPoolTest {
  private static final Duration AN_HOUR = Duration.ofHours(1);
  private static final Job JOB = PoolStage.job("f");

  @TempDir private Path directory;
  private PoolStage stage;
  private WorkerPool pool;

  @BeforeEach
  void open() {
    open(2, 0, 0, WorkerLimits.NONE);
  }

  private void open(int slots, long maxItems, long maxRssBytes, WorkerLimits limits) {
    stage = new PoolStage(directory, PoolStage.settings(slots, maxItems, maxRssBytes, limits));
    pool = stage.pool;
  }

  private static WorkerLimits limits(long memoryBytes, Duration cpuTime) {
    return new WorkerLimits(memoryBytes, 0, 0, 0, 0, cpuTime, 0);
  }

  /** Returns the only event that the slots got: the loss of a worker. */
  private SlotEvent.WorkerLost lost() {
    var told = stage.told();
    assertThat(told).hasSize(1);
    return (SlotEvent.WorkerLost) told.getFirst();
  }

  private SlotEvent.NotLoaded notLoaded() {
    var told = stage.told();
    assertThat(told).hasSize(1);
    return (SlotEvent.NotLoaded) told.getFirst();
  }

  /** A slot is of use: a chunk that it gets is run by a worker that has come up just now. */
  private void assertRunsOnANewWorker(int slot) {
    int before = stage.workers.all.size();
    stage.dispatch(slot, JOB, 900 + before, 0, 1);
    assertThat(stage.workers.all).hasSize(before + 1);
    var worker = stage.workers.last();
    worker.loaded();
    worker.answers(900 + before, 0, 1, true);
    assertThat(stage.told())
        .singleElement()
        .isInstanceOfSatisfying(
            SlotEvent.Reported.class, report -> assertThat(report.slot()).isEqualTo(slot));
  }

  // ---- chunks

  @Test
  void whatAWorkerAnswersIsReportedToItsSlot() {
    var worker = stage.begun(1, JOB, 0, 5);
    worker.answers(1, 0, 2, false);
    worker.answers(1, 2, 5, true);
    assertThat(stage.told())
        .extracting(event -> ((SlotEvent.Reported) event).last())
        .containsExactly(false, true);
  }

  @Test
  void aJobIsAnnouncedOnceToAWorker() {
    var worker = stage.begun(0, JOB, 0, 5);
    stage.dispatch(0, JOB, 2, 5, 9);
    assertThat(worker.launch.orders())
        .extracting(order -> order.getClass().getSimpleName())
        .containsExactly("Load", "Begin", "Run", "Run");
  }

  @Test
  void aWornOutWorkerIsReplacedAndTheChunkBehindWaitsForTheNewOne() {
    open(2, 5, 0, WorkerLimits.NONE);
    var worker = stage.begun(0, JOB, 0, 5);
    stage.dispatch(0, JOB, 2, 5, 9);
    assertThat(worker.chunks()).containsExactly(1L);
    worker.answers(1, 0, 5, true);
    assertThat(worker.wasEnded()).isTrue();
    assertThat(stage.workers.last().chunks()).containsExactly(2L);
  }

  private static Job recycled(long items) {
    return with(spec -> spec.recycle(new Recycle(items)));
  }

  private static Job with(Consumer<JobSpecBuilder> options) {
    Job job = PoolStage.job("f");
    var spec = job.spec().toBuilder();
    options.accept(spec);
    return job.withSpec(spec.build());
  }

  @Test
  void aWorkerIsReplacedAfterTheItemsThatItsJobAllows() {
    Job job = recycled(5);
    var worker = stage.begun(0, job, 0, 3);
    stage.dispatch(0, job, 2, 3, 5);
    worker.answers(1, 0, 3, true);
    stage.dispatch(0, job, 3, 5, 9);
    assertThat(worker.chunks()).containsExactly(1L, 2L);
    worker.answers(2, 3, 5, true);
    assertThat(worker.wasEnded()).isTrue();
    assertThat(stage.workers.last().chunks()).containsExactly(3L);
    worker.exits(0);
    assertThat(stage.endings).containsExactly("items");
  }

  @Test
  void aChunkThatIsTooLargeForARecycledWorkerWaitsForTheNextOne() {
    Job job = recycled(5);
    var worker = stage.begun(0, job, 0, 3);
    stage.dispatch(0, job, 2, 3, 6);
    worker.answers(1, 0, 3, true);
    assertThat(worker.wasEnded()).isTrue();
    assertThat(stage.workers.last().chunks()).containsExactly(2L);
  }

  @Test
  void ofRecycledWorkersTheMostUsedOneIsUsedFirst() {
    Job job = recycled(5);
    var first = stage.begun(0, job, 0, 1);
    var second = stage.begun(1, job, 1, 4);
    first.answers(1, 0, 1, true);
    second.answers(1, 1, 4, true);
    stage.dispatch(0, job, 2, 4, 5);
    stage.dispatch(1, job, 3, 5, 9);
    assertThat(second.chunks()).containsExactly(1L, 2L);
    assertThat(first.chunks()).containsExactly(1L, 3L);
  }

  @Test
  void aFreshJobTakesNoWarmWorkerAndLeavesNone() {
    stage.rested(0, JOB);
    Job fresh = with(spec -> spec.fresh(true));
    var own = stage.rested(0, fresh);
    assertThat(stage.workers.all).hasSize(2);
    stage.dispatch(0, fresh, 2, 1, 2);
    assertThat(own.chunks()).containsExactly(1L, 2L);
    var busy = stage.begun(1, fresh, 2, 4);
    own.answers(2, 1, 2, true);
    pool.release(fresh.id());
    assertThat(own.wasEnded()).isTrue();
    assertThat(busy.wasEnded()).isFalse();
    pool.stop(1);
    busy.handsBack(1, 2);
    assertThat(busy.wasEnded()).isTrue();
    assertThat(stage.workers.all.getFirst().wasEnded()).isFalse();
  }

  /** Objects and memory of a set are those of its worker. */
  @Test
  void aWarmWorkerServesTheJobsOfOneSet() {
    var first = stage.rested(0, ofSet(1, 7, NonFinite.ERROR));
    pool.release(new JobId(new UUID(1, 1)));
    assertThat(first.wasEnded()).isFalse();
    stage.rested(0, ofSet(2, 7, NonFinite.ERROR));
    assertThat(stage.workers.all).hasSize(1);
    stage.rested(0, ofSet(3, 8, NonFinite.ERROR));
    assertThat(stage.workers.all).hasSize(2);
    stage.rested(0, ofSet(4, 7, NonFinite.NULL));
    assertThat(stage.workers.all).hasSize(3);
    stage.rested(0, JOB);
    assertThat(stage.workers.all).hasSize(4);
  }

  private static Job ofSet(int number, int set, NonFinite nonFinite) {
    var use = new SharedSetUse("s", new SharedSetId(new UUID(2, set)));
    Job job =
        with(spec ->
            spec.nonFinite(nonFinite)
                .shared(Map.of("gate", new SharedObject(SharedKind.LOCK, "null", null)))
                .sharedSet(use));
    return new Job(new JobId(new UUID(1, number)), job.spec(), job.submittedAt(), job.status());
  }

  @Test
  void aChunkThatWaitsForANewWorkerGoesBackAtARecallAndAtAStop() {
    open(2, 5, 0, WorkerLimits.NONE);
    stage.begun(0, JOB, 0, 5);
    stage.dispatch(0, JOB, 2, 5, 9);
    pool.recall(0, 2);
    assertThat(stage.told()).containsExactly(new SlotEvent.Returned(0, 2, 5));
    stage.dispatch(0, JOB, 3, 5, 9);
    pool.stop(0);
    assertThat(stage.told()).containsExactly(new SlotEvent.Returned(0, 3, 5));
  }

  @Test
  void aChunkThatWaitsForANewWorkerIsLostWithTheOld() {
    open(2, 5, 0, WorkerLimits.NONE);
    var worker = stage.begun(0, JOB, 0, 5);
    stage.dispatch(0, JOB, 2, 5, 9);
    worker.exits(1);
    assertThat(lost().slot()).isZero();
    assertThat(stage.workers.all).hasSize(1);
    assertRunsOnANewWorker(0);
  }

  @Test
  void aWorkerThatHoldsMuchMemoryIsReplaced() {
    open(2, 0, 100, WorkerLimits.NONE);
    var worker = stage.begun(0, JOB, 0, 5);
    worker.uses(101, 0);
    worker.answers(1, 0, 5, true);
    assertThat(worker.wasEnded()).isTrue();
    worker.exits(0);
    assertThat(stage.endings).containsExactly("rss");
  }

  @Test
  void whatWasSeenOfAWorkersMemoryIsReportedOnce() {
    var worker = stage.begun(0, JOB, 0, 5);
    worker.uses(300, 0);
    worker.uses(200, 0);
    worker.answers(1, 0, 2, false);
    worker.answers(1, 2, 5, true);
    assertThat(stage.told())
        .extracting(event -> ((SlotEvent.Reported) event).parts().getFirst().cost().peakRss())
        .containsExactly(300L, null);
  }

  // ---- recall and stop

  @Test
  void aRecalledWorkerHandsBackWhatItHasNotBegun() {
    var worker = stage.begun(0, JOB, 0, 9);
    pool.recall(0, 1);
    assertThat(worker.word(3)).isEqualTo(1);
    worker.handsBack(1, 4);
    worker.answers(1, 0, 4, true);
    assertThat(stage.told()).first().isEqualTo(new SlotEvent.Returned(0, 1, 4));
    assertThat(worker.word(3)).as("the recall is over").isZero();
  }

  @Test
  void aRecallReachesAWorkerThatIsStillStarting() {
    stage.dispatch(0, JOB, 1, 0, 9);
    pool.recall(0, 1);
    var worker = stage.workers.last();
    worker.loaded();
    assertThat(worker.word(1)).isEqualTo(1);
    assertThat(worker.word(3)).isEqualTo(1);
  }

  @Test
  void aStopReachesAWorkerThatIsStillStarting() {
    stage.dispatch(0, JOB, 1, 0, 9);
    pool.stop(0);
    var worker = stage.workers.last();
    worker.loaded();
    assertThat(worker.word(1)).isEqualTo(1);
    assertThat(worker.word(2)).isEqualTo(1);
  }

  @Test
  void aWorkerThatObeysAStopStaysWarm() {
    var worker = stage.begun(0, JOB, 0, 9);
    pool.stop(0);
    assertThat(worker.word(2)).isEqualTo(1);
    worker.handsBack(1, 0);
    stage.pass(Duration.ofSeconds(5));
    assertThat(worker.killed).isFalse();
    stage.dispatch(0, JOB, 2, 0, 1);
    assertThat(worker.chunks()).containsExactly(1L, 2L);
  }

  @Test
  void aWorkerThatIgnoresAStopIsKilledWhenItsGraceIsOver() {
    var worker = stage.begun(0, JOB, 0, 9);
    pool.stop(0);
    stage.pass(Duration.ofMillis(999));
    assertThat(worker.killed).isFalse();
    stage.pass(Duration.ofMillis(1));
    assertThat(worker.killed).isTrue();
    worker.exits(137);
    assertThat(lost().death().cause()).isEqualTo(Cause.STOPPED);
    assertThat(stage.endings).containsExactly("stopped");
  }

  @Test
  void aStopWhileTheFunctionIsLoadedIsNoFaultOfTheFunction() {
    stage.dispatch(0, JOB, 1, 0, 9);
    stage.workers.last().launched();
    pool.stop(0);
    stage.pass(Duration.ofSeconds(1));
    stage.workers.last().exits(137);
    var event = (SlotEvent.NotLoaded) stage.told().getLast();
    assertThat(event.fault()).isEqualTo(StartFault.OUTAGE);
  }

  @Test
  void anotherStopDoesNotPutTheKillOff() {
    var worker = stage.begun(0, JOB, 0, 9);
    pool.stop(0);
    stage.pass(Duration.ofMillis(900));
    pool.stop(0);
    stage.pass(Duration.ofMillis(101));
    assertThat(worker.killed).isTrue();
  }

  // ---- time limits of items

  @Test
  void anItemIsOverdueThatThePageNamesForTooLong() {
    var worker = stage.begun(0, PoolStage.timed(PoolStage.PYTHON, 1), 0, 9);
    worker.names(1, 2);
    stage.pass(Duration.ZERO);
    stage.pass(Duration.ofMillis(1_001));
    assertThat(worker.killed).isTrue();
    worker.exits(137);
    var lost = lost();
    assertThat(lost.death().cause()).isEqualTo(Cause.TIMEOUT);
    assertThat(lost.items()).containsExactly(2L);
    assertThat(lost.overtaken()).isFalse();
  }

  @Test
  void aLateItemThatEndsBeforeTheKillIsOvertaken() {
    var worker = stage.begun(0, PoolStage.timed(PoolStage.PYTHON, 1), 0, 9);
    worker.names(1, 2);
    stage.pass(Duration.ZERO);
    stage.pass(Duration.ofMillis(1_001));
    worker.names(1, 7);
    worker.exits(137);
    var lost = lost();
    assertThat(lost.items()).containsExactly(2L);
    assertThat(lost.overtaken()).isTrue();
  }

  @Test
  void aLateItemThatIsAnsweredBeforeTheKillIsOvertakenAlthoughThePageNamesIt() {
    var worker = stage.begun(0, PoolStage.timed(PoolStage.PYTHON, 1), 0, 9);
    worker.names(1, 0);
    stage.pass(Duration.ZERO);
    stage.pass(Duration.ofMillis(1_001));
    worker.answers(1, 0, 1, false);
    stage.told();
    worker.exits(137);
    assertThat(lost().overtaken()).isTrue();
  }

  @Test
  void anItemThatBeginsBeforeTheKillOfAPausedWorkerIsNotToBlame() {
    var worker = stage.begun(0, PoolStage.timed(PoolStage.PYTHON, 1), 0, 9);
    stage.pass(Duration.ofMillis(3_001));
    assertThat(worker.killed).isTrue();
    worker.names(1, 0);
    worker.exits(137);
    var lost = lost();
    assertThat(lost.items()).isEmpty();
    assertThat(lost.overtaken()).isTrue();
  }

  @Test
  void anItemThatThePageNamesLaterHasItsOwnTime() {
    var worker = stage.begun(0, PoolStage.timed(PoolStage.PYTHON, 1), 0, 9);
    for (int item = 0; item < 9; item++) {
      worker.names(1, item);
      stage.pass(Duration.ofMillis(900));
    }
    assertThat(worker.killed).isFalse();
  }

  @Test
  void anItemThatBeganBeforeItsChunkHasNoMoreTimeThanOthers() {
    Job job = PoolStage.timed(PoolStage.PYTHON, 2);
    var worker = stage.begun(0, job, 0, 2);
    stage.dispatch(0, job, 2, 2, 4);
    worker.names(1, 0, 0);
    worker.names(1, 1, 3);
    stage.pass(Duration.ZERO);
    stage.pass(Duration.ofMillis(600));
    worker.answers(1, 0, 2, true);
    stage.told();
    worker.names(2, 0, -1);
    stage.pass(Duration.ZERO);
    stage.pass(Duration.ofMillis(401));
    assertThat(worker.killed).isTrue();
    worker.exits(137);
    assertThat(lost().items()).containsExactly(3L);
  }

  @Test
  void anItemThatRunsAgainInALaterChunkHasItsOwnTime() {
    Job job = PoolStage.timed(PoolStage.PYTHON, 2);
    var worker = stage.begun(0, job, 0, 2);
    worker.names(1, 1, 1);
    stage.pass(Duration.ZERO);
    stage.pass(Duration.ofMillis(600));
    worker.answers(1, 0, 2, true);
    stage.dispatch(0, job, 2, 1, 2);
    worker.names(2, 1, 1);
    stage.pass(Duration.ZERO);
    stage.pass(Duration.ofMillis(600));
    assertThat(worker.killed).isFalse();
  }

  @Test
  void aWorkerThatBeginsNoItemIsLateAfterTheLimitAndAGrace() {
    var worker = stage.begun(0, PoolStage.timed(PoolStage.PYTHON, 1), 0, 9);
    stage.pass(Duration.ofMillis(3_000));
    assertThat(worker.killed).isFalse();
    stage.pass(Duration.ofMillis(1));
    assertThat(worker.killed).isTrue();
    worker.exits(137);
    assertThat(lost().items()).isEmpty();
  }

  @Test
  void aWorkerThatNeverNamesItemsHasTheTimeOfAllItems() {
    var worker = stage.begun(0, PoolStage.timed(PoolStage.FRAMES, 1), 0, 4);
    stage.pass(Duration.ofMillis(4_000));
    assertThat(worker.killed).isFalse();
    stage.pass(Duration.ofMillis(1));
    assertThat(worker.killed).isTrue();
  }

  @Test
  void theTimeOfItemsDoesNotRunWhileTheirInputsAreAway() {
    var worker = stage.begun(0, PoolStage.timed(PoolStage.PYTHON, 1), 0, 4);
    worker.waits = true;
    stage.pass(AN_HOUR);
    worker.waits = false;
    stage.pass(Duration.ofSeconds(3));
    assertThat(worker.killed).isFalse();
    stage.pass(Duration.ofMillis(1));
    assertThat(worker.killed).isTrue();
  }

  // ---- warm workers

  @Test
  void aWarmWorkerRunsTheNextJobOfItsFunction() {
    var worker = stage.rested(0, JOB);
    stage.dispatch(1, PoolStage.job("f"), 2, 0, 1);
    assertThat(stage.workers.all).hasSize(1);
    assertThat(worker.chunks()).containsExactly(1L, 2L);
  }

  @Test
  void aWarmWorkerRunsNoOtherFunction() {
    stage.rested(0, JOB);
    assertGetsItsOwnWorker(PoolStage.job("g"));
  }

  @Test
  void aWarmWorkerRunsNoJobThatMayHoldOtherMemory() {
    stage.rested(0, JOB);
    assertGetsItsOwnWorker(
        PoolStage.job("f", PoolStage.PYTHON, 1, JobSpec.Timeouts.NONE, 100L, null));
  }

  @Test
  void aWarmWorkerThatCannotBeToldOfATraceRunsNoJobOfAnother() {
    stage.rested(0, traced(PoolStage.LINES, 1));
    assertGetsItsOwnWorker(traced(PoolStage.LINES, 2));
  }

  @Test
  void aCommandThatAnswersNothingForLongIsReportedOnce() {
    var lines = PoolStage.job("f", PoolStage.LINES, 1, JobSpec.Timeouts.NONE, null, null);
    var silent = stage.begun(0, lines, 0, 1);
    stage.pass(Duration.ofMillis(9_900));
    assertThat(silent.notes).isEmpty();
    assertThat(stage.pool.wakeNanos()).hasValue(stage.nanos() + 100_000_000L);
    stage.pass(Duration.ofMillis(100));
    stage.pass(Duration.ofSeconds(60));
    assertThat(silent.notes).hasSize(1).first().asString().contains("stdbuf -oL");
    assertThat(stage.told()).as("nothing is ended").isEmpty();
  }

  @Test
  void aTimeoutOfACommandThatNeverAnsweredSaysWhy() {
    var silent = stage.begun(0, PoolStage.timed(PoolStage.LINES, 1), 0, 1);
    silent.unanswered = "it wrote nothing";
    silent.names(1, 0);
    stage.pass(Duration.ZERO);
    stage.pass(Duration.ofMillis(1_001));
    silent.exits(137);
    assertThat(lost().death().message()).endsWith("was killed; it wrote nothing");
  }

  @Test
  void howLongABusyWorkerHasReportedNothingIsSeen() {
    var worker = stage.begun(0, JOB, 0, 2);
    stage.pass(Duration.ofSeconds(31));
    assertThat(pool.views().getFirst().silence()).isEqualTo(Duration.ofSeconds(31));
    worker.answers(1, 0, 1, false);
    stage.pass(Duration.ofSeconds(2));
    assertThat(pool.views().getFirst().silence()).isEqualTo(Duration.ofSeconds(2));
    worker.answers(1, 1, 2, true);
    stage.pass(Duration.ofSeconds(5));
    assertThat(pool.views().getFirst().silence()).as("idle").isZero();
  }

  @Test
  void aCommandThatHasAnsweredIsNotSilent() {
    var lines = PoolStage.job("f", PoolStage.LINES, 1, JobSpec.Timeouts.NONE, null, null);
    var slow = stage.begun(0, lines, 0, 2);
    slow.answers(1, 0, 1, false);
    stage.pass(Duration.ofSeconds(60));
    assertThat(slow.notes).isEmpty();
  }

  @Test
  void aLineTooManyEndsTheWorkerAndChargesNoItem() {
    var lines = PoolStage.job("f", PoolStage.LINES, 1, JobSpec.Timeouts.NONE, null, null);
    var worker = stage.begun(0, lines, 0, 1);
    stage.pool.handle(new WorkerEvent.Excess(worker.launch.worker(), lines.id(), "a line"));
    assertThat(worker.killed).isTrue();
    stage.pool.handle(new WorkerEvent.Gone(worker.launch.worker(), 137, null, null));
    assertThat(stage.told())
        .singleElement()
        .isInstanceOfSatisfying(
            SlotEvent.WorkerLost.class,
            lost -> assertThat(lost.death().cause()).isEqualTo(SlotEvent.Cause.STOPPED));
  }

  @Test
  void aWarmWorkerThatIsToldOfTracesRunsThemAll() {
    stage.rested(0, traced(PoolStage.FRAMES, 1));
    stage.dispatch(1, traced(PoolStage.FRAMES, 2), 2, 0, 1);
    assertThat(stage.workers.all).hasSize(1);
  }

  private static Job traced(FunctionDefinition definition, int trace) {
    return PoolStage.job(
        "f",
        definition,
        1,
        JobSpec.Timeouts.NONE,
        null,
        new Trace("%032d".formatted(trace), "%016d".formatted(trace), true, null));
  }

  private void assertGetsItsOwnWorker(Job job) {
    stage.dispatch(1, job, 2, 0, 1);
    assertThat(stage.workers.all).hasSize(2);
    assertThat(stage.workers.last().chunks()).containsExactly(2L);
  }

  @Test
  void anIdleWorkerIsEndedAfterItsTimeAndKilledIfItStays() {
    var worker = stage.rested(0, JOB);
    stage.pass(Duration.ofSeconds(60));
    assertThat(worker.wasEnded()).isFalse();
    stage.pass(Duration.ofMillis(1));
    assertThat(worker.wasEnded()).isTrue();
    assertThat(worker.killed).isFalse();
    stage.pass(Duration.ofSeconds(2));
    assertThat(worker.killed).isTrue();
    worker.exits(137);
    assertThat(stage.told()).isEmpty();
    assertThat(stage.endings).containsExactly("idle");
    assertThat(worker.discarded).isTrue();
    assertThat(pool.isEmpty()).isTrue();
  }

  @Test
  void theOldestIdleWorkerMakesRoomForAnotherFunction() {
    open(2, 0, 0, WorkerLimits.NONE);
    for (String digest : List.of("a", "b", "c")) {
      stage.rested(0, PoolStage.job(digest));
      stage.pass(Duration.ofSeconds(1));
    }
    stage.dispatch(0, PoolStage.job("d"), 1, 0, 1);
    assertThat(stage.workers.all)
        .extracting(ScriptedWorker::wasEnded)
        .containsExactly(true, false, false, false);
  }

  @Test
  void aWorkerThatEndsWhileItIsIdleIsLostToNobody() {
    var worker = stage.rested(0, JOB);
    worker.exits(1);
    assertThat(stage.told()).isEmpty();
    assertThat(stage.endings).containsExactly("crash");
    assertThat(pool.isEmpty()).isTrue();
    assertRunsOnANewWorker(0);
  }

  // ---- limits

  @Test
  void aWorkerBeyondItsMemoryIsKilled() {
    open(2, 0, 0, limits(100, Duration.ZERO));
    var worker = stage.begun(0, JOB, 0, 9);
    worker.uses(100, 0);
    assertThat(worker.killed).isFalse();
    worker.uses(101, 0);
    assertThat(worker.killed).isTrue();
    worker.exits(137);
    var lost = lost();
    assertThat(lost.death().cause()).isEqualTo(Cause.OOM);
    assertThat(lost.peakRss()).isEqualTo(101);
  }

  @Test
  void anItemBeyondItsProcessorTimeIsKilled() {
    open(2, 0, 0, limits(0, Duration.ofSeconds(1)));
    var worker = stage.begun(0, JOB, 0, 9);
    worker.names(1, 0);
    worker.uses(1, 10);
    worker.names(1, 1);
    worker.uses(1, 11.5);
    assertThat(worker.killed).as("another item").isFalse();
    worker.uses(1, 12.6);
    assertThat(worker.killed).isTrue();
    worker.exits(137);
    var lost = lost();
    assertThat(lost.death().type()).isEqualTo("CpuTimeout");
    assertThat(lost.items()).containsExactly(1L);
    assertThat(lost.overtaken()).isFalse();
  }

  @Test
  void anItemBeyondItsProcessorTimeThatEndsBeforeTheKillIsOvertaken() {
    open(2, 0, 0, limits(0, Duration.ofSeconds(1)));
    var worker = stage.begun(0, JOB, 0, 9);
    worker.names(1, 0);
    worker.uses(1, 10);
    worker.uses(1, 11.5);
    assertThat(worker.killed).isTrue();
    worker.names(1, 1);
    worker.exits(137);
    var lost = lost();
    assertThat(lost.items()).containsExactly(0L);
    assertThat(lost.overtaken()).isTrue();
  }

  @Test
  void aWorkerThatFillsItsDirectoryIsKilled() {
    var worker = stage.begun(0, JOB, 0, 9);
    worker.says(new WorkerEvent.ScratchFull(worker.launch.worker(), "it wrote too much"));
    assertThat(worker.killed).isTrue();
    worker.exits(137);
    assertThat(lost().death().type()).isEqualTo("ScratchFull");
  }

  // ---- workers that do not come up

  @ParameterizedTest
  @EnumSource(StartFault.class)
  void aWorkerThatIsNotLaunchedGivesAllBack(StartFault fault) {
    stage.dispatch(0, JOB, 1, 0, 9);
    stage.dispatch(0, JOB, 2, 9, 18);
    stage.workers.last().notLaunched(fault);
    var notLoaded = notLoaded();
    assertThat(notLoaded.fault()).isEqualTo(fault);
    assertThat(notLoaded.job()).isEqualTo(JOB.id());
    assertThat(pool.isEmpty()).isTrue();
    assertThat(stage.endings).containsExactly("not_started");
    assertRunsOnANewWorker(0);
  }

  @Test
  void aFunctionThatDoesNotLoadIsReportedAndItsWorkerEnded() {
    stage.dispatch(0, JOB, 1, 0, 9);
    var worker = stage.workers.last();
    worker.launched();
    var error = new JobError("FUNCTION_NOT_LOADED", "no f", null);
    worker.says(new WorkerEvent.NotLoaded(worker.launch.worker(), error));
    assertThat(notLoaded().fault()).isEqualTo(StartFault.FUNCTION);
    assertThat(worker.wasEnded()).isTrue();
    worker.exits(0);
    assertThat(stage.told()).isEmpty();
    assertThat(stage.endings).containsExactly("not_loaded");
    assertRunsOnANewWorker(0);
  }

  @Test
  void whatAWorkerAnswersWhoseFunctionDoesNotLoadIsForNobody() {
    var worker = stage.begun(0, JOB, 0, 9);
    var error = new JobError("FUNCTION_NOT_LOADED", "no f", null);
    worker.says(new WorkerEvent.NotLoaded(worker.launch.worker(), error));
    stage.told();
    worker.answers(1, 0, 3, false);
    worker.answers(1, 3, 9, true);
    worker.handsBack(1, 0);
    assertThat(stage.told()).isEmpty();
    assertRunsOnANewWorker(0);
  }

  @Test
  void aFunctionThatTakesTooLongToLoadIsKilled() {
    stage.dispatch(0, JOB, 1, 0, 9);
    var worker = stage.workers.last();
    worker.launched();
    stage.pass(Duration.ofSeconds(10));
    assertThat(worker.killed).isFalse();
    stage.pass(Duration.ofMillis(1));
    assertThat(worker.killed).isTrue();
    worker.exits(137);
    assertThat(notLoaded().fault()).isEqualTo(StartFault.FUNCTION);
  }

  @Test
  void aWorkerThatDiesWhileItLoadsMayBeTriedAgain() {
    stage.dispatch(0, JOB, 1, 0, 9);
    var worker = stage.workers.last();
    worker.launched();
    worker.exits(139);
    var notLoaded = notLoaded();
    assertThat(notLoaded.fault()).isEqualTo(StartFault.PASSING);
    assertThat(notLoaded.error().message()).contains("SIGSEGV");
  }

  @Test
  void aFaultOfTheServiceWhileAFunctionLoadsDoesNotBlameTheFunction() {
    stage.dispatch(0, JOB, 1, 0, 9);
    var worker = stage.workers.last();
    worker.launched();
    worker.exits(137, "java.lang.OutOfMemoryError");
    assertThat(notLoaded().fault()).isEqualTo(StartFault.OUTAGE);
  }

  @Test
  void aShutdownWhileAFunctionLoadsBlamesNobody() {
    stage.dispatch(0, JOB, 1, 0, 9);
    var worker = stage.workers.last();
    worker.launched();
    pool.killAll();
    worker.exits(137);
    assertThat(notLoaded().fault()).isEqualTo(StartFault.OUTAGE);
  }

  // ---- workers that break the protocol

  @ParameterizedTest
  @CsvSource({
    "9, 0, 2, false", // a chunk that it does not have
    "1, 1, 2, false", // items that are not next
    "1, 0, 9, true", // more than the chunk has
    "1, 0, 3, true", // not the last
    "1, 0, 5, false" // the last
  })
  void anAnswerToWhatItWasNotAskedBreaksTheProtocol(
      long chunk, long first, long end, boolean last) {
    assertBroken(worker -> worker.answers(chunk, first, end, last));
  }

  @ParameterizedTest
  @CsvSource({"9, 3", "1, 1", "1, 5", "1, -1"})
  void handingBackWhatItDoesNotHaveBreaksTheProtocol(long chunk, long first) {
    assertBroken(worker -> {
      worker.answers(1, 0, 2, false);
      stage.told();
      worker.handsBack(chunk, first);
    });
  }

  @Test
  void whatTheChannelRefusesBreaksTheProtocol() {
    assertBroken(
        worker -> worker.says(new WorkerEvent.Broken(worker.launch.worker(), "no such op")));
  }

  private void assertBroken(Consumer<ScriptedWorker> wrong) {
    var worker = stage.begun(0, JOB, 0, 5);
    wrong.accept(worker);
    assertThat(stage.told()).isEmpty();
    assertThat(worker.killed).isTrue();
    worker.exits(137);
    var lost = lost();
    assertThat(lost.death().cause()).isEqualTo(Cause.CRASH);
    assertThat(lost.death().type()).isEqualTo("Protocol");
    assertThat(stage.endings).containsExactly("broken");
    assertRunsOnANewWorker(0);
  }

  // ---- what the page says of a worker that is gone

  @Test
  void theItemThatThePageNamesIsToBlame() {
    var worker = stage.begun(0, JOB, 0, 9);
    worker.names(1, 4);
    worker.exits(139);
    var lost = lost();
    assertThat(lost.chunk()).isEqualTo(1);
    assertThat(lost.items()).containsExactly(4L);
    assertThat(lost.death().type()).isEqualTo("SIGSEGV");
  }

  @Test
  void withThreadsAnyOfTheItemsThatThePageNamesMayBeToBlame() {
    var job = PoolStage.job("f", PoolStage.PYTHON, 3, JobSpec.Timeouts.NONE, null, null);
    var worker = stage.begun(0, job, 0, 9);
    worker.names(1, 0, 4);
    worker.names(1, 2, 3);
    worker.exits(1);
    assertThat(lost().items()).containsExactly(4L, 3L);
  }

  @Test
  void nobodyKnowsTheItemOfAPageThatNamesNone() {
    var worker = stage.begun(0, JOB, 0, 9);
    worker.exits(1);
    var lost = lost();
    assertThat(lost.chunk()).isNull();
    assertThat(lost.items()).isEmpty();
  }

  @Test
  void nobodyKnowsTheItemOfAPageThatWasCutShort() {
    var worker = stage.begun(0, JOB, 0, 9);
    worker.names(1, 4);
    worker.cutsPage();
    worker.exits(1);
    var lost = lost();
    assertThat(lost.chunk()).isNull();
    assertThat(lost.items()).isEmpty();
  }

  @Test
  void aPageThatIsCutShortWhileItIsWatchedBreaksTheProtocol() {
    var worker = stage.begun(0, PoolStage.timed(PoolStage.PYTHON, 1), 0, 9);
    worker.cutsPage();
    stage.pass(Duration.ZERO);
    assertThat(worker.killed).isTrue();
    worker.exits(137);
    assertThat(lost().death().type()).isEqualTo("Protocol");
    assertRunsOnANewWorker(0);
  }

  @Test
  void aPageThatCannotBeWrittenCostsTheWorkerAndNoAnswer() {
    var worker = stage.begun(0, JOB, 0, 5);
    worker.page().close();
    worker.answers(1, 0, 5, true);
    assertThat(stage.told()).singleElement().isInstanceOf(SlotEvent.Reported.class);
    assertThat(worker.killed).isTrue();
    assertRunsOnANewWorker(0);
  }

  @Test
  void aPageThatCannotBeWrittenCostsTheWorkerAndNothingThatCameBack() {
    var worker = stage.begun(0, JOB, 0, 5);
    worker.page().close();
    worker.handsBack(1, 0);
    assertThat(stage.told()).containsExactly(new SlotEvent.Returned(0, 1, 0));
    assertThat(worker.killed).isTrue();
    assertRunsOnANewWorker(0);
  }

  // ---- the end

  @Test
  void whenAllEndTheIdleAreAskedAndTheBusyAreKilled() {
    var idle = stage.rested(0, JOB);
    var busy = stage.begun(1, PoolStage.job("g"), 0, 9);
    pool.endAll();
    assertThat(idle.wasEnded()).isTrue();
    assertThat(idle.killed).isFalse();
    assertThat(busy.killed).isTrue();
    idle.exits(0);
    busy.exits(137);
    assertThat(lost().death().cause()).isEqualTo(Cause.STOPPED);
    assertThat(pool.isEmpty()).isTrue();
    assertThat(stage.endings).containsExactly("shutdown", "shutdown");
  }

  @Test
  void whenAllAreKilledNoneIsAsked() {
    var idle = stage.rested(0, JOB);
    var busy = stage.begun(1, PoolStage.job("g"), 0, 9);
    pool.killAll();
    assertThat(idle.killed).isTrue();
    assertThat(busy.killed).isTrue();
  }

  @Test
  void aWorkerThatCannotBeKilledAtTheEndIsTriedAgainAndTheOthersAreKilled() {
    var first = stage.begun(0, JOB, 0, 9);
    var second = stage.begun(1, PoolStage.job("g"), 0, 9);
    stage.failures.failNext("kill");
    pool.killAll();
    assertThat(second.killed).isTrue();
    stage.pass(Duration.ofMillis(100));
    assertThat(first.killed).isTrue();
  }

  // ---- what people and the scheduler see

  @Test
  void viewsShowWhatEachWorkerDoes() {
    stage.dispatch(0, PoolStage.job("a"), 1, 0, 9);
    assertThat(pool.views().getFirst().state()).isEqualTo(WorkerState.STARTING);
    var worker = stage.workers.last();
    worker.loaded();
    worker.names(1, 4);
    worker.uses(77, 1.5);
    var view = pool.views().getFirst();
    assertThat(view.state()).isEqualTo(WorkerState.BUSY);
    assertThat(view.item()).isEqualTo(4);
    assertThat(view.rssBytes()).isEqualTo(77);
    assertThat(view.version()).isEqualTo("test 1");
    worker.answers(1, 0, 9, true);
    assertThat(pool.views().getFirst().state()).isEqualTo(WorkerState.IDLE);
    assertThat(pool.views().getFirst().item()).isNull();
    pool.endAll();
    assertThat(pool.views().getFirst().state()).isEqualTo(WorkerState.STOPPING);
  }

  @Test
  void thePoolWakesForWhatIsDueNext() {
    assertThat(pool.wakeNanos()).isEmpty();
    stage.dispatch(0, JOB, 1, 0, 1);
    assertWakesIn(Duration.ofSeconds(10));
    stage.workers.last().loaded();
    assertThat(pool.wakeNanos()).as("nothing is due").isEmpty();
    pool.stop(0);
    assertWakesIn(Duration.ofSeconds(1));
    stage.workers.last().answers(1, 0, 1, true);
    assertWakesIn(Duration.ofSeconds(60));
    stage.begun(1, PoolStage.timed(PoolStage.PYTHON, 1), 0, 1);
    assertWakesIn(Duration.ofMillis(100));
  }

  private void assertWakesIn(Duration time) {
    assertThat(pool.wakeNanos().orElseThrow() - stage.nanos()).isEqualTo(time.toNanos());
  }

  // ---- faults of the service

  @Test
  void aStartThatFailsCostsNobodyAnything() {
    stage.failures.failNext("start");
    stage.dispatch(0, JOB, 1, 0, 9);
    assertIsOneFault(0);
    assertThat(pool.isEmpty()).isTrue();
    assertRunsOnANewWorker(0);
  }

  /** A call of a worker's process that fails when the slot is recalled. */
  @Test
  void aFaultAtARecallEndsOnlyThatWorker() {
    var worker = stage.begun(0, JOB, 0, 9);
    var other = stage.begun(1, PoolStage.job("g"), 0, 9);
    stage.failures.failNext("page");
    pool.recall(0, 1);
    assertThat(worker.killed).isTrue();
    assertThat(other.killed).isFalse();
    assertIsOneFault(0);
    worker.exits(137);
    assertThat(stage.told()).isEmpty();
    assertThat(stage.endings).containsExactly("fault");
    assertRunsOnANewWorker(0);
  }

  @Test
  void aFaultAtAStopEndsOnlyThatWorker() {
    var worker = stage.begun(0, JOB, 0, 9);
    stage.failures.failNext("page");
    pool.stop(0);
    assertThat(worker.killed).isTrue();
    assertIsOneFault(0);
    assertRunsOnANewWorker(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"page", "waitsForInputs"})
  void aFaultWhileAWorkerIsWatchedEndsOnlyThatWorker(String call) {
    var worker = stage.begun(0, PoolStage.timed(PoolStage.PYTHON, 1), 0, 9);
    stage.failures.failNext(call);
    stage.pass(Duration.ZERO);
    assertThat(worker.killed).isTrue();
    assertIsOneFault(0);
    assertRunsOnANewWorker(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"page", "pid", "slots"})
  void aFaultAtAnAnswerEndsOnlyThatWorker(String call) {
    var worker = stage.begun(0, JOB, 0, 9);
    stage.failures.failNext(call);
    worker.answers(1, 0, 9, true);
    assertThat(worker.killed).isTrue();
    assertIsOneFault(0);
    assertRunsOnANewWorker(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"page", "pid", "slots"})
  void aFaultAtTheEndOfAWorkerIsReportedInPlaceOfTheEnd(String call) {
    var worker = stage.begun(0, JOB, 0, 9);
    worker.names(1, 4);
    stage.failures.failNext(call);
    worker.exits(1);
    assertIsOneFault(0);
    assertThat(worker.discarded).isTrue();
    assertThat(pool.isEmpty()).isTrue();
    assertRunsOnANewWorker(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"starter.discard", "discard", "listener"})
  void aFaultAfterTheEndOfAWorkerCostsNothingMore(String call) {
    var worker = stage.begun(0, JOB, 0, 9);
    stage.failures.failNext(call);
    worker.exits(1);
    assertThat(lost().death().cause()).isEqualTo(Cause.CRASH);
    assertThat(pool.isEmpty()).isTrue();
    assertRunsOnANewWorker(0);
  }

  @Test
  void aWorkerThatCannotBeKilledIsTriedAgain() {
    var worker = stage.begun(0, PoolStage.timed(PoolStage.PYTHON, 1), 0, 9);
    stage.pass(Duration.ZERO);
    stage.failures.failNext("kill");
    stage.pass(Duration.ofMillis(3_001));
    stage.pass(Duration.ofMillis(100));
    assertThat(worker.killed).isTrue();
    assertIsOneFault(0);
    assertRunsOnANewWorker(0);
  }

  @Test
  void aBrokenWorkerThatCannotBeKilledIsTriedAgainThoughItAnswers() {
    var worker = stage.begun(0, JOB, 0, 9);
    stage.failures.failNext("kill");
    worker.answers(9, 0, 9, true);
    worker.answers(1, 0, 9, true);
    stage.pass(Duration.ofMillis(100));
    assertThat(worker.killed).isTrue();
  }

  @Test
  void aLossThatCannotBeReportedIsReportedLater() {
    stage.failures.failNext("start");
    stage.dispatch(0, JOB, 1, 0, 9);
    stage.failures.failNext("slots");
    stage.pass(Duration.ZERO);
    assertThat(stage.told()).isEmpty();
    assertThat(pool.wakeNanos()).hasValue(stage.nanos());
    assertIsOneFault(0);
  }

  @Test
  void whatASlotGetsBeforeItHasHeardOfItsLossIsNotRun() {
    stage.failures.failNext("start");
    stage.dispatch(0, JOB, 1, 0, 9);
    stage.pass(Duration.ZERO);
    stage.dispatch(0, JOB, 2, 9, 18);
    assertThat(stage.workers.all).isEmpty();
    assertIsOneFault(0);
    assertRunsOnANewWorker(0);
  }

  @Test
  void aWorkerThatIsLaunchedAfterItWasGivenUpIsKilled() {
    var worker = stage.rested(0, JOB);
    worker.exits(0);
    worker.launched();
    assertThat(worker.killed).isTrue();
    stage.failures.failNext("kill");
    worker.launched();
  }

  /** Checks that the slot gets one fault of the service, and no other event. */
  private void assertIsOneFault(int slot) {
    stage.pass(Duration.ZERO);
    stage.pass(Duration.ZERO);
    var lost = lost();
    assertThat(lost.slot()).isEqualTo(slot);
    assertThat(lost.death().cause()).isEqualTo(Cause.FAULT);
    assertThat(lost.items()).isEmpty();
    pool.free(slot);
  }
}
