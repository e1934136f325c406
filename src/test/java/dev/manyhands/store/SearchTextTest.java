package dev.manyhands.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.JobId;
import dev.manyhands.model.JobOutline;
import dev.manyhands.model.JobSpec;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which words of a job a search finds. */
class SearchTextTest {
  private static final JobId ID =
      new JobId(UUID.fromString("019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77"));

  private static boolean isFound(String text) {
    var outline =
        new JobOutline(
            "100% of Ärger_2",
            "first line\nsecond",
            null,
            1,
            null,
            0,
            null,
            false,
            null,
            List.of(),
            null,
            null,
            null,
            5,
            null,
            JobSpec.Values.JSON,
            Map.of("team", "Straße"));
    return new SearchText(text).isIn(ID, "check_Prime", outline);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "100%",
        "äRGER",
        "ärger_",
        "SECOND",
        "check_prime",
        "STRASSE",
        "straße",
        "019AA4F2-6f6e",
        "0"
      })
  void eachWordIsFoundInAnyCase(String text) {
    assertThat(isFound(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1%of", "checkXprime", "team", "6f6e-7b1d", ".*", "first second"})
  void nothingElseIsFound(String text) {
    assertThat(isFound(text)).isFalse();
  }

  @Test
  void aJobWithoutDescriptionHasNone() {
    var outline =
        new JobOutline(
            "",
            null,
            null,
            1,
            null,
            0,
            null,
            false,
            null,
            List.of(),
            null,
            null,
            null,
            5,
            null,
            JobSpec.Values.JSON,
            Map.of());
    assertThat(new SearchText("null").isIn(ID, "f", outline)).isFalse();
  }
}
