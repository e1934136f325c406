package dev.manyhands.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.ItemTimes;
import dev.manyhands.model.Outcomes;
import java.util.List;
import org.junit.jupiter.api.Test;

class ItemBarTest {
  @Test
  void aWorkerThatClaimsTimesBeforeTheJobIsNotBelieved() {
    var runs =
        List.of(
            new ItemTimes.Run(0, Long.MAX_VALUE, Long.MAX_VALUE, false),
            new ItemTimes.Run(0, 1_500_000, 250_000, true));
    var cost = new Outcomes.Cost(1, 0, 0).withTimes(new ItemTimes(runs));

    var bars = ItemBar.of(Reports.report(3, 10, 12, 40, 2, cost, 1, 1), Reports.at(8));

    assertThat(bars)
        .containsExactly(
            new ItemBar(40, 3, 1, Reports.at(8), Reports.at(8), false, 1),
            new ItemBar(41, 3, 1, Reports.at(10.5), Reports.at(11.75), true, 1));
  }
}
