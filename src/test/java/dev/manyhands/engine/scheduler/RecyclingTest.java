package dev.manyhands.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.ChunkSizes.Why;
import dev.manyhands.model.Recycle;
import org.junit.jupiter.api.Test;

class RecyclingTest {
  private static final ChunkSizer.Size WANTED = new ChunkSizer.Size(6, Why.TARGET_TIME);

  private final Recycling recycling = new Recycling(new Recycle(10));

  private long next(int slot) {
    return recycling.atMostLeft(slot, WANTED).items();
  }

  @Test
  void aChunkHasAtMostTheItemsThatItsWorkerHasLeft() {
    assertThat(recycling.atMostLeft(0, WANTED)).isEqualTo(WANTED);
    recycling.gave(0, 6);
    assertThat(recycling.atMostLeft(0, WANTED)).isEqualTo(new ChunkSizer.Size(4, Why.RECYCLE));
    assertThat(next(1)).isEqualTo(6);
    recycling.gave(0, 4);
    assertThat(next(0)).isEqualTo(6);
  }

  @Test
  void itemsThatComeBackCountForTheWorkerThatHadThem() {
    recycling.gave(0, 6);
    recycling.gave(0, 4);
    recycling.gave(0, 6);
    recycling.tookBack(0, 6);
    recycling.tookBack(0, 1);
    assertThat(next(0)).isEqualTo(1);
    recycling.tookBack(1, 1);
    assertThat(next(1)).isEqualTo(6);
  }

  @Test
  void afterALossTheNextWorkerHasAllItems() {
    recycling.gave(0, 7);
    recycling.lost(0);
    assertThat(next(0)).isEqualTo(6);
  }

  @Test
  void aChunkThatCannotBeCutBeginsWithANewWorker() {
    recycling.gave(0, 7);
    recycling.gave(0, 5);
    assertThat(next(0)).isEqualTo(5);
  }

  @Test
  void aSlotGetsTheRestingWorkerWithTheMostItems() {
    recycling.gave(0, 7);
    recycling.gave(1, 9);
    recycling.gave(2, 10);
    recycling.rested(0);
    recycling.rested(1);
    recycling.rested(2);
    assertThat(next(2)).isEqualTo(1);
    recycling.gave(2, 1);
    assertThat(next(0)).isEqualTo(3);
    assertThat(next(2)).isEqualTo(3);
  }

  @Test
  void withoutTheOptionNothingIsCounted() {
    var none = new Recycling(null);
    none.gave(0, Long.MAX_VALUE);
    none.gave(0, Long.MAX_VALUE);
    assertThat(none.atMostLeft(0, WANTED)).isEqualTo(WANTED);
  }
}
