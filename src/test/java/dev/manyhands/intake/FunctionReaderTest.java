package dev.manyhands.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.json.JsonLimits;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Definitions of functions whose code is in a file beside them. */
class FunctionReaderTest {
  private static final ApiLimits LIMITS =
      new ApiLimits(
          1, 1, 1, 1, JsonLimits.DEFAULT, 4 << 20, 1, Duration.ZERO, 1, 16 << 20, 1, null);

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
  void aPythonFunctionMayBeAPickleWithModules() {
    var definition =
        new JsonMapper()
            .readTree(
                """
                {"runtime": "python", "pickle": "gARLAS4=", "label": "notebook.f",
                 "modules": {"b.py": "", "a/__init__.py": "x = 1"}}
                """);
    assertThat(reader.read(definition, ""))
        .isEqualTo(
            new Python(
                "", "notebook.f", null, "gARLAS4=", Map.of("a/__init__.py", "x = 1", "b.py", "")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "pickle": ""                                | /pickle            | Base64
          "pickle": "gARLAS4"                         | /pickle            | Base64
          "pickle": "gA=="                            | `` | ``
          "pickle": "gA==", "code": "x"               | /code              | does not go with a 'pickle'
          "pickle": "gA==", "entry": "f"              | /entry             | does not go with a 'pickle'
          "pickle": "gA==", "label": "a\\nb"        | /label             | no control characters
          "code": "def f(x): 1", "label": "f"         | /label             | goes with a 'pickle' only
          "pickle": "gA==", "modules": {"../a.py": ""} | /modules/..~1a.py | path of a module
          "pickle": "gA==", "modules": {"a/b": ""}    | /modules/a~1b      | path of a module
          "pickle": "gA==", "modules": {"a.py": null} | /modules/a.py      | text of a module
          "code": "x", "modules": {"/a.py": ""}       | /modules/~1a.py    | path of a module
          """)
  void aPickleIsReadStrictly(String members, String pointer, String fault) {
    var definition = new JsonMapper().readTree("{\"runtime\": \"python\", " + members + "}");
    if (pointer.isEmpty()) {
      assertThat(reader.read(definition, "")).isInstanceOf(Python.class);
      return;
    }
    assertThatThrownBy(() -> reader.read(definition, ""))
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> assertThat(refusal.sentence()).startsWith(pointer + ": ").contains(fault));
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
