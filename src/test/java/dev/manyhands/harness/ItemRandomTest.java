package dev.manyhands.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import org.junit.jupiter.api.Test;

class ItemRandomTest {

  @Test
  void theNumbersOfASeedNeverChange() {
    var random = new ItemRandom(42, 7);
    assertThat(new long[] {random.nextLong(), random.nextLong()}).containsExactly(PINNED);
  }

  private static final long[] PINNED = {-5704360345369124119L, -8876393193044722847L};

  @Test
  void neighboursAndNegativeSeedsHaveStreamsOfTheirOwn() {
    var firsts = new HashSet<Long>();
    for (long seed = -50; seed < 50; seed++) {
      for (long index = 0; index < 100; index++) {
        firsts.add(new ItemRandom(seed, index).nextLong());
      }
    }
    assertThat(firsts).hasSize(100 * 100);
  }

  @Test
  void numbersAreSpreadEvenly() {
    double sum = 0;
    for (long index = 0; index < 100_000; index++) {
      sum += new ItemRandom(1, index).nextDouble();
    }
    assertThat(sum / 100_000).isBetween(0.497, 0.503);
  }
}
