package dev.manyhands.engine.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChannelLimitsTest {

  @ParameterizedTest
  @CsvSource({
    // wanted, slots, heap, allowed
    "16777216, 2, 6442450944, 16777216",
    "16777216, 4, 536870912, 16777216",
    "16777216, 4, 134217728, 4194304",
    "16777216, 64, 134217728, 262144",
    "16777216, 1000, 1000000, 65536",
    "1000, 4, 134217728, 1000",
    "9223372036854775807, 1, 9223372036854775807, 2145386495",
  })
  void theLongestResultsOfAllSlotsFitInTheHeap(long wanted, int slots, long heap, int allowed) {
    assertThat(ChannelLimits.resultBytes(wanted, slots, heap)).isEqualTo(allowed);
  }
}
