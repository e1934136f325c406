package dev.manyhands.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Different strings have different bytes. */
class DigestedTextTest {
  @Test
  void ordinaryTextIsUtf8() {
    for (String text : List.of("", "f(x) = ?", "Größe", "日本", "\uD83D\uDE00 x")) {
      assertThat(DigestedText.of(text)).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void halvesOfPairsDiffer() {
    var texts =
        List.of(
            "?",
            "\uD800",
            "\uD801",
            "\uDC00",
            "\uDC00\uD800",
            "\uD800\uDC00",
            "a\uD800",
            "\uD800a");
    assertThat(texts.stream().map(text -> HexFormat.of().formatHex(DigestedText.of(text))))
        .doesNotHaveDuplicates();
  }
}
