package dev.manyhands.engine.scheduler;

import static dev.manyhands.engine.scheduler.CoreStage.chunks;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.worker.SlotEvent.Cause;
import dev.manyhands.engine.worker.StartFault;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemError.Kind;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobSpec.OnError;
import dev.manyhands.model.JobSpec.Retry;
import dev.manyhands.model.JobSpec.StopWhen;
import dev.manyhands.model.JobSpec.Timeouts;
import dev.manyhands.model.Recycle;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Each rule of {@link SchedulerCore} as one case. */
class SchedulerCoreTest {
  private final CoreStage stage = new CoreStage(2);

  @Nested
  class WhoIsToBlame {
    @Test
    void aChunkWhoseCulpritIsUnknownIsHalved() {
      stage.runInChunks("a", 8, 8);
      stage.lose(0, Cause.CRASH);
      assertThat(stage.slots()).isEqualTo("0 a[0, 4) | 1 a[4, 8)");
      stage.answer(1);
      stage.lose(0, Cause.CRASH);
      assertThat(stage.slots()).isEqualTo("0 a[0, 2) | 1 a[2, 4)");
      assertThat(stage.errors).isEmpty();
    }

    @Test
    void aLostChunkOfOneItemIsThatItemsFault() {
      stage.run("a", 1);
      stage.lose(0, Cause.CRASH);
      stage.lose(0, Cause.CRASH);
      assertThat(stage.errors)
          .singleElement()
          .satisfies(error -> {
            assertThat(error.kind()).isEqualTo(Kind.CRASH);
            assertThat(error.attempts()).isEqualTo(2);
          });
      assertThat(stage.end("a")).isEqualTo("FAILED");
    }

    @Test
    void theItemThatRanRunsAgainAloneAndItsNeighboursAsBefore() {
      stage.runInChunks("a", 8, 8);
      stage.lose(0, Cause.CRASH, 3L);
      assertThat(stage.slots()).isEqualTo("0 a[3, 4) | 1 a[0, 3)");
      stage.answer(1);
      assertThat(stage.slots()).isEqualTo("0 a[3, 4) | 1 a[4, 8)");
    }

    @Test
    void ofSeveralItemsThatRanEachRunsAloneAndNoneHasLostAnAttempt() {
      stage.run("a", 4, spec -> chunks(4).andThen(b -> b.retry(retry(1, 1, 1))).accept(spec));
      stage.lose(0, Cause.CRASH, 1L, 2L);
      assertThat(stage.slots()).isEqualTo("0 a[1, 2) | 1 a[2, 3)");
      assertThat(stage.errors).isEmpty();
    }

    @Test
    void anItemOfTheSecondChunkMayHaveEndedAWorkerWithThreads() {
      stage.run("a", 6, spec -> spec.threads(2).workers(1).retry(retry(1, 1, 1)));
      assertThat(stage.slots()).isEqualTo("0 a[0, 2) a[2, 4) | 1 -");
      stage.lose(0, Cause.CRASH, 3L);
      assertThat(stage.errors).extracting(ItemError::index).containsExactly(3L);
      assertThat(stage.slots()).isEqualTo("0 a[0, 2) a[2, 3) | 1 -");
    }

    @Test
    void itemsOfBothChunksOfAWorkerWithThreadsRunAlone() {
      stage.run("a", 6, spec -> spec.threads(2).retry(retry(1, 1, 1)));
      assertThat(stage.slots()).isEqualTo("0 a[0, 2) a[4, 6) | 1 a[2, 4)");
      stage.lose(0, Cause.CRASH, 1L, 4L);
      assertThat(stage.errors).isEmpty();
      assertThat(stage.slots()).isEqualTo("0 a[1, 2) | 1 a[2, 4)");
      stage.answer(0);
      assertThat(stage.slots()).startsWith("0 a[4, 5) | 1 a[2, 4) ");
    }

    @Test
    void whatWasReportedBeforeTheCrashStays() {
      stage.runInChunks("a", 4, 4);
      stage.report(0, 2);
      stage.lose(0, Cause.CRASH, 2L);
      assertThat(stage.slots()).isEqualTo("0 a[2, 3) | 1 a[3, 4)");
    }

    @Test
    void anItemThatTookTooLongHasTheAttemptsOfTimeouts() {
      stage.run("a", 1, spec -> spec.retry(retry(5, 2, 1)));
      stage.lose(0, Cause.TIMEOUT, 0L);
      assertThat(stage.slots()).isEqualTo("0 a[0, 1) | 1 -");
      stage.lose(0, Cause.TIMEOUT, 0L);
      assertThat(stage.errors.getFirst().kind()).isEqualTo(Kind.TIMEOUT);
    }

    private void runInOneChunk(long items) {
      var chunks = CoreStage.chunks(items);
      stage.run("a", items, chunks.andThen(spec -> spec.retry(retry(1, 1, 1))));
    }

    @Test
    void aLateItemThatIsAnsweredBeforeTheKillCostsItsNeighbourNothing() {
      runInOneChunk(2);
      stage.report(0, 1);
      stage.loseOvertaken(0, 0L);
      assertThat(stage.errors).isEmpty();
      assertThat(stage.slots()).isEqualTo("0 a[1, 2) | 1 -");
    }

    @Test
    void aLateItemWhoseAnswerIsLostRunsAgainAloneAndIsThenCharged() {
      runInOneChunk(3);
      stage.loseOvertaken(0, 0L);
      assertThat(stage.errors).isEmpty();
      assertThat(stage.slots()).isEqualTo("0 a[0, 1) | 1 a[1, 3)");
      stage.loseOvertaken(0, 0L);
      assertThat(stage.errors.getFirst().index()).isZero();
      assertThat(stage.errors).hasSize(1);
    }

    @Test
    void aWorkerThatNamesFalseItemsIsNotKilledForEver() {
      runInOneChunk(3);
      stage.loseOvertaken(0, 99L);
      assertThat(stage.errors).isEmpty();
      assertThat(stage.slots()).isEqualTo("0 a[0, 1) | 1 a[1, 3)");
      stage.loseOvertaken(0, 99L);
      assertThat(stage.errors).hasSize(1);
      assertThat(stage.errors.getFirst().index()).isZero();
    }

    @Test
    void wantOfMemoryHasTheAttemptsOfCrashesAndAWordOfItsOwn() {
      stage.run("a", 1, spec -> spec.retry(retry(1, 9, 9)));
      stage.lose(0, Cause.OOM, 0L);
      assertThat(stage.errors.getFirst().kind()).isEqualTo(Kind.OOM);
    }

    @Test
    void aWorkerThatTheServiceStoppedChargesNobody() {
      stage.run("a", 1, spec -> spec.retry(retry(1, 1, 1)));
      stage.lose(0, Cause.STOPPED, 0L);
      assertThat(stage.slots()).isEqualTo("0 a[0, 1) | 1 -");
      assertThat(stage.errors).isEmpty();
    }

    @Test
    void faultsOfTheServiceChargeNobodyUntilTheyAreTooManyInARow() {
      stage.run("a", 1, spec -> spec.retry(retry(1, 1, 1)));
      for (int i = 0; i < 3; i++) {
        stage.lose(0, Cause.FAULT, 0L);
        assertThat(stage.errors).isEmpty();
      }
      stage.lose(0, Cause.FAULT, 0L);
      assertThat(stage.errors).hasSize(1);
    }
  }

  @Nested
  class CancelledItems {
    private void cancel(boolean force, long first, long end) {
      var items = List.of(new ItemRange(first, end));
      stage.handle(new CoreEvent.CancelItems(stage.id("a"), 1, items, force));
    }

    @Test
    void itemsThatNoWorkerHasAreCancelledAtOnce() {
      stage.runInChunks("a", 7, 2);
      cancel(false, 4, 6);
      assertThat(stage.asked()).containsExactly("cancel [[4, 6)] → [4, 6) CANCELLED");
      stage.answer(0);
      assertThat(stage.slots()).isEqualTo("0 a[6, 7) | 1 a[2, 4)");
      stage.answer(0);
      stage.answer(1);
      assertThat(stage.end("a")).isEqualTo("SUCCEEDED");
    }

    @Test
    void aWorkerIsAskedForItemsThatItHasNotBegun() {
      stage.runInChunks("a", 4, 2);
      cancel(false, 0, 2);
      assertThat(stage.asked()).containsExactly("recall 0");
      stage.handBack(0);
      assertThat(stage.asked())
          .containsExactly("cancel [[1, 2)] → [0, 1) RUNNING, [1, 2) CANCELLED");
      stage.answer(0);
      stage.answer(1);
      assertThat(stage.end("a")).isEqualTo("SUCCEEDED");
    }

    @Test
    void itemsOfAWorkerThatDoesNotAnswerCountAsRunning() {
      stage.runInChunks("a", 4, 2);
      cancel(false, 0, 2);
      stage.asked();
      stage.pass(ItemCancels.PATIENCE_SECONDS + 0.1);
      assertThat(stage.asked()).containsExactly("cancel [] → [0, 2) RUNNING");
    }

    @Test
    void aForcedCancelStopsTheWorkerAndChargesNobody() {
      stage.run("a", 4, spec -> chunks(2).andThen(b -> b.retry(retry(1, 1, 1))).accept(spec));
      cancel(true, 0, 1);
      assertThat(stage.asked()).containsExactly("stop 0");
      stage.lose(0, Cause.STOPPED, 0L);
      assertThat(stage.asked()).containsExactly("cancel [[0, 1)] → [0, 1) CANCELLED");
      assertThat(stage.slots()).isEqualTo("0 a[1, 2) | 1 a[2, 4)");
      assertThat(stage.errors).isEmpty();
    }

    @Test
    void itemsWithAnOutcomeAreDone() {
      stage.runInChunks("a", 6, 2);
      stage.answer(0);
      cancel(false, 0, 2);
      assertThat(stage.asked()).containsExactly("cancel [] → [0, 2) DONE");
    }

    @Test
    void manyRangesAreCancelledInSlicesWhileOthersGoOn() {
      var odd = LongStream.range(0, 1_000).mapToObj(i -> ItemRange.ofCount(2 * i + 1, 1)).toList();
      stage.runInChunks("a", 2_000, 1);
      stage.answer(1);
      stage.answer(1);
      stage.asked();
      stage.handle(new CoreEvent.CancelItems(stage.id("a"), 1, odd, false));
      assertThat(stage.cancelled).hasSizeBetween(1, ItemCancels.SLICE);
      stage.answer(0);
      stage.answer(0); // the chunk that was queued
      assertThat(stage.slots()).as("no slot for a job whose items go").startsWith("0 -");
      stage.run("b", 1);
      assertThat(stage.slots()).startsWith("0 b[0, 1)");
      for (int slice = 0; !stage.asked().toString().contains("→"); slice++) {
        assertThat(slice).as("slices").isLessThan(100);
        stage.pass(0.05); // at most a second for the items that a worker has
      }
      assertThat(stage.cancelled).hasSizeGreaterThan(990).doesNotHaveDuplicates();
      stage.answer(0);
      assertThat(stage.slots()).startsWith("0 a[");
    }

    @Test
    void oneRangeOfManyPartsIsCancelledInSlices() {
      var odd = LongStream.range(0, 500).mapToObj(i -> ItemRange.ofCount(2 * i + 1, 1)).toList();
      stage.runInChunks("a", 1_000, 1);
      stage.handle(new CoreEvent.CancelItems(stage.id("a"), 1, odd, false));
      for (int slice = 0; slice < 100; slice++) {
        stage.pass(0);
      }
      int before = stage.cancelled.size();
      cancel(false, 0, 1_000);
      assertThat(stage.cancelled.size() - before).isBetween(1, ItemCancels.SLICE);
    }

    @Test
    void itemsThatTouchAreStoredAsOneRange() {
      stage.runInChunks("a", 9, 1);
      cancel(false, 5, 6);
      cancel(false, 7, 8);
      cancel(false, 6, 7);
      assertThat(stage.cancelled).containsExactly(range(5, 6), range(7, 8), range(6, 7));
      assertThat(stage.grown).containsExactly(range(5, 8));
    }

    private static ItemRange range(long first, long end) {
      return new ItemRange(first, end);
    }

    @Test
    void aJobMayHaveFewOpenRequestsOnly() {
      stage.runInChunks("a", 4, 2);
      for (int request = 1; request <= ItemCancels.MOST_OPEN; request++) {
        var items = List.of(new ItemRange(0, 2));
        stage.handle(new CoreEvent.CancelItems(stage.id("a"), request, items, false));
      }
      stage.asked();
      cancel(false, 0, 2);
      assertThat(stage.asked()).containsExactly("not cancelled BUSY");
    }

    @Test
    void aJobThatIsNotHereIsNotCancelled() {
      stage.run("a", 1);
      stage.answer(0);
      cancel(false, 0, 1);
      assertThat(stage.asked()).containsExactly("not cancelled NOT_HERE");
    }
  }

  @Nested
  class FunctionsThatAreNotLoaded {
    @Test
    void aFunctionThatIsToBlameEndsItsJobAtOnce() {
      stage.run("a", 3);
      stage.doNotLoad(0, StartFault.FUNCTION);
      assertThat(stage.end("a")).isEqualTo("FAILED functionNotLoaded");
      assertThat(stage.asked()).containsExactly("stop 1");
    }

    @Test
    void aWorkerThatDiedBeforeIsReplacedTwice() {
      stage.run("a", 1);
      stage.doNotLoad(0, StartFault.PASSING);
      stage.doNotLoad(0, StartFault.PASSING);
      assertThat(stage.end("a")).isNull();
      stage.doNotLoad(0, StartFault.PASSING);
      assertThat(stage.end("a")).isEqualTo("FAILED functionNotLoaded");
    }

    @Test
    void aJobWithMoreAttemptsAfterACrashHasAsManyWorkers() {
      stage.run("a", 1, spec -> spec.retry(retry(5, 1, 1)));
      for (int i = 0; i < 4; i++) {
        stage.doNotLoad(0, StartFault.PASSING);
      }
      assertThat(stage.end("a")).isNull();
      stage.doNotLoad(0, StartFault.PASSING);
      assertThat(stage.end("a")).isEqualTo("FAILED functionNotLoaded");
    }

    @Test
    void anAnswerForgivesEarlierFailures() {
      stage.runInChunks("a", 2, 1);
      stage.doNotLoad(0, StartFault.PASSING);
      stage.doNotLoad(0, StartFault.PASSING);
      stage.answer(1);
      stage.doNotLoad(0, StartFault.PASSING);
      stage.doNotLoad(0, StartFault.PASSING);
      assertThat(stage.end("a")).isNull();
    }

    @Test
    void anOutageIsNoFaultOfAnyJob() {
      stage.run("a", 1);
      for (int i = 0; i < 100; i++) {
        stage.doNotLoad(0, StartFault.OUTAGE);
      }
      assertThat(stage.slots()).isEqualTo("0 a[0, 1) | 1 -");
    }
  }

  @Nested
  class AnotherTry {
    @Test
    void anItemThatRaisedRunsAgainAlone() {
      stage.run("a", 4, spec -> chunks(4).andThen(b -> b.retry(retry(1, 1, 2))).accept(spec));
      stage.raise(0);
      assertThat(stage.slots()).isEqualTo("0 a[0, 4) | 1 a[0, 1)");
      stage.raise(1);
      assertThat(stage.errors).singleElement().extracting("attempts").isEqualTo(2);
    }

    @Test
    void aJobBacksOffWhileAllItsItemsWaitForTheirBackoff() {
      stage.run("a", 3, spec -> spec.workers(1).retry(new Retry(1, 1, 2, Duration.ofSeconds(1))));
      stage.raise(0);
      assertThat(stage.shown.get("a").backsOff()).as("others can run").isFalse();
      while (!stage.slots().equals("0 - | 1 -")) {
        stage.answer(0);
      }
      assertThat(stage.shown.get("a").backsOff()).isTrue();
      stage.pass(1.1);
      assertThat(stage.shown.get("a").backsOff()).isFalse();
    }

    @Test
    void eachWaitIsTwiceTheOneBefore() {
      stage.run("a", 1, spec -> spec.retry(new Retry(1, 1, 3, Duration.ofSeconds(1))));
      stage.raise(0);
      stage.pass(0.9);
      assertThat(stage.slots()).isEqualTo("0 - | 1 -");
      stage.pass(0.2);
      assertThat(stage.slots()).isEqualTo("0 a[0, 1) | 1 -");
      stage.raise(0);
      stage.pass(1.9);
      assertThat(stage.slots()).isEqualTo("0 - | 1 -");
      stage.pass(0.2);
      assertThat(stage.slots()).isEqualTo("0 a[0, 1) | 1 -");
    }
  }

  @Nested
  class HandingOut {
    @Test
    void nothingIsQueuedAheadBeforeAnythingIsMeasured() {
      stage.run("a", 100);
      assertThat(stage.slots()).isEqualTo("0 a[0, 1) | 1 a[1, 2)");
    }

    @Test
    void aWorkerHasItsNextChunkBeforeItNeedsIt() {
      stage.run("a", 1000);
      stage.answer(0);
      assertThat(stage.slots()).isEqualTo("0 a[2, 10) a[10, 18) | 1 a[1, 2) a[18, 26)");
    }

    @Test
    void aWorkerWithThreadsHasItsNextChunkFromTheStart() {
      stage.run("a", 12, spec -> spec.threads(3));
      assertThat(stage.slots()).isEqualTo("0 a[0, 3) a[6, 9) | 1 a[3, 6) a[9, 12)");
    }

    @Test
    void aWorkerWithThreadsHasOneChunkWhileAnotherJobWaits() {
      stage.run("a", 12, spec -> spec.threads(3).workers(2));
      stage.run("b", 1);
      stage.answer(0);
      assertThat(stage.slots()).startsWith("0 a[6, 9) | ");
    }

    @Test
    void noChunkIsQueuedAheadWhileAnotherJobWaits() {
      var one = new CoreStage(1);
      one.run("a", 1000);
      one.answer(0);
      one.run("b", 1);
      assertThat(one.asked()).containsExactly("recall 0");
      one.handBack(0);
      one.answer(0);
      assertThat(one.slots()).isEqualTo("0 b[0, 1)");
    }

    @Test
    void aSlotWithNothingToDoGetsTheRestOfAnothersChunk() {
      stage.run("a", 40);
      for (int i = 0; i < 3; i++) {
        stage.answer(0);
      }
      stage.asked();
      while (!stage.slots().contains("0 -")) {
        stage.answer(0);
      }
      assertThat(stage.asked()).contains("recall 1");
    }

    @Test
    void chunksOfAChosenSizeAreNotSplit() {
      stage.runInChunks("a", 10, 5);
      stage.answer(0);
      stage.pass(10);
      assertThat(stage.asked()).isEmpty();
      assertThat(stage.slots()).isEqualTo("0 - | 1 a[5, 10)");
    }

    @Test
    void aJobHasNoMoreSlotsThanItsWorkers() {
      stage.run("a", 100, spec -> spec.workers(1));
      assertThat(stage.slots()).isEqualTo("0 a[0, 1) | 1 -");
    }

    @Test
    void aStepOfPriorityDoublesTheShare() {
      var one = new CoreStage(1);
      one.run("a", 300, spec -> chunks(1).andThen(b -> b.priority(5)).accept(spec));
      one.run("b", 300, spec -> chunks(1).andThen(b -> b.priority(6)).accept(spec));
      int ofB = 0;
      for (int i = 0; i < 300; i++) {
        ofB += one.slots().startsWith("0 b") ? 1 : 0;
        one.answer(0);
      }
      assertThat(ofB).isBetween(195, 205);
    }

    @Test
    void theJobWhoseTurnItIsKeepsItUntilItsMemoryFits() {
      var narrow = new CoreStage(2, 4);
      narrow.run("a", 2, spec -> spec.workers(1).memory(2L));
      narrow.run("large", 1, spec -> spec.memory(4L));
      narrow.run("small", 1, spec -> spec.memory(1L));
      assertThat(narrow.slots()).isEqualTo("0 a[0, 1) | 1 -");
      narrow.answer(0);
      assertThat(narrow.slots()).isEqualTo("0 large[0, 1) | 1 -");
    }

    @Test
    void aPausedJobGetsNothingMoreAndGivesBackWhatHasNotBegun() {
      stage.run("a", 1000);
      stage.answer(0);
      stage.change("a", spec -> spec.paused(true));
      assertThat(stage.asked()).containsExactly("recall 0", "recall 1");
      stage.handBack(0);
      stage.answer(0);
      assertThat(stage.slots()).startsWith("0 - |");
      stage.change("a", spec -> spec.paused(false));
      assertThat(stage.slots()).startsWith("0 a[");
    }

    @Test
    void aServiceThatStopsStartsNothingMore() {
      stage.run("a", 1000);
      stage.handle(new CoreEvent.Drain());
      assertThat(stage.asked()).containsExactly("recall 0", "recall 1");
      stage.answer(0);
      assertThat(stage.slots()).startsWith("0 - |");
    }

    @Test
    void nothingIsHandedOutWhileTheStoreIsBehind() {
      stage.handle(new CoreEvent.StoreBehind(true));
      stage.run("a", 2);
      assertThat(stage.slots()).isEqualTo("0 - | 1 -");
      stage.handle(new CoreEvent.StoreBehind(false));
      assertThat(stage.slots()).isEqualTo("0 a[0, 1) | 1 a[1, 2)");
    }
  }

  @Nested
  class TheEndOfAJob {
    @Test
    void allItemsHaveOutcomes() {
      stage.run("a", 2);
      stage.answer(0);
      assertThat(stage.end("a")).isNull();
      stage.answer(1);
      assertThat(stage.end("a")).isEqualTo("SUCCEEDED");
    }

    @Test
    void noItemsAreAllItems() {
      stage.run("a", 0);
      assertThat(stage.end("a")).isEqualTo("SUCCEEDED");
    }

    @Test
    void moreFailuresThanAllowedFailTheJobOnceItIsThrough() {
      stage.run("a", 2, spec -> spec.maxFailures(0));
      stage.raise(0);
      assertThat(stage.end("a")).isNull();
      stage.answer(1);
      assertThat(stage.end("a")).isEqualTo("FAILED");
    }

    @Test
    void moreFailuresThanAllowedStopTheJobIfItAsksForThat() {
      stage.run("a", 2, spec -> spec.onError(OnError.STOP));
      stage.raise(0);
      assertThat(stage.end("a")).isEqualTo("FAILED maxFailures");
      assertThat(stage.asked()).containsExactly("stop 1");
    }

    @Test
    void enoughMatchesStopTheJobAndTheRestIsSkipped() {
      stage.run("a", 9, spec -> spec.stopWhen(new StopWhen(StopWhen.Match.TRUTHY, null, 2)));
      stage.match(0);
      assertThat(stage.end("a")).isNull();
      stage.match(1);
      assertThat(stage.end("a")).isEqualTo("SUCCEEDED stopWhen");
      assertThat(stage.ended.get("a").tally().skipped()).isEqualTo(7);
    }

    @Test
    void aCancelledJobStopsItsSlotsAndLateAnswersAreForNobody() {
      stage.run("a", 2);
      stage.handle(new CoreEvent.Cancel(stage.id("a")));
      assertThat(stage.end("a")).isEqualTo("CANCELLED cancelled");
      assertThat(stage.asked()).containsExactly("stop 0", "stop 1");
      stage.raise(0);
      assertThat(stage.ended.get("a").tally().failed()).isZero();
    }

    @Test
    void aJobThatIsTooOldWakesTheCoreAndFails() {
      stage.run("a", 2, spec -> spec.timeouts(new Timeouts(null, Duration.ofSeconds(2), null)));
      assertThat(stage.passUntilAlarm()).isTrue();
      assertThat(stage.end("a")).isEqualTo("FAILED timeout");
    }

    @Test
    void aLeaseThatIsLostStopsTheSlotsAndEndsNothing() {
      stage.run("a", 2);
      stage.handle(new CoreEvent.LeaseLost(stage.id("a"), 1));
      assertThat(stage.asked()).containsExactly("stop 0", "stop 1");
      assertThat(stage.end("a")).isNull();
    }
  }

  @Nested
  class ItemsThatComeLater {
    @Test
    void anOpenJobEndsOnlyAfterItIsClosed() {
      stage.runOpen("a");
      stage.handle(new CoreEvent.Append(stage.id("a"), new ItemRange(0, 1)));
      stage.answer(0);
      assertThat(stage.end("a")).isNull();
      stage.handle(new CoreEvent.CloseInputs(stage.id("a"), 1));
      assertThat(stage.end("a")).isEqualTo("SUCCEEDED");
    }

    @Test
    void anAbandonedJobIsCancelledIfItemsAreMissing() {
      // The number of items is final now, and half of them have failed.
      stage.runOpen("a", spec -> spec.maxFailuresPercent(10.0).onError(OnError.STOP));
      stage.handle(new CoreEvent.Append(stage.id("a"), new ItemRange(0, 2)));
      stage.raise(0);
      stage.handle(new CoreEvent.Abandon(stage.id("a")));
      assertThat(stage.end("a")).isEqualTo("CANCELLED abandoned");
    }

    @Test
    void anAbandonedJobOfWhichAllIsDoneHasTheStateOfAClosedJob() {
      stage.runOpen("a");
      stage.handle(new CoreEvent.Append(stage.id("a"), new ItemRange(0, 1)));
      stage.answer(0);
      stage.handle(new CoreEvent.Abandon(stage.id("a")));
      assertThat(stage.end("a")).isEqualTo("SUCCEEDED abandoned");
    }

    @Test
    void itemsThatAreNamedAgainRunOnce() {
      stage.runOpen("a");
      stage.handle(new CoreEvent.Append(stage.id("a"), new ItemRange(1, 2)));
      stage.handle(new CoreEvent.Append(stage.id("a"), new ItemRange(0, 3)));
      stage.handle(new CoreEvent.Append(stage.id("a"), new ItemRange(0, 2)));
      stage.handle(new CoreEvent.CloseInputs(stage.id("a"), 3));
      assertThat(stage.end("a")).isNull();
      while (stage.end("a") == null) {
        stage.answer(stage.slots().contains("0 a") ? 0 : 1);
      }
      assertThat(stage.ended.values().iterator().next().tally().succeeded()).isEqualTo(3);
      assertThat(stage.end("a")).isEqualTo("SUCCEEDED");
    }

    @Test
    void aCloseThatOvertakesAnAppendWaitsForIt() {
      stage.runOpen("a");
      stage.handle(new CoreEvent.CloseInputs(stage.id("a"), 1));
      assertThat(stage.end("a")).isNull();
      stage.handle(new CoreEvent.Append(stage.id("a"), new ItemRange(0, 1)));
      stage.answer(0);
      assertThat(stage.end("a")).isEqualTo("SUCCEEDED");
    }
  }

  @Nested
  class RecycledWorkers {
    private final CoreStage one = new CoreStage(1);

    private void run(long chunk) {
      one.run("a", 100, spec -> chunks(chunk).andThen(b -> b.recycle(new Recycle(5))).accept(spec));
    }

    @Test
    void aChunkEndsWithTheItemsOfItsWorker() {
      run(3);
      one.answer(0);
      assertThat(one.slots()).isEqualTo("0 a[3, 5) a[5, 8)");
      one.answer(0);
      assertThat(one.slots()).isEqualTo("0 a[5, 8) a[8, 10)");
    }

    @Test
    void aChunkIsNeverLargerThanTheItemsOfAWorker() {
      run(50);
      assertThat(one.slots()).isEqualTo("0 a[0, 5)");
    }

    @Test
    void aWorkerThatTakesTheLostOnesPlaceHasAllItems() {
      run(3);
      one.answer(0);
      one.lose(0, Cause.STOPPED);
      assertThat(one.slots()).isEqualTo("0 a[3, 6) a[6, 8)");
    }

    @Test
    void itemsThatCameBackAreLeftToTheWorker() {
      run(5);
      one.handBack(0);
      one.answer(0);
      assertThat(one.slots()).isEqualTo("0 a[1, 5) a[5, 10)");
    }
  }

  @Nested
  class RememberedValues {
    @Test
    void itemsDoNotRunBeforeItIsKnownWhetherTheyMust() {
      stage.run("a", 4, spec -> spec.cache(true));
      assertThat(stage.asked()).containsExactly("look up a[[0, 4)]");
      assertThat(stage.slots()).isEqualTo("0 - | 1 -");
      stage.known("a", 0, 3);
      stage.handle(new CoreEvent.Release(stage.id("a"), 1, new ItemRange(3, 4)));
      assertThat(stage.slots()).isEqualTo("0 a[3, 4) | 1 -");
      stage.answer(0);
      assertThat(stage.ended.get("a").tally().cached()).isEqualTo(3);
    }
  }

  @Nested
  class DecisionsThatFail {
    @Test
    void aJobWhoseDecisionFailedEndsAndItsSlotIsFree() {
      stage.run("a", 1);
      stage.giveUp(0);
      assertThat(stage.end("a")).isEqualTo("FAILED internalError");
      stage.run("b", 1);
      assertThat(stage.slots()).isEqualTo("0 b[0, 1) | 1 -");
    }
  }

  private static Retry retry(int crash, int timeout, int error) {
    return new JobSpec.Retry(crash, timeout, error, Duration.ZERO);
  }
}
