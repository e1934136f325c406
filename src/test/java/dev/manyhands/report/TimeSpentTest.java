package dev.manyhands.report;

import static dev.manyhands.report.Reports.report;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.manyhands.model.ChunkReport;
import dev.manyhands.model.ItemTimes;
import dev.manyhands.model.Outcomes.Cost;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimeSpentTest {

  @Test
  void theFirstChunkOfAWorkerPaysForItsStart() {
    var spent =
        spent(
            1,
            report(1, 0, 1, 0, 1, new Cost(0.5, 0.05, 0.05), 0, 1),
            report(1, 1, 2, 1, 1, new Cost(0.8, 0.05, 0.05), 0, 1),
            report(1, 2, 3, 2, 1, new Cost(0.8, 0.05, 0.05), 0, 1));

    assertTime(spent.slotTime(4, 0), new SlotTime(0.3, 0.3, 0.15, 2.1, 0.15, 0, 1));
    assertThat(spent.startUp(1, Reports.at(0))).isCloseTo(0.3, within(1e-9));
    assertThat(spent.startUp(1, Reports.at(1))).isZero();
    assertThat(spent.startUp(2, Reports.at(0))).isZero();
  }

  @Test
  void theFirstChunkIsTheFirstInTimeAndNotInTheOrderOfItems() {
    var first = report(1, 0, 1, 9, 1, new Cost(0.5, 0, 0), 0, 1);
    var second = report(1, 1, 2, 0, 1, new Cost(0.9, 0, 0), 0, 1);

    var expected = new SlotTime(0.4, 0.2, 0, 1.4, 0, 0, 0);
    assertTime(spent(1, first, second).slotTime(2, 0), expected);
    assertTime(spent(1, second, first).slotTime(2, 0), expected);
  }

  @Test
  void aWarmWorkerWithOneChunkHasNoStart() {
    var spent = spent(1, report(1, 0, 1, 0, 1, new Cost(0.9985, 0, 0), 0, 1));

    assertTime(spent.slotTime(1, 0), new SlotTime(0, 0.0015, 0, 0.9985, 0, 0, 0));
  }

  @Test
  void threadsOfAWorkerShareItsTime() {
    var spent = spent(1, report(1, 0, 1, 0, 8, new Cost(7.2, 0.4, 0.4), 0, 1));

    assertTime(spent.slotTime(1, 0), new SlotTime(0, 0, 0.05, 0.9, 0.05, 0, 0));
    assertThat(spent.work()).isEqualTo(7.2);
  }

  @Test
  void threadsThatWaitedForAProcessorWereInTheFunction() {
    var times =
        new ItemTimes(
            List.of(
                new ItemTimes.Run(0, 1_100_000, 100_000, false),
                new ItemTimes.Run(1, 1_000_000, 50_000, false),
                new ItemTimes.Run(1, 9_000_000, 1_050_000, false)));
    var spent = spent(1, report(1, 0, 1.2, 0, 3, new Cost(0.1, 0, 0).withTimes(times), 0, 1));

    assertTime(spent.slotTime(1.2, 0), new SlotTime(0.048, 0.002, 0, 1.15, 0, 0, 0));
    assertThat(spent.work()).isEqualTo(0.1);
  }

  @Test
  void whatADeadWorkerDidIsLost() {
    var spent =
        spent(
            1,
            report(1, 0, 1, 0, 1, new Cost(1, 0, 0), 0, 1),
            report(2, 1, 4, 1, 1, Cost.NONE, 1, 2));

    assertTime(spent.slotTime(5, 0), new SlotTime(0, 0, 0, 1, 0, 3, 1));
    assertThat(spent.attempts()).isEqualTo(new JobReport.Attempts(1, 1, 1, 3));
  }

  @Test
  void aWorkerThatHasNotReportedIsNotIdle() {
    var spent = spent(2, report(1, 0, 2, 0, 1));

    assertTime(spent.slotTime(10, 7), new SlotTime(0, 0, 0, 2, 0, 0, 7, 11));
    assertTime(spent.slotTime(10, 70), new SlotTime(0, 0, 0, 2, 0, 0, 18, 0));
  }

  @Test
  void whereSlotsWereForgottenThereAreAsManyAsTheWorkNeeds() {
    var spent = spent(1, report(1, 0, 2, 0, 1), report(2, 0, 2, 1, 1));

    assertThat(spent.slots(2)).isEqualTo(2);
    assertTime(spent.slotTime(2, 0), new SlotTime(0, 0, 0, 4, 0, 0, 0));
  }

  @Test
  void theTailIsWhatSlotsWaitForTheLast() {
    var spent =
        spent(
            3,
            report(1, 0, 1, 0, 1), // replaced by worker 4
            report(2, 0, 3, 1, 1),
            report(4, 1, 6, 2, 1),
            report(3, 0, 2, 3, 1));

    assertThat(spent.tailSeconds()).isCloseTo(3 + 4, within(1e-9));
    ChunkReport last = spent.last();
    assertThat(last).isNotNull();
    assertThat(last.worker()).isEqualTo(4);
  }

  @Test
  void theSlowestAreKept() {
    var reports = new ArrayList<ChunkReport>();
    for (int i = 1; i <= 100; i++) {
      reports.add(report(1, i, i + i / 100.0, i * 100, 101 - i));
    }
    Collections.shuffle(reports, new Random(2));
    var spent = spent(1, reports.toArray(ChunkReport[]::new));

    assertThat(spent.slowestChunks())
        .extracting(SlowChunk::seconds)
        .containsExactly(1.0, 0.99, 0.98, 0.97, 0.96);
    assertThat(spent.slowestItems())
        .extracting(SlowChunk::first)
        .containsExactly(10_000L, 9_900L, 9_800L, 9_700L, 9_600L);
    assertThat(spent.chunks("because"))
        .isEqualTo(new JobReport.Chunks(100, 1, 50, 100, 0.5, "because"));
  }

  @Test
  void anItemThatTimedOutIsAmongTheSlowest() {
    var spent =
        spent(
            1,
            report(1, 0, 2, 0, 1),
            report(1, 2, 32, 1, 1, Cost.NONE, 1, 1),
            report(2, 32, 42, 2, 10));

    assertThat(spent.slowestItems())
        .extracting(SlowChunk::first, SlowChunk::secondsPerItem, SlowChunk::failed)
        .containsExactly(tuple(1L, 30.0, 1L), tuple(0L, 2.0, 0L), tuple(2L, 1.0, 0L));
  }

  @Test
  void allPartsTogetherAreSlotsTimesWallTime() {
    for (int seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      int slots = 1 + random.nextInt(8);
      var reports = history(random, slots);
      Collections.shuffle(reports, random);
      var spent = spent(slots, reports.toArray(ChunkReport[]::new));
      double wall = 100;

      SlotTime time = spent.slotTime(wall, 0);
      assertThat(spent.slots(wall)).isEqualTo(slots);
      assertThat(time.total()).as("seed %d", seed).isCloseTo(slots * wall, within(0.001));
      assertThat(time.shares().total()).isCloseTo(1, within(1e-9));
      assertThat(
              List.of(
                  time.startUp(),
                  time.transfer(),
                  time.read(),
                  time.run(),
                  time.write(),
                  time.idle()))
          .allMatch(part -> part >= 0);
    }
  }

  /** Workers that follow each other on slots, each with chunks that do not overlap. */
  private static List<ChunkReport> history(Random random, int slots) {
    var reports = new ArrayList<ChunkReport>();
    long worker = 0;
    for (int slot = 0; slot < slots; slot++) {
      double at = random.nextDouble();
      worker++;
      while (at < 95) {
        double end = at + 5 * random.nextDouble();
        double told = (end - at) * random.nextDouble() * 1.5;
        boolean died = random.nextInt(20) == 0;
        var cost = died ? Cost.NONE : new Cost(told / 2, told / 4, told / 4);
        reports.add(report(worker, at, end, reports.size(), 1, cost, died ? 1 : 0, 1));
        worker += died ? 100 : 0;
        at = end + (random.nextBoolean() ? 0 : random.nextDouble());
      }
    }
    return reports;
  }

  @Test
  void theProcessorShareIsKnownOnlyOfTheSameProcessAndMostOfTheWork() {
    var spent = spent(2, report(1, 0, 60, 0, 1), report(2, 0, 20, 1, 1));

    assertThat(spent.processorShare(List.of())).isNull();
    assertThat(spent.processorShare(List.of(new JobReport.Processor(1, 99, 5)))).isNull();
    assertThat(spent.processorShare(List.of(new JobReport.Processor(1, 4_001, 0)))).isNull();
    assertThat(spent.processorShare(List.of(new JobReport.Processor(2, 4_002, 1)))).isNull();
    assertThat(spent.processorShare(List.of(new JobReport.Processor(1, 4_001, 4.5))))
        .isCloseTo(0.1, within(1e-9));
  }

  private static TimeSpent spent(int slots, ChunkReport... reports) {
    var spent = new TimeSpent(slots);
    List.of(reports).forEach(spent::add);
    return spent;
  }

  private static void assertTime(SlotTime actual, SlotTime expected) {
    assertThat(actual.rounded()).isEqualTo(expected);
  }
}
