package dev.manyhands.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ItemTimesTest {
  private static final ItemTimes TIMES =
      new ItemTimes(
          List.of(
              new ItemTimes.Run(0, Long.MAX_VALUE, 0, false),
              new ItemTimes.Run(495, 7, 7, false),
              new ItemTimes.Run(1, 3, 2, false)));

  @Test
  void theTextHasTheTimesAndWhichItemsFailed() {
    var error = new ItemError(11, ItemError.Kind.ERROR, "E", "m", null, 1);
    String text = TIMES.encoded(new ItemRange(10, 13), List.of(error));
    assertThat(ItemTimes.decoded(text).runs())
        .containsExactly(
            new ItemTimes.Run(0, Long.MAX_VALUE, 0, false),
            new ItemTimes.Run(495, 7, 7, true),
            new ItemTimes.Run(1, 3, 2, false));
  }

  @Test
  void aPartHasTheTimesOfItsItems() {
    assertThat(TIMES.part(1, 2).runs()).containsExactly(new ItemTimes.Run(495, 7, 7, false));
  }
}
