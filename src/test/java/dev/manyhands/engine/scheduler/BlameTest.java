package dev.manyhands.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.ItemRange;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlameTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      emptyValue = "",
      value = {
        // lost | ahead | running | charged | alone        | innocent
        "3..7   | -     | 4       | 4       | ''           | 3..4 5..7",
        "3..7   | -     | 3       | 3       | ''           | 4..7",
        "3..7   | -     | 6       | 6       | ''           | 3..6",
        "3..4   | -     | 3       | 3       | ''           | ''",
        "3..7   | -     | 4 5     | -       | 4..5 5..6    | 3..4 6..7",
        "3..7   | -     | 3 6     | -       | 3..4 6..7    | 4..6",
        "3..5   | -     | 3 4     | -       | 3..4 4..5    | ''",
        "3..4   | -     | ''      | 3       | ''           | ''",
        "3..5   | -     | ''      | -       | 3..4 4..5    | ''",
        "0..9   | -     | ''      | -       | 0..4 4..9    | ''",
        "3..7   | 7..9  | 4       | 4       | ''           | 7..9 3..4 5..7",
        "3..7   | 7..9  | 8       | 8       | ''           | 7..8 3..7",
        "3..7   | 7..9  | 6 7     | -       | 6..7 7..8    | 8..9 3..6",
        "3..4   | 7..9  | 3 8     | -       | 3..4 8..9    | 7..8",
        "7..9   | 0..2  | 1 7     | -       | 1..2 7..8    | 0..1 8..9",
        "3..4   | 7..9  | ''      | 3       | ''           | 7..9",
        "3..5   | 7..9  | ''      | -       | 3..4 4..5    | 7..9",
      })
  void ofALostChunk(
      String lost, String ahead, String running, Long charged, String alone, String innocent) {
    var items = Stream.of(running.split(" ")).filter(s -> !s.isEmpty()).map(Long::valueOf).toList();
    Blame blame = Blame.of(range(lost), ahead == null ? null : range(ahead), items);
    assertThat(blame.charged()).isEqualTo(charged);
    assertThat(text(blame.alone())).isEqualTo(alone);
    assertThat(text(blame.innocent())).isEqualTo(innocent);
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
