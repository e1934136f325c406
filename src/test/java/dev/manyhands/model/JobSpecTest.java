package dev.manyhands.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobSpecTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, false",
    "0, 1, 1000000, true",
    "5, 5, 100, false",
    "5, 6, 100, true",
    "0.57, 57, 10000, false",
    "0.57, 58, 10000, true",
    "12.5, 1, 8, false",
    "100, 8, 8, false"
  })
  void aShareOfTheItemsIsTakenExactly(double percent, long failed, long total, boolean isTooMany) {
    var function =
        new Function("f", "sha256:0", new FunctionDefinition.Python("def f(x): return x", "f"));
    var spec =
        JobSpec.of(function, new Inputs.Listed(total)).withControls(null, 5, 0, percent, false);
    assertThat(spec.isExceededBy(failed, total)).isEqualTo(isTooMany);
  }
}
