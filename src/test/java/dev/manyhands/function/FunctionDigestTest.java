package dev.manyhands.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.FunctionDefinition.Command;
import dev.manyhands.model.FunctionDefinition.Protocol;
import dev.manyhands.model.FunctionDefinition.Python;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The digest identifies a function. */
class FunctionDigestTest {
  private static final List<String> BC = List.of("bc", "-l");

  @Test
  void aCommandKeepsTheDigestOfEarlierVersions() {
    assertThat(FunctionDigest.of(new Command(BC, Protocol.LINES)))
        .isEqualTo("sha256:21ea3b68e4c44473f05125f7ef0eb73c8134aaaa9e0fa2a7ca4d4160269722f2");
  }

  @Test
  void halvesOfSurrogatePairsAreToldApart() {
    assertThat(
            Stream.of("?", "\uD800", "\uDBFF")
                .map(half -> "def f(x): return '" + half + "'")
                .map(code -> FunctionDigest.of(new Python(code, "f"))))
        .doesNotHaveDuplicates();
  }

  @Test
  void howACommandTalksIsPartOfIt() {
    assertThat(
            List.of(
                FunctionDigest.of(new Command(BC, Protocol.LINES)),
                FunctionDigest.of(new Command(BC, Protocol.LINES, true, null)),
                FunctionDigest.of(new Command(BC, Protocol.TEXT)),
                FunctionDigest.of(new Command(BC, Protocol.FRAMES))))
        .doesNotHaveDuplicates();
  }
}
