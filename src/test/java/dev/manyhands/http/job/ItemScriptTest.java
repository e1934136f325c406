package dev.manyhands.http.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.FunctionDefinition.Command;
import dev.manyhands.model.FunctionDefinition.Protocol;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Refusal;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The values in the script of an item. {@code ReadBackIT} runs such scripts. */
class ItemScriptTest {
  private static final JobId ID = new JobId(new UUID(1, 2));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          abc é 1        | "abc é 1"
          a"b'c          | "a\\"b'c"
          a\\b           | "a\\\\b"
          ``             | ""
          """)
  void aTextIsOneLiteral(String text, String literal) throws IOException {
    assertThat(literal(text)).isEqualTo(literal);
  }

  @Test
  void nothingInATextEndsItsLineOrLooksLikeSomethingElse() throws IOException {
    assertThat(literal("\n\r\t\0\u007f\u0085\u2028\u202e\ud83e\ud83e\udd2f"))
        .isEqualTo("\"\\n\\u000d\\u0009\\u0000\\u007f\\u0085\\u2028\\u202e\\ud83e\\U0001f92f\"");
  }

  @Test
  void valuesAreLiteralsBetweenTheFixedPartsOfTheFile() throws IOException {
    var spec =
        JobSpec.builder(
                function(new Python("def f(x):\n    return \"\"\"x\"\"\"", "f")),
                new Inputs.Listed(8))
            .call(JobSpec.Call.STARMAP)
            .common("{\"y\":1}")
            .seed(-5L)
            .build();
    var out = new StringWriter();
    ItemScript.of(job(spec)).write(7, "[\"é\"]", out);

    assertThat(out.toString())
        .startsWith("\"\"\"One item of a job of Manyhands")
        .contains(
            """
            # The values of the item.
            JOB = "%s"
            INDEX = 7
            ENTRY = "f"
            CALL = "starmap"
            SEED = -5
            THREADS = 1
            COMMON = "{\\"y\\":1}"
            INITIALIZER = ""
            INITIALIZER_ARGS = "[]"
            INPUT = "[\\"é\\"]"
            VALUES = "json"
            SHARED = "{}"
            MODULES = {
            }
            PICKLE = None
            CODE = (
                "def f(x):\\n"
                "    return \\"\\"\\"x\\"\\"\\""
            )
            """
                .formatted(ID))
        .endsWith("    main()\n");
  }

  @Test
  void onlyCodeThatTheServiceHasAsTextHasScripts() {
    var command = new Command(List.of("cat"), Protocol.LINES);
    Job job = job(JobSpec.of(function(command), new Inputs.Listed(1)));
    assertThatThrownBy(() -> ItemScript.of(job))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("is a command function");
  }

  private static Function function(FunctionDefinition definition) {
    return new Function("f", "sha256:0badc0de", definition);
  }

  private static Job job(JobSpec spec) {
    return new Job(ID, spec, Instant.EPOCH, JobStatus.queued(spec.inputs().count()));
  }

  private static String literal(String text) throws IOException {
    var out = new StringWriter();
    ItemScript.literal(text, out);
    return out.toString();
  }
}
