package dev.manyhands.outside;

import static dev.manyhands.outside.Service.json;
import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Items as scripts, as a client sees them; {@link ItemListIT} has items and jobs read back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReadBackIT {
  private static final String JOBS = "/api/v1/jobs/";

  /** Returns everything that a script must repeat. */
  private static final String TELLING =
      """
      import random
      import manyhands
      from manyhands import rng

      AT_LOADING = manyhands.item_index()

      def f(a, b=0, c=None):
          numbers = [random.random(), rng().random(), random.randrange(9), rng().random()]
          return [a, b, c, AT_LOADING, manyhands.item_index(), manyhands.stopped(), numbers]
      """;

  private Service service;

  @BeforeAll
  void start() {
    Requirements.python();
    service = Service.start(Service.newDirectory(), "--manyhands.workers.slots=2");
  }

  @AfterAll
  void stop() {
    if (service != null) {
      service.close();
    }
  }

  /** The end of a script that was run. */
  private record Ran(int exitCode, String out, String err) {
    JsonNode result() {
      return json(out.lines().toList().getLast());
    }
  }

  private Ran run(String job, long index, Path directory) throws Exception {
    var script = service.get(JOBS + job + "/items/" + index + "/script");
    assertThat(script.status()).isEqualTo(200);
    assertThat(script.header("Content-Type")).startsWith("text/x-python");
    assertThat(script.header("Content-Disposition"))
        .isEqualTo("attachment; filename=\"item-" + index + ".py\"");
    Path file = Files.writeString(directory.resolve("item-" + index + ".py"), script.body());
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Process process =
        new ProcessBuilder("python3", file.toString())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the script does not end");
    }
    return new Ran(process.exitValue(), read(out), read(err));
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 42, -7, Long.MIN_VALUE})
  void theScriptOfAnItemHasTheResultOfTheService(long seed, @TempDir Path directory)
      throws Exception {
    String inputs = "[[1, 2.50], {\"a\": [null, true]}, [\"\\\"\\\\\\n\\u2028é\", -0.0]]";
    JsonNode job =
        service.run(
            python(
                TELLING,
                inputs,
                "\"call\": \"starmap\"",
                "\"common\": {\"c\": \"common'\\\"\"}",
                "\"seed\": " + seed));
    String id = job.get("id").stringValue();
    List<JsonNode> results = service.results(id);

    assertThat(results).hasSize(3);
    for (int index = 0; index < 3; index++) {
      Ran ran = run(id, index, directory);
      assertThat(ran.exitCode()).as(ran.err()).isZero();
      assertThat(ran.result()).isEqualTo(results.get(index));
    }
  }

  @Test
  void theScriptOpensPythonValuesAndThePickleOfTheFunction(@TempDir Path directory)
      throws Exception {
    String tuple = "{\"p\": \"gARLAUsChpQu\"}"; // (1, 2)
    String id =
        service
            .run(
                """
                {"function": {"runtime": "python", "pickle": "Y3Nob3AucHJpY2UKcGFpcgou",
                   "modules": {"shop/__init__.py": "",
                               "shop/price.py": "def pair(*a, **k): return a, k, 1j"}},
                 "values": "python", "call": "starmap", "common": {"k": %1$s},
                 "inputs": [[%1$s, 3], %1$s]}
                """
                    .formatted(tuple))
            .get("id")
            .stringValue();

    assertThat(service.results(id).get(1).get("s").stringValue()).isEqualTo("<tuple of 3>");
    assertThat(run(id, 0, directory).out()).isEqualTo("(((1, 2), 3), {'k': (1, 2)}, 1j)\n");
    assertThat(run(id, 1, directory).out()).isEqualTo("((1, 2), {'k': (1, 2)}, 1j)\n");
  }

  @Test
  void withThreadsOnlyTheItemsOwnStreamIsRepeated(@TempDir Path directory) throws Exception {
    String code = "import manyhands\ndef f(x): return [x, manyhands.rng().random()]";
    JsonNode job = service.run(python(code, "[1, 2]", "\"threads\": 2", "\"seed\": 3"));
    String id = job.get("id").stringValue();

    assertThat(run(id, 1, directory).result()).isEqualTo(service.results(id).get(1));
  }

  @Test
  void textsOfUsersAreNoCodeOfTheScript(@TempDir Path directory) throws Exception {
    String code =
        """
        TEXT = '''\"""\\N{SNOWMAN}\\\\'''  # "
        def f(x):
            return [TEXT, x]
        """;
    String item = Service.quote("\")\nimport os; os._exit(3) #\\");
    JsonNode job = service.run(python(code, "[" + item + "]"));
    String id = job.get("id").stringValue();

    Ran ran = run(id, 0, directory);
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.result()).isEqualTo(service.results(id).getFirst());
  }

  static Stream<String> hostileCodes() {
    return Stream.of(
        "from __future__ import annotations\ndef f(x: Nowhere): return f.__annotations__['x']",
        "def f(x):\r\n  '''\\'\\'\\'\\\"\\\"\\\"'''\r\n  return [f.__doc__, x]",
        "# -*- coding: latin-1 -*-\ndef f(x): return 'é\u2028\f\u0085\\0'",
        "def f(x): return ['\ud83e\udd2f', '\\N{SNOWMAN}', x] # \\",
        "X = [\n" + "  1,\n".repeat(100_000) + "]\ndef f(x): return [len(X), x]");
  }

  @ParameterizedTest
  @MethodSource("hostileCodes")
  void anyCodeRunsInTheScriptAsInAWorker(String code, @TempDir Path directory) throws Exception {
    JsonNode job = service.run(python(code, "[\"'''\\u0000\"]"));
    String id = job.get("id").stringValue();
    List<JsonNode> results = service.results(id);
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("SUCCEEDED");

    Ran ran = run(id, 0, directory);
    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.result()).isEqualTo(results.getFirst());
  }

  @Test
  void theScriptOfAFailedItemFailsLikeTheItem(@TempDir Path directory) throws Exception {
    JsonNode job = service.run(python("def f(x):\n    '\f'\n    return 60 // x", "[1, 0]"));

    Ran ran = run(job.get("id").stringValue(), 1, directory);
    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.err()).contains("ZeroDivisionError", "line 3, in f", "return 60 // x");
  }

  @Test
  void onlyPythonCodeHasScripts() {
    String command =
        service.submit(
            "{\"function\": {\"runtime\": \"command\", \"command\": [\"cat\"]}, \"inputs\": [1]}");
    var answer = service.get(JOBS + command + "/items/0/script");
    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.json().get("detail").stringValue()).contains("command function");
    assertThat(service.get(JOBS + command + "/items/1/script").status()).isEqualTo(404);
    service.await(command);
  }

  @Test
  void whatNeedsATerminalNamesTheScript() {
    JsonNode job = service.run(python("def f(x): breakpoint()", "[1]"));
    String id = job.get("id").stringValue();

    JsonNode error = service.get(JOBS + id + "/items/0").json().get("error");
    assertThat(error.get("message").stringValue()).contains(JOBS + id + "/items/0/script");
  }

  @Test
  void allLinksLeadSomewhere() {
    JsonNode job = service.run(python("def f(x): return x", "[1]"));
    JsonNode item = service.get(JOBS + job.get("id").stringValue() + "/items/0").json();
    for (String name : List.of("self", "results", "items", "errors", "log", "report", "request")) {
      String link = job.get("links").get(name).stringValue();
      assertThat(service.get(link).status()).as(link).isEqualTo(200);
    }
    for (JsonNode link : item.get("links")) {
      assertThat(service.get(link.stringValue()).status()).as(link.toString()).isEqualTo(200);
    }
    JsonNode other = service.run("{\"function\": \"gcd\", \"inputs\": [[4, 6]]}");
    JsonNode without = service.get(JOBS + other.get("id").stringValue() + "/items/0").json();
    assertThat(without.get("links").get("script").isNull()).isTrue();
  }
}
