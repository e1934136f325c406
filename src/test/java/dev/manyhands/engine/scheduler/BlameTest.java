package dev.manyhands.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.ItemRange;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlameTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      emptyValue = "",
      value = {
        // lost | running | charged | alone        | innocent
        "3..7   | 4       | 4       | ''           | 3..4 5..7",
        "3..7   | 3       | 3       | ''           | 4..7",
        "3..7   | 6       | 6       | ''           | 3..6",
        "3..4   | 3       | 3       | ''           | ''",
        "3..7   | 4 5     | -       | 4..5 5..6    | 3..4 6..7",
        "3..7   | 3 6     | -       | 3..4 6..7    | 4..6",
        "3..5   | 3 4     | -       | 3..4 4..5    | ''",
        "3..4   | ''      | 3       | ''           | ''",
        "3..5   | ''      | -       | 3..4 4..5    | ''",
        "0..9   | ''      | -       | 0..4 4..9    | ''",
      })
  void ofALostChunk(String lost, String running, Long charged, String alone, String innocent) {
    var items = Stream.of(running.split(" ")).filter(s -> !s.isEmpty()).map(Long::valueOf).toList();
    Blame blame = Blame.of(range(lost), items);
    assertThat(blame.charged()).isEqualTo(charged);
    assertThat(text(blame.alone())).isEqualTo(alone);
    assertThat(text(blame.innocent())).isEqualTo(innocent);
  }

  @Test
  void nobodysFaultLeavesAllAsItWas() {
    var lost = range("3..7");
    assertThat(Blame.nobody(lost, false)).isEqualTo(new Blame(null, List.of(), List.of(lost)));
    assertThat(Blame.nobody(lost, true)).isEqualTo(new Blame(null, List.of(lost), List.of()));
  }

  private static ItemRange range(String text) {
    var ends = text.strip().split("\\.\\.");
    return new ItemRange(Long.parseLong(ends[0]), Long.parseLong(ends[1]));
  }

  private static String text(List<ItemRange> ranges) {
    return ranges.stream()
        .map(range -> range.first() + ".." + range.end())
        .collect(Collectors.joining(" "));
  }
}
