package dev.manyhands.http.job;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import dev.manyhands.model.SharedKind;
import dev.manyhands.model.SharedObject;
import dev.manyhands.outside.Requirements;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
  void sharedObjectsAreThereInTheirFirstState(@TempDir Path directory) throws Exception {
    Requirements.python();
    String code =
        """
        import manyhands, queue
        unused = manyhands.Manager().Value('i', 0)
        early = manyhands.shared('d')
        def f(x):
            n, g, d, l, q, s = map(manyhands.shared, 'ngdlqs')
            with g, n.get_lock(), s:
                n.value += x
                left = [n.add(), n.add(0.5), g.acquire(False), g.locked(), g.abandoned, s.get_value()]
            d['b'] = d.compare_and_set('a', 1, 2), d.compare_and_set('c', 1, 2)
            kept = [d.add('z'), d.keys(), d.values(), d.items(), d is manyhands.shared('d')]
            l.append(5)
            q.put(1), q.put(2)
            taken = [q.full(), q.get(), q.qsize(), q.clear(), q.empty()]
            for call in (q.get_nowait, lambda: manyhands.shared('no')):
                try:
                    call()
                except (queue.Empty, KeyError) as e:
                    taken.append(type(e).__name__)
            return [early is d, left, kept, l[1:], taken, g.acquire(timeout=1)]
        """;
    Map<String, SharedObject> shared = new LinkedHashMap<>();
    shared.put("n", new SharedObject(SharedKind.VALUE, "1.5", null));
    shared.put("g", new SharedObject(SharedKind.LOCK, "null", null));
    shared.put("d", new SharedObject(SharedKind.DICT, "{\"a\":1}", null));
    shared.put("l", new SharedObject(SharedKind.LIST, "[3,4]", null));
    shared.put("q", new SharedObject(SharedKind.QUEUE, "[]", 2L));
    shared.put("s", new SharedObject(SharedKind.SEMAPHORE, "3", null));
    var spec =
        JobSpec.builder(function(new Python(code, "f")), new Inputs.Listed(8))
            .shared(shared)
            .build();
    Path script = directory.resolve("item.py");
    try (var out = Files.newBufferedWriter(script)) {
      ItemScript.of(job(spec)).write(7, "3", out);
    }
    var process =
        new ProcessBuilder("python3", script.toString()).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    assertThat(printed)
        .isEqualTo(
            "[true, [5.5, 6.0, false, true, false, 2],"
                + " [1, [\"a\", \"b\", \"z\"], [2, [true, false], 1],"
                + " [[\"a\", 2], [\"b\", [true, false]], [\"z\", 1]], true],"
                + " [4, 5], [true, 1, 1, null, true, \"Empty\", \"KeyError\"], true]\n");
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
