package dev.manyhands.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SpreadTest {

  @Test
  void ofNothingAllIsZero() {
    var spread = new Spread();
    assertThat(new long[] {spread.least(), spread.median(), spread.most()}).containsOnly(0);
  }

  @Test
  void aSizeThatOccursMostOfTheTimeIsTheMedianExactly() {
    var spread = new Spread();
    LongStream.of(1_000_000_007, 12_345, 12_345, 12_345, 0).forEach(spread::add);
    assertThat(spread.least()).isZero();
    assertThat(spread.median()).isEqualTo(12_345);
    assertThat(spread.most()).isEqualTo(1_000_000_007);
  }

  @Test
  void theMedianIsCloseWhateverTheValues() {
    var random = new Random(5);
    for (int run = 0; run < 200; run++) {
      double scale = Math.pow(2, random.nextInt(62));
      long[] values =
          random
              .doubles(1 + random.nextInt(999))
              .mapToLong(d -> (long) (d * scale))
              .sorted()
              .toArray();
      var spread = new Spread();
      LongStream.of(values).forEach(spread::add);
      long median = values[(values.length - 1) / 2];
      assertThat(spread.median()).isCloseTo(median, withinPercentage(2));
      assertThat(spread.least()).isEqualTo(values[0]);
      assertThat(spread.most()).isEqualTo(values[values.length - 1]);
    }
    var largest = new Spread();
    largest.add(Long.MAX_VALUE);
    assertThat(largest.median()).isEqualTo(Long.MAX_VALUE);
  }
}
