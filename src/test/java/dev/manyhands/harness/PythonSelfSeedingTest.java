package dev.manyhands.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which code a Python worker takes for code that seeds itself. */
class PythonSelfSeedingTest {
  private static final String SEEDED =
      "{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\",\"seed\":7%s}";

  /** Returns what the worker reports of the code in two chunks, joined. */
  private static String seeding(String code, String more) throws Exception {
    try (var worker = Workers.python(code)) {
      worker.send(SEEDED.formatted(more));
      var frames = worker.run(1, 0, "[1,2]").frames();
      frames.addAll(worker.run(2, 2, "[3,4]").frames());
      return frames.stream()
          .map(frame -> frame.header().path("seeding").asString(""))
          .collect(Collectors.joining());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          import random            | random.seed(x)              | random.seed() in line 3
          import random as dice    | dice.seed(a=5)              | random.seed() in line 3
          from random import seed  | seed()                      | random.seed() in line 3
          import random            | random.Random(5).random()   | random.Random() in line 3
          import random            | random.Random(x).random()   | random.Random() in line 3
          from random import *     | len("random.seed(1)")       | ``
          import random            | random.getstate()           | ``
          import random, manyhands | random.Random(manyhands.rng().random()).random() | ``
          """)
  void callsInAFunction(String imports, String call, String reported) throws Exception {
    String code = imports + "\ndef f(x):\n    " + call + "\n    return x";

    assertThat(seeding(code, "")).isEqualTo(reported);
    assertThat(seeding(code, ",\"threads\":2")).isEqualTo(reported);
    assertThat(seeding(code, ",\"reduce\":\"sum\"")).isEqualTo(reported);
  }

  /** Nobody can seed them for an item, because other items use them at that moment. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          import random                     | random.random()           | random.random() in line 3
          from random import shuffle        | shuffle([x])              | random.shuffle() in line 3
          import random                     | random.Random(random.random()) | random.random() in line 3
          """)
  void sharedGeneratorsCountWhereItemsRunInThreads(String imports, String call, String reported)
      throws Exception {
    String code = imports + "\ndef f(x):\n    " + call + "\n    return x";

    assertThat(seeding(code, ",\"threads\":2")).isEqualTo(reported);
    assertThat(seeding(code, "")).isEmpty();
    String atTheTop = "import random\nTABLE = random.random()\ndef f(x): return x";
    assertThat(seeding(atTheTop, ",\"threads\":2")).isEmpty();
  }

  @Test
  void callsInModulesOfInlineCode() throws Exception {
    String load =
        """
        {"op":"load","code":"import dice\\ndef f(x): return dice.roll()","entry":"f",\
        "modules":{"a.py":"seed = 1",\
        "dice.py":"import random\\ndef roll():\\n random.seed(3)\\n return random.random()"}}\
        """;
    try (var worker = Workers.PYTHON.start()) {
      worker.send(load);
      assertThat(worker.next().op()).isEqualTo("loaded");
      worker.send(SEEDED.formatted(""));
      var frame = worker.run(1, 0, "[1,2]").frames().getFirst();
      assertThat(frame.header().path("seeding").asString(""))
          .isEqualTo("random.seed() in line 3 of dice.py");
    }
  }

  /** The names of numpy are known, whether numpy is there or not. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          import numpy as np                    | np.random.seed(1)      | numpy.random.seed() in line 5
          import numpy.random                   | numpy.random.seed(1)   | numpy.random.seed() in line 5
          from numpy import random as nr        | nr.RandomState(x)      | numpy.random.RandomState() in line 5
          from numpy.random import default_rng  | default_rng()          | numpy.random.default_rng() in line 5
          from numpy.random import default_rng  | default_rng(s)         | ``
          """)
  void callsOfNumpy(String imports, String call, String reported) throws Exception {
    String code =
        """
        import manyhands
        def f(x):
            if x < 0:
                %s
                return %s
            s = manyhands.rng().getrandbits(64)
            return x
        """
            .formatted(imports, call);

    assertThat(seeding(code, "")).isEqualTo(reported);
  }

  @Test
  void aGeneratorThatItemsShareCountsAndASeedOfTheModuleDoesNot() throws Exception {
    assertThat(seeding("import random\nown = random.Random(5)\ndef f(x): return own.random()", ""))
        .isEqualTo("random.Random() in line 2");
    assertThat(seeding("import random\nrandom.seed(5)\ndef f(x): return random.random()", ""))
        .isEmpty();
  }

  @Test
  void aJobWithoutASeedHasNoReport() throws Exception {
    try (var worker =
        Workers.python("import random\ndef f(x):\n    random.seed(x)\n    return x")) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}");
      var answer = worker.run(1, 0, "[1,2]");
      assertThat(answer.frames().getFirst().header().has("seeding")).isFalse();
    }
  }
}
