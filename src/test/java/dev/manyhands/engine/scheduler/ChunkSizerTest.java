package dev.manyhands.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobSpec.Chunking;
import dev.manyhands.model.Outcomes;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChunkSizerTest {

  @Test
  void beginsWithOneItemAndGrowsStepByStep() {
    var sizer = new ChunkSizer(Chunking.AUTO, 1_000_000, 1, false);
    assertThat(sizer.next(1_000_000, 2).items()).isEqualTo(1);
    measure(sizer, 1, 1e-6);
    assertThat(sizer.next(1_000_000, 2).items()).isEqualTo(8);
    measure(sizer, 8, 1e-6);
    assertThat(sizer.next(1_000_000, 2).items()).isEqualTo(64);
  }

  @Test
  void aimsAtTwoTenthsOfASecond() {
    var sizer = new ChunkSizer(Chunking.AUTO, 1_000_000, 1, false);
    measure(sizer, 10_000, 0.001);
    assertThat(sizer.next(1_000_000, 2).items()).isEqualTo(200);
    assertThat(sizer.expectedSeconds(200)).isBetween(0.199, 0.201);
  }

  @Test
  void aimsAtLessWhereInputsAreStillComing() {
    var sizer = new ChunkSizer(Chunking.AUTO, 1_000_000, 1, true);
    measure(sizer, 10_000, 0.001);
    assertThat(sizer.next(1_000_000, 2).items()).isEqualTo(50);
  }

  @Test
  void itemsLongerThanTheAimGoAlone() {
    var sizer = new ChunkSizer(Chunking.AUTO, 100, 1, false);
    measure(sizer, 1, 3.0);
    assertThat(sizer.next(99, 2).items()).isEqualTo(1);
  }

  @Test
  void shrinksNearTheEndSoThatSlotsFinishTogether() {
    var sizer = new ChunkSizer(Chunking.AUTO, 1_000, 1, false);
    measure(sizer, 100, 0.001);
    assertThat(sizer.next(400, 2).items()).isEqualTo(100);
    assertThat(sizer.next(40, 2).items()).isEqualTo(10);
    assertThat(sizer.next(1, 2).items()).isEqualTo(1);
  }

  @Test
  void doesNotShrinkBelowWhatIsWorthAMessage() {
    var sizer = new ChunkSizer(Chunking.AUTO, 1_000_000, 1, false);
    measure(sizer, 10_000, 1e-6);
    assertThat(sizer.next(100, 2).items()).isEqualTo(1_000);
  }

  @Test
  void largeResultsComeInSmallPortions() {
    var sizer = new ChunkSizer(Chunking.AUTO, 1_000, 1, false);
    var values = new byte[10 << 20];
    var outcomes =
        new Outcomes(new ItemRange(0, 10), values, List.of(), new Outcomes.Cost(1e-5, 0, 0));
    sizer.measure(List.of(outcomes), 1e-5, 10);
    assertThat(sizer.next(990, 2).items()).isEqualTo(2);
  }

  @Test
  void theUsersChoiceStands() {
    assertThat(new ChunkSizer(new Chunking(17L, null, null), 100, 1, false).next(100, 2).items())
        .isEqualTo(17);
    assertThat(new ChunkSizer(new Chunking(null, 3L, null), 100, 1, false).next(100, 2).items())
        .isEqualTo(34);
  }

  @Test
  void chunksKeepAllThreadsBusyAndGoByTheTimeThatPassed() {
    var sizer = new ChunkSizer(Chunking.AUTO, 1_000_000, 8, false);
    assertThat(sizer.next(1_000_000, 2).items()).isEqualTo(8);

    // Eight items of 100 ms at a time are 80 a second, whatever their own seconds add up to.
    // The answer comes in parts, because some of them are tried again.
    sizer.measure(List.of(part(0, 1, 8.0 / 80), part(1, 80, 8.0 / 80)), 1.0, 80);

    assertThat(sizer.next(1_000_000, 2).items()).isEqualTo(16);
    assertThat(sizer.next(1, 2).items()).isEqualTo(8);
  }

  @Test
  void growsByChunksAndNotByThePortionsInWhichTheyAreAnswered() {
    var sizer = new ChunkSizer(Chunking.AUTO, 1_000_000, 1, false);
    for (int i = 0; i < 64; i++) {
      sizer.measure(List.of(part(i, i + 1, 1e-6)), 1, i + 1);
    }
    assertThat(sizer.next(1_000_000, 2).items()).isEqualTo(8 * 64);
  }

  private static void measure(ChunkSizer sizer, int count, double secondsPerItem) {
    sizer.measure(List.of(part(0, count, secondsPerItem)), 1, count);
  }

  private static Outcomes part(int first, int end, double secondsPerItem) {
    int count = end - first;
    return new Outcomes(
        new ItemRange(first, end),
        new byte[count * 2],
        List.of(),
        new Outcomes.Cost(count * secondsPerItem, 0, 0));
  }
}
