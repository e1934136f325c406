package dev.manyhands.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ParentItemsTest {
  private static ParentItems of(long first, long... parents) {
    var builder = new ParentItems.Builder();
    for (long parent : parents) {
      builder.add(ItemRange.ofCount(parent, 1));
    }
    return builder.build(first);
  }

  @Test
  void eachItemHasItsOriginAfterStorage() {
    var random = RandomGenerator.of("L64X128MixRandom");
    for (int round = 0; round < 200; round++) {
      var parents = new ArrayList<Long>();
      long parent = random.nextLong(1L << random.nextInt(1, 40));
      for (int i = random.nextInt(1, 300); i > 0; i--) {
        parents.add(parent);
        parent += random.nextBoolean() ? 1 : random.nextLong(1, 1_000_000);
      }
      var written = of(7, parents.stream().mapToLong(Long::longValue).toArray());
      var read = ParentItems.decoded(7, written.encoded());

      assertThat(read.items()).isEqualTo(ItemRange.ofCount(7, parents.size()));
      assertThat(read.parentEnd()).isEqualTo(parents.getLast() + 1);
      for (int i = 0; i < parents.size(); i++) {
        assertThat(read.parentOf(7 + i)).isEqualTo(parents.get(i));
        assertThat(read.firstFrom(parents.get(i))).isEqualTo(7 + i);
        assertThat(read.firstFrom(parents.get(i) + 1)).isEqualTo(7 + i + 1);
      }
    }
  }

  @Test
  void runsTakeFewBytes() {
    var builder = new ParentItems.Builder();
    builder.add(new ItemRange(0, 1_000_000));
    builder.add(new ItemRange(1_000_000, 2_000_000));
    assertThat(builder.build(0).encoded()).hasSizeLessThan(6);
  }

  @Test
  void anotherItemIsABug() {
    var items = of(5, 1, 3);
    assertThat(items.firstFrom(0)).isEqualTo(5);
    assertThat(items.firstFrom(2)).isEqualTo(6);
    assertThat(items.firstFrom(4)).isEqualTo(7);
    assertThatThrownBy(() -> items.parentOf(7)).hasMessageContaining("[5, 7)");
  }
}
