package dev.manyhands.harness;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jobs with {@code "values": "python"}: the worker opens envelopes, and makes them of results. */
class PythonValuesTest {
  private static final String TUPLE = "{\"p\":\"gARLAUsChpQu\"}"; // (1, 2)
  private static final String DICT = "{\"p\":\"gAR9lIwBYZRLB3Mu\"}"; // {"a": 7}
  private static final String ONE = "{\"p\":\"gARLAS4=\"}"; // 1
  private static final String OF_NO_MODULE = "{\"p\":\"Y25vX3N1Y2hfbW9kdWxlCmYKLg==\"}";

  private static String job(String call, String more) {
    return "{\"op\":\"job\",\"job\":\"a\",\"call\":\"%s\",\"values\":\"python\"%s}"
        .formatted(call, more);
  }

  private static final String MAP = job("map", "");
  private static final String STARMAP = job("starmap", "");

  /** The script prints the seed with which a failure can be repeated. */
  @Test
  void randomValuesComeBackEqual() throws Exception {
    var command =
        List.of(
            "python3",
            "src/test/workers/python_values.py",
            "src/main/python/manyhands_worker/start.py");
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (java.io.IOException e) {
      assumeTrue(false, "SKIPPED, AND PYTHON VALUES ARE NOT TESTED: there is no python3");
      return;
    }
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
  }

  @Test
  void scalarsAreThemselvesAndAllElseIsInEnvelopes() throws Exception {
    try (var worker = Workers.python("def f(x): return eval(x)")) {
      worker.send(MAP);
      String scalars = "[null,true,-3,0.5,\"é\"]";
      assertThat(worker.run(1, 0, "[\"None\",\"True\",\"-3\",\"0.5\",\"'é'\"]").values())
          .isEqualTo(scalars);
      assertThat(worker.run(2, 0, "[\"(1, 'a')\",\"float('nan')\",\"1 << 3000\"]").values())
          .matches(
              "\\[\\{\"p\":\"gA[A-Za-z0-9+/=]+\",\"s\":\"\\(1, 'a'\\)\"},"
                  + "\\{\"p\":\"gA[A-Za-z0-9+/=]+\",\"s\":\"nan\"},"
                  + "\\{\"p\":\"gA[A-Za-z0-9+/=]+\",\"s\":\"<int of 3001 bits>\"}]");
    }
  }

  @Test
  void itemsAndCommonArgumentsAreOpened() throws Exception {
    try (var worker = Workers.python("def f(*args, **named): return repr((args, named))")) {
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[%s,%s,3]".formatted(TUPLE, ONE)).values())
          .isEqualTo("[\"(((1, 2),), {})\",\"((1,), {})\",\"((3,), {})\"]");
      worker.send(MAP, "{\"k\":%s,\"n\":0}".formatted(TUPLE));
      assertThat(worker.run(2, 0, "[1]").values()).isEqualTo("[\"((1,), {'k': (1, 2), 'n': 0})\"]");
      worker.send(STARMAP, "{\"a\":%s,\"b\":0}".formatted(ONE));
      var answer = worker.run(3, 0, "[[%s,5],%s,%s,6]".formatted(TUPLE, TUPLE, DICT));
      assertThat(answer.values())
          .isEqualTo(
              "[\"(((1, 2), 5), {'a': 1, 'b': 0})\",\"((1, 2), {'a': 1, 'b': 0})\","
                  + "\"((), {'a': 7, 'b': 0})\",null]");
      assertThat(answer.error(3).path("message").asString()).contains("of type int");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          [1]                                   | TypeError           | an array
          {"a":1}                               | TypeError           | without "p"
          {"p":1}                               | TypeError           | without "p"
          {"p":"!"}                             | EOFError            | Ran out of input
          {"p":"Y25vX3N1Y2hfbW9kdWxlCmYKLg=="}  | ModuleNotFoundError | no_such_module
          """)
  void anItemThatDoesNotOpenFailsAlone(String item, String type, String message) throws Exception {
    for (String more : List.of("", ",\"threads\":2")) {
      try (var worker = Workers.python("def f(x): return x")) {
        worker.send(job("map", more));
        var answer = worker.run(1, 0, "[1,%s,2]".formatted(item));
        assertThat(answer.values()).isEqualTo("[1,null,2]");
        assertThat(answer.error(1).path("kind").asString()).isEqualTo("ERROR");
        assertThat(answer.error(1).path("type").asString()).isEqualTo(type);
        assertThat(answer.error(1).path("message").asString()).contains(message);
      }
    }
  }

  @Test
  void commonArgumentsThatDoNotOpenFailTheJob() throws Exception {
    try (var worker = Workers.python("def f(x): return x")) {
      worker.send(MAP, "{\"k\":%s}".formatted(OF_NO_MODULE));
      var failed = worker.next();
      assertThat(failed.op()).isEqualTo("failed");
      assertThat(failed.header().path("type").asString()).isEqualTo("ModuleNotFoundError");
    }
  }

  @Test
  void aResultThatCannotBePickledFailsAlone() throws Exception {
    try (var worker = Workers.python("def f(x): return (i for i in []) if x else 0")) {
      worker.send(MAP);
      var answer = worker.run(1, 0, "[0,1]");
      assertThat(answer.values()).isEqualTo("[0,null]");
      var error = answer.error(1);
      assertThat(error.path("kind").asString()).isEqualTo("UNSERIALIZABLE");
      assertThat(error.path("type").asString()).isEqualTo("generator");
      assertThat(error.path("message").asString()).contains("cannot pickle 'generator'");
      assertThat(error.path("data").asString()).startsWith("gA");
    }
  }

  @Test
  void errorsHaveTheExceptionUnlessItIsTooLong() throws Exception {
    String code = "def f(x): raise ValueError('x' * x)";
    try (var worker = Workers.python(code)) {
      worker.send(MAP);
      var answer = worker.run(1, 0, "[1,48000,50000]");
      assertThat(answer.error(0).path("data").asString()).startsWith("gA");
      assertThat(answer.error(1).path("data").asString()).hasSizeLessThanOrEqualTo(64 * 1024);
      assertThat(answer.error(2).has("data")).isFalse();
      worker.send("{\"op\":\"job\",\"job\":\"b\",\"call\":\"map\"}");
      assertThat(worker.run(2, 0, "[1]").error(0).has("data")).isFalse();
    }
  }

  /** {@code x and y} of the function decide on the value itself: a tuple of nothing is false. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          any  | truthy | [3,1]  | 1
          all  | falsy  | [3,0]  | 2
          """)
  void truthIsThatOfThePythonValue(String reduce, String match, String partial, int matched)
      throws Exception {
    for (String threads : List.of("", ",\"threads\":2")) {
      try (var worker = Workers.python("def f(x): return eval(x)")) {
        String more = ",\"reduce\":\"%s\",\"match\":\"%s\"%s".formatted(reduce, match, threads);
        worker.send(job("map", more));
        var answer = worker.run(1, 0, "[\"()\",\"(0,)\",\"0.0\"]");
        long matches =
            answer.frames().stream().mapToLong(f -> f.header().path("matched").asLong()).sum();
        assertThat(matches).isEqualTo(matched);
        assertThat(answer.frames()).allMatch(WorkerProcess.Frame::isCombined);
        if (answer.frames().size() == 1) {
          assertThat(answer.frames().getFirst().body()).isEqualTo(partial);
        }
      }
    }
  }

  @Test
  void theFoundValueIsAnEnvelope() throws Exception {
    try (var worker = Workers.python("def f(x): return eval(x)")) {
      worker.send(job("map", ",\"reduce\":\"find\""));
      assertThat(worker.run(1, 0, "[\"()\",\"(0,)\"]").frames().getFirst().body())
          .matches("\\[2,1,\\{\"p\":\"gA[^\"]+\",\"s\":\"\\(0,\\)\"}]");
      assertThat(worker.run(2, 0, "[\"0\",\"'\\\\ud800'\"]").frames().getFirst().body())
          .matches("\\[2,1,\\{\"p\":\"gA[^\"]+\",\"s\":\"<str of 1>\"}]");
      assertThat(worker.run(3, 0, "[\"0\",\"'a'\"]").frames().getFirst().body())
          .isEqualTo("[2,1,\"a\"]");
    }
  }

  @Test
  void aValueWithoutTruthFailsItsItem() throws Exception {
    String code =
        """
        class Neither:
            def __bool__(self): raise ValueError('neither')
        def f(x): return Neither() if x else 0
        """;
    try (var worker = Workers.python(code)) {
      worker.send(job("map", ",\"reduce\":\"any\",\"match\":\"truthy\""));
      var answer = worker.run(1, 0, "[0,1]");
      assertThat(answer.error(1).path("message").asString()).isEqualTo("neither");
      assertThat(answer.frames().getFirst().header().path("matched").asInt()).isZero();
    }
  }

  @Test
  void numbersAreReducedInTheirJsonForms() throws Exception {
    String code =
        """
        import enum
        class Level(enum.IntEnum):
            LOW = 2
        def f(x): return {1: Level.LOW, 2: (1, 2)}.get(x, x)
        """;
    try (var worker = Workers.python(code)) {
      worker.send(job("map", ",\"reduce\":\"sum\""));
      var answer = worker.run(1, 0, "[1,2,0.5]");
      assertThat(answer.frames().getFirst().body()).isEqualTo("[2,2,0.5]");
      assertThat(answer.error(1).path("type").asString()).isEqualTo("NotCombinable");
      worker.send(job("map", ",\"reduce\":\"count\""));
      assertThat(worker.run(2, 0, "[1,2,0]").frames().getFirst().body()).isEqualTo("[3]");
    }
  }

  @Test
  void failedItemsHaveFramesOfTheirOwnIfTheyMayRunAgain() throws Exception {
    try (var worker = Workers.python("def f(x): return 1 // x")) {
      worker.send(job("map", ",\"reduce\":\"any\",\"match\":\"truthy\",\"apart\":true"));
      var answer = worker.run(1, 0, "[2,2,0,0,2]");
      assertThat(answer.frames().stream().map(f -> f.header().path("count").asInt()))
          .containsExactly(2, 1, 1, 1);
      assertThat(answer.frames().getLast().header().path("last").asBoolean()).isTrue();
    }
  }

  /** The service cannot look into envelopes, so that each frame says how many of it match. */
  @Test
  void everyFrameSaysHowManyMatch() throws Exception {
    try (var worker = Workers.python("def f(x): return eval(x)")) {
      worker.send(job("map", ",\"match\":\"equals\",\"equals\":%s".formatted(TUPLE)));
      var answer = worker.run(1, 0, "[\"(1, 2)\",\"[1, 2]\",\"(1.0, 2)\",\"3\"]");
      assertThat(answer.frames()).allMatch(frame -> frame.header().has("matched"));
      assertThat(answer.frames().stream().mapToInt(f -> f.header().path("matched").asInt()).sum())
          .isEqualTo(2);
      worker.send(job("map", ",\"match\":\"truthy\""));
      var scalars = worker.run(2, 0, "[\"0\",\"3\",\"()\"]");
      assertThat(scalars.frames().stream().mapToInt(f -> f.header().path("matched").asInt()).sum())
          .isEqualTo(1);
    }
  }

  @Test
  void aFunctionMayBeAPickleWithModules() throws Exception {
    // shop.price.double, and its module.
    String load =
        """
        {"op":"load","maxResultBytes":20000,"maxFrameBytes":200000,\
        "pickle":"Y3Nob3AucHJpY2UKZG91YmxlCi4=",\
        "modules":{"shop/__init__.py":"","shop/price.py":"def double(x): return 2 * x"}}
        """
            .strip();
    try (var worker = Workers.PYTHON.start()) {
      worker.send(load);
      assertThat(worker.next().op()).isEqualTo("loaded");
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[4]").values()).isEqualTo("[8]");
    }
    try (var worker = Workers.PYTHON.start()) {
      worker.send(load.replace("shop/price.py", "json/price.py"));
      var failed = worker.next();
      assertThat(failed.op()).isEqualTo("failed");
      assertThat(failed.header().path("message").asString()).contains("'json' would hide");
    }
    try (var worker = Workers.PYTHON.start()) {
      worker.send(load.replace("Y3Nob3AucHJpY2UKZG91YmxlCi4=", "gARLAS4="));
      assertThat(worker.next().header().path("message").asString()).contains("type int");
    }
  }
}
