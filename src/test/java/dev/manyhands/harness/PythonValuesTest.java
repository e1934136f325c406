package dev.manyhands.harness;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Python values that JSON does not have. Each row of docs/reference/values.md runs over HTTP. */
class PythonValuesTest {
  private static final String MAP = "{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}";

  private static final String CODE =
      """
      import collections, dataclasses, datetime, decimal, enum, pathlib, sys
      class Color(enum.Enum):
          RED = 7
          ITSELF = object()
      class Half(float): pass
      class Name(str): pass
      @dataclasses.dataclass(frozen=True)
      class Point:
          x: object
      cycle = {'a': []}
      cycle['a'].append(Point(cycle))
      deep = [datetime.date(2026, 1, 2)]
      for _ in range(5000): deep = [deep]
      Pair = collections.namedtuple('Pair', 'a b')
      def f(text): return eval(text)
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'b', 'a', None, 2, 10, (2, 1), (10,), True}  | [null,true,2,10,"a","b",[2,1],[10]]
          {frozenset((3, 1)), frozenset((2,))}          | [[1,3],[2]]
          [Point({Point(2), Point(1)})]                 | [{"x":[{"x":1},{"x":2}]}]
          {Color.RED: 1, decimal.Decimal('1.0'): 2}     | {"7":1,"1.0":2}
          {datetime.date(2026, 1, 2): {None: {True: 0}}}| {"2026-01-02":{"null":{"true":0}}}
          {'x1': {1: 2}, 'true': [{False: 1}]}          | {"x1":{"1":2},"true":[{"false":1}]}
          [Half(.5), Name('n'), Pair(1, 2)]             | [0.5,"n",[1,2]]
          datetime.timedelta(hours=1)                   | 3600.0
          """)
  void aValueHasItsForm(String value, String json) throws Exception {
    try (var worker = Workers.python(CODE)) {
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[" + quoted(value) + "]").values()).isEqualTo("[" + json + "]");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'a': [0, (1, b'')]}           | result["a"][1][1] is of type bytes, which has no JSON form
          {'a': Point({2: 1j})}          | result["a"]["x"]["2"] is of type complex
          Color.ITSELF                   | the result is of type object
          [{1: 'a', '1': 'b'}]           | result[0] has two keys that are both "1" in JSON
          [{None: 'a', 'null': 'b'}]     | result[0] has two keys that are both "null" in JSON
          {'d': {(1, 2): 0}}             | result["d"] has a key of type tuple
          {1.5, float('nan')}            | result[...] is nan
          [decimal.Decimal('-Infinity')] | result[0] is -inf
          pathlib.Path('\\udcff')        | the result is a path that is not Unicode text
          {'k': ['\\udcff']}             | result["k"][0] is a string with a lone surrogate
          range(10_001)                  | at most 10000 are written
          cycle                          | result["a"][0]["x"] contains itself
          deep                           | nested too deeply
          f                              | the result is of type function
          """)
  void aValueWithoutFormIsNamedWithItsPlace(String value, String message) throws Exception {
    try (var worker = Workers.python(CODE)) {
      worker.send(MAP);
      var answer = worker.run(1, 0, "[\"1\"," + quoted(value) + ",\"2\"]");
      assertThat(answer.values()).isEqualTo("[1,null,2]");
      assertThat(answer.error(1).path("kind").asString()).isEqualTo("UNSERIALIZABLE");
      assertThat(answer.error(1).path("message").asString()).contains(message);
    }
  }

  /** User code that runs while an error is put into words must not end the worker. */
  @Test
  void anErrorThatCannotBePutIntoWordsCostsOnlyItsItem() throws Exception {
    String code =
        """
        import dataclasses
        class Wordless(Exception): __str__ = None
        class Meta(type):
          __module__ = property(lambda kind: 1 / 0)
          __name__ = property(lambda kind: 1 / 0)
        class Nameless(metaclass=Meta): pass
        @dataclasses.dataclass
        class Point:
          x: int
          def __getattribute__(self, name):
            if name == "x": raise Wordless()
            return object.__getattribute__(self, name)
        class K(int): __eq__ = object.__eq__; __hash__ = object.__hash__
        values = [lambda: 1, Nameless, lambda: Point(1), lambda: {K(1): "a", K(1): "b"}, lambda: 2]
        def f(x): return values[x]()
        """;
    try (var worker = Workers.python(code)) {
      worker.send(MAP);
      var answer = worker.run(1, 0, "[0,1,2,3,4]");
      assertThat(answer.values()).isEqualTo("[1,null,null,null,2]");
      for (int item = 1; item <= 3; item++) {
        assertThat(answer.error(item).path("kind").asString()).isEqualTo("UNSERIALIZABLE");
      }
      assertThat(answer.error(3).path("message").asString()).contains("two keys");
    }
  }

  @Test
  void formsAreReducedAndMatched() throws Exception {
    try (var worker = Workers.python(CODE)) {
      worker.send(MAP.replace("}", ",\"reduce\":\"sum\"}"));
      var answer = worker.run(1, 0, "[\"Color.RED\",\"2\",\"decimal.Decimal(1)\"]");
      assertThat(answer.values()).isEqualTo("[[2,9]]");
      assertThat(answer.error(2).path("message").asString()).endsWith("the result is a string");
      worker.send(MAP.replace("}", ",\"reduce\":\"find\",\"match\":\"truthy\"}"));
      assertThat(worker.run(2, 0, "[\"set()\",\"range(0)\",\"{7}\"]").values())
          .isEqualTo("[[3,2,[7]]]");
      worker.send(MAP.replace("}", ",\"match\":\"equals\",\"equals\":[7]}"));
      assertThat(worker.run(3, 0, "[\"{7}\"]").values()).isEqualTo("[[7]]");
    }
  }

  @Test
  void anObjectThatChangesLaterKeepsItsForm() throws Exception {
    String code = "kept = set()\ndef f(x):\n  kept.add(x)\n  return kept";
    try (var worker = Workers.python(code)) {
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[1,2]").values()).isEqualTo("[[1],[1,2]]");
    }
  }

  @Test
  void theWorkerImportsNoModuleForAForm() throws Exception {
    String code = "import sys\ndef f(x): return {x} if x else sorted(sys.modules)";
    try (var worker = Workers.python(code)) {
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[1,\"a\",0]").values())
          .contains("json")
          .doesNotContain("\"numpy\"", "\"uuid\"", "\"decimal\"", "\"dataclasses\"");
    }
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
