package dev.manyhands.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobSpec.Chunking.Order;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PendingItemsTest {

  @Test
  void handsOutTheLowestItemsThatLieTogether() {
    var pending =
        new PendingItems(List.of(new ItemRange(5, 8), new ItemRange(0, 3)), Order.INPUT, 10);
    assertThat(pending.take(10)).isEqualTo(new PendingItems.Taken(new ItemRange(0, 3), false));
    assertThat(pending.take(2)).isEqualTo(new PendingItems.Taken(new ItemRange(5, 7), false));
    assertThat(pending.count()).isEqualTo(1);
  }

  @Test
  void reversedTakesFromTheEnd() {
    var pending = new PendingItems(List.of(new ItemRange(0, 10)), Order.REVERSED, 10);
    assertThat(pending.take(3).items()).isEqualTo(new ItemRange(7, 10));
    assertThat(pending.take(30).items()).isEqualTo(new ItemRange(0, 7));
  }

  @Test
  void shuffledTakesEveryItemOnceFromHereAndThere() {
    var pending = new PendingItems(List.of(new ItemRange(0, 100_000)), Order.SHUFFLED, 100_000);
    var taken = new BitSet();
    var firsts = new ArrayList<Long>();
    while (!pending.isEmpty()) {
      ItemRange items = pending.take(50).items();
      firsts.add(items.first());
      assertThat(taken.get((int) items.first(), (int) items.end()).isEmpty()).isTrue();
      taken.set((int) items.first(), (int) items.end());
    }
    assertThat(taken.cardinality()).isEqualTo(100_000);
    assertThat(firsts).hasSizeLessThan(4_000).isNotEqualTo(firsts.stream().sorted().toList());
  }

  @Test
  void shuffledFewItemsGoOutInRunsAsLongAsWanted() {
    var pending = new PendingItems(List.of(new ItemRange(0, 1_000)), Order.SHUFFLED, 1_000);
    var firsts = new ArrayList<Long>();
    while (!pending.isEmpty()) {
      ItemRange items = pending.take(100).items();
      assertThat(items.count()).isEqualTo(100);
      firsts.add(items.first());
    }
    assertThat(firsts).hasSize(10).isNotEqualTo(firsts.stream().sorted().toList());
  }

  @Test
  void suspectsGoFirstAndWhole() {
    var pending = new PendingItems(List.of(new ItemRange(0, 3)), Order.INPUT, 10);
    pending.putBackAlone(new ItemRange(7, 9));
    assertThat(pending.take(1)).isEqualTo(new PendingItems.Taken(new ItemRange(7, 9), true));
    assertThat(pending.take(1)).isEqualTo(new PendingItems.Taken(new ItemRange(0, 1), false));
  }

  @Test
  void neitherLosesNorDoublesAnItem() {
    var random = new Random(3);
    var pending = new PendingItems(List.of(new ItemRange(0, 1_000)), Order.INPUT, 10);
    var out = new ArrayList<ItemRange>();
    for (int step = 0; step < 20_000; step++) {
      var taken = random.nextBoolean() ? pending.take(1 + random.nextInt(30)) : null;
      if (taken != null) {
        out.add(taken.items());
      } else if (!out.isEmpty()) {
        var back = out.remove(random.nextInt(out.size()));
        if (random.nextInt(5) == 0) {
          pending.putBackAlone(back);
        } else {
          pending.putBack(back);
        }
      }
    }
    var seen = new BitSet();
    out.forEach(range -> mark(seen, range));
    for (var taken = pending.take(7); taken != null; taken = pending.take(7)) {
      mark(seen, taken.items());
    }
    assertThat(seen.cardinality()).isEqualTo(1_000);
    assertThat(pending.isEmpty()).isTrue();
  }

  private static void mark(BitSet seen, ItemRange range) {
    for (long i = range.first(); i < range.end(); i++) {
      assertThat(seen.get((int) i)).as("item %d is there twice", i).isFalse();
      seen.set((int) i);
    }
  }
}
