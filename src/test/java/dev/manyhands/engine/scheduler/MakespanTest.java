package dev.manyhands.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No slot idles at the end of a job while another slot works off chunks that were queued too early.
 * The measure is list scheduling, item by item and without cost. A pool with chunks of one item
 * would reach it if messages cost nothing.
 */
class MakespanTest {
  private static final int TRIES = 40;
  private static final int[] SLOTS = {1, 2, 4, 8};

  /** Jobs whose items take milliseconds, by what they take. */
  enum Work {
    FEW_ALIKE(16, random -> 0.015 + 0.002 * random.nextDouble()),
    SOME_ALIKE(50, random -> 0.015 + 0.002 * random.nextDouble()),
    MANY_ALIKE(2_000, random -> 0.0009 + 0.0002 * random.nextDouble()),
    FEW_UNALIKE(10, random -> 0.02 + 0.08 * random.nextDouble()),
    SOME_UNALIKE(40, random -> 0.02 + 0.08 * random.nextDouble()),
    EXPONENTIAL(300, random -> -0.02 * Math.log(1 - random.nextDouble())),
    /** One in a hundred takes a hundred times as long. */
    FEW_HEAVY(2_000, random -> random.nextInt(100) == 0 ? 0.075 : 0.00075);

    private final int count;
    private final ToDoubleFunction<Random> seconds;

    Work(int count, ToDoubleFunction<Random> seconds) {
      this.count = count;
      this.seconds = seconds;
    }

    long[] items(Random random) {
      return IntStream.range(0, count)
          .mapToLong(i -> (long) (seconds.applyAsDouble(random) * 1e9))
          .toArray();
    }
  }

  @ParameterizedTest
  @EnumSource
  void takesHardlyLongerThanItemByItemForNothing(Work work) {
    for (int slots : SLOTS) {
      long ours = 0;
      long list = 0;
      for (int seed = 0; seed < TRIES; seed++) {
        long[] items = work.items(new Random(seed));
        ours += Makespan.of(slots, items);
        list += Makespan.ofList(slots, items);
      }
      assertThat((double) ours / list)
          .as("of %s, on %d slots, by that of list scheduling", work, slots)
          .isLessThan(1.05);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1_000, 17_000})
  void ofTinyItemsOnlyTheBeginningIsLost(long nanos) {
    long[] items = LongStream.generate(() -> nanos).limit(100_000).toArray();
    for (int slots : SLOTS) {
      assertThat(Makespan.of(slots, items) - Makespan.ofList(slots, items))
          .as("nanoseconds more than list scheduling, on %d slots", slots)
          .isLessThan(25 * Makespan.MESSAGE);
    }
  }
}
