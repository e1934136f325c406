package dev.manyhands.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.json.JsonLimits;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Definitions of functions whose code is in a file beside them. */
class FunctionReaderTest {
  private static final ApiLimits LIMITS =
      new ApiLimits(1, 1, 1, 1, JsonLimits.DEFAULT, 4 << 20, 1, Duration.ZERO, 1, null);

  private final FunctionReader reader = new FunctionReader(new StrictJson(LIMITS));

  private static JsonNode definition(String entry) {
    return new JsonMapper().createObjectNode().put("runtime", "python").put("entry", entry);
  }

  @Test
  void anEntryIsAFunctionOfAModule() {
    for (String entry : new String[] {"f", "a:f", "a.b.c:f", "a." + "b.".repeat(200) + "c:f"}) {
      assertThat(reader.readBeside(definition(entry), "definition"))
          .isInstanceOfSatisfying(
              Python.class, python -> assertThat(python.entry()).isEqualTo(entry));
    }
  }

  @Test
  void aCommandIsAnArrayOfStrings() {
    var json = new JsonMapper();
    for (String command : new String[] {"\"jq .\"", "7", "{}", "null", "[]"}) {
      var definition = json.readTree("{\"runtime\": \"command\", \"command\": " + command + "}");
      assertThatThrownBy(() -> reader.read(definition, "/function"))
          .isInstanceOfSatisfying(
              Refusal.class,
              refusal ->
                  assertThat(refusal.sentence())
                      .startsWith("/function/command: ")
                      .contains(
                          "an array of the program and its arguments, such as [\"jq\", \".\"]"));
    }
  }

  @Test
  void anEntryOfAnyLengthIsRefusedAndNoFault() {
    for (String entry :
        new String[] {
          "a.".repeat(100_000) + "b:f",
          "a.".repeat(1_000_000),
          "a:".repeat(100_000),
          ".".repeat(100_000),
          "f".repeat(1_000_000),
          ""
        }) {
      assertThatThrownBy(() -> reader.readBeside(definition(entry), "definition"))
          .isInstanceOf(Refusal.class)
          .hasMessageNotContaining("a.a.a");
    }
  }
}
