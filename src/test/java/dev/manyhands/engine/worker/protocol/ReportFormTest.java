package dev.manyhands.engine.worker.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.JobSpec.StopWhen;
import dev.manyhands.model.JobSpec.StopWhen.Match;
import dev.manyhands.model.Outcomes;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** The service completes the reports of workers that only know values. */
class ReportFormTest {
  private static final long FIRST = 10;

  @Test
  void mostReportsPassAsTheyAre() {
    var report = report("1,2");
    assertThat(ReportForm.of(spec(Reduce.LIST, null, 1), report)).containsExactly(report);
    assertThat(ReportForm.of(spec(Reduce.LIST, null, 3), report)).containsExactly(report);
    var failed = report("1,null", 11);
    assertThat(ReportForm.of(spec(Reduce.LIST, null, 1), failed)).containsExactly(failed);
  }

  @Test
  void itemsThatMayBeTriedAgainStandAlone() {
    var report = report("null,1,2,null,null,3", 10, 13, 14);
    var parts = ReportForm.of(spec(Reduce.LIST, null, 2), report);
    assertThat(parts.stream().map(Outcomes::items))
        .containsExactly(range(10, 11), range(11, 13), range(13, 14), range(14, 15), range(15, 16));
    assertThat(parts.stream().map(ReportFormTest::kept))
        .containsExactly("null", "1,2", "null", "null", "3");
    assertThat(parts.stream().map(part -> part.errors().size())).containsExactly(1, 0, 1, 1, 0);
    assertThat(parts.stream().mapToDouble(part -> part.cost().run()).sum())
        .isCloseTo(report.cost().run(), within(1e-12));
  }

  @Test
  void eachPartHasAPartialOfItsOwn() {
    var parts = ReportForm.of(spec(Reduce.SUM, null, 2), report("1,2,null,4", 12));
    assertThat(parts.stream().map(ReportFormTest::kept)).containsExactly("[2,3]", "[0]", "[1,4]");
  }

  @Test
  void whatDoesNotCombineStandsAloneToBeTriedAgainAsWhatFailed() {
    var parts = ReportForm.of(spec(Reduce.SUM, null, 2), report("1,\"a\",2,3,null,4", 14));
    assertThat(parts.stream().map(Outcomes::items))
        .containsExactly(range(10, 11), range(11, 12), range(12, 14), range(14, 15), range(15, 16));
    assertThat(parts.stream().flatMap(part -> part.errors().stream()).map(ItemError::type))
        .containsExactly("NotCombinable", "E");
    assertThat(parts.stream().mapToDouble(part -> part.cost().run()).sum())
        .isCloseTo(0.6, within(1e-12));
  }

  @Test
  void whatIsNotTriedAgainStaysInOnePiece() {
    var parts = ReportForm.of(spec(Reduce.SUM, null, 1), report("1,\"a\",2"));
    assertThat(parts).hasSize(1);
    assertThat(parts.getFirst().errors()).extracting(ItemError::index).containsExactly(11L);
    assertThat(kept(parts.getFirst())).isEqualTo("[2,3]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SUM | 1,2.5,null,3 | [3,4,2.5]",
        "MIN | 5,4,null,4 | [3,11,4]",
        "COUNT | \"a\",[],null,0 | [3]",
        "ALL | 1,0,null,0 | [3,11]",
        "FIND | 0,{\"a\":[1,2]},null,1 | [3,11,{\"a\":[1,2]}]"
      })
  void resultsAreCombinedWithoutFailedItems(Reduce reduce, String values, String partial) {
    var parts = ReportForm.of(spec(reduce, null, 1), report(values, 12));
    assertThat(parts).hasSize(1);
    assertThat(kept(parts.getFirst())).isEqualTo(partial);
    assertThat(parts.getFirst().errors()).hasSize(1);
  }

  @Test
  void whatCannotBeCombinedIsAnErrorAmongTheOthersInOrder() {
    var part = ReportForm.of(spec(Reduce.MEAN, null, 1), report("\"a\",null,[1],4", 11)).getFirst();
    assertThat(kept(part)).isEqualTo("[1,4]");
    assertThat(part.errors().stream().map(ItemError::index)).containsExactly(10L, 11L, 12L);
    var error = part.errors().getFirst();
    assertThat(error.kind()).isEqualTo(ItemError.Kind.ERROR);
    assertThat(error.type()).isEqualTo("NotCombinable");
    assertThat(error.message()).contains("numbers", "a string");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TRUTHY | | 1,0,\"a\",null,[] | 2",
        "FALSY | | 1,0,\"a\",null,[] | 2", // the failed one is not falsy
        "EQUALS | 1 | 1,1.0,true,null,\"1\" | 2",
        "EQUALS | 1.10 | 1.1,11e-1,1.1000000000000000000001,null,1 | 2",
        "EQUALS | null | null,0,false,null,\"null\" | 1",
        "EQUALS | [1,{\"a\":2,\"b\":3}] | [1.0,{\"b\":3,\"a\":2.0}],[1],{},null,[1,{\"a\":2}] | 1",
        "EQUALS | \"é\" | \"é\",\"\\u00e9\",\"e\",null,0 | 2",
        "EQUALS | \"\\ud800\" | \"\\ud800\",\"\\ud801\",\"?\",null,\"\\uD800\" | 2",
        "EQUALS | \"a\\/\\n\\\"\" | \"a/\\u000a\\u0022\",\"a/n\",\"a\",null,0 | 1",
        "EQUALS | 0 | -0.0,0e999999999999,0.000,null,1e-999999999999 | 3",
        "EQUALS | -1e5 | -100000,-0.1e6,-1000000e-1,null,1e5 | 3",
        "EQUALS | 1E+999999999 | 1e999999999,10e999999998,1e999999998,null,1e99999999999999999999 |"
            + " 2",
        "EQUALS | 1E-999999999 | 0.1e-999999998,0,1e-99999999999999999999,null,1e-9 | 1",
        "EQUALS | {\"a\":1} | {\"a\":2,\"a\":1},{\"a\":1,\"a\":2},{\"a\":1,\"b\":1},null,{} | 1",
        "EQUALS | {\"a\":[]} | {\"a\":[]},{\"a\":{}},{\"a\":[[]]},null,[] | 1",
        "EQUALS | [] | [],[[]],{},null,[null] | 1",
        "EQUALS | [[1],[2]] | [[1],[2]],[[1],[2],[]],[[1]],null,[[1,2]] | 1"
      })
  void resultsThatMayEndTheJobAreCounted(
      Match match, @Nullable String equals, String values, long matched) {
    var stop = new StopWhen(match, equals, 1);
    var listed = ReportForm.of(spec(Reduce.LIST, stop, 1), report(values, 13));
    assertThat(listed.getFirst().matched()).isEqualTo(matched);
    assertThat(kept(listed.getFirst())).isEqualTo(values);
    var counted = ReportForm.of(spec(Reduce.COUNT, stop, 1), report(values, 13));
    assertThat(counted.getFirst().matched()).isEqualTo(matched);
    var alone = ReportForm.of(spec(Reduce.LIST, stop, 2), report(values, 13));
    assertThat(alone.stream().mapToLong(Outcomes::matched).sum()).isEqualTo(matched);
  }

  /** Every value that the scanner accepts can be compared. */
  @Test
  void resultsThatAreDeepAndLongAreCompared() {
    String deep = "[".repeat(10_000) + "]".repeat(10_000);
    String members = "{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000);
    String digits = "7".repeat(100_000);
    String huge = "1e" + "9".repeat(100_000);
    String values = String.join(",", deep, members, digits, "0." + digits, huge, "-" + huge, "1");
    for (var reduce : new Reduce[] {Reduce.LIST, Reduce.COUNT}) {
      for (String wanted : new String[] {"1", "[1]", "[[]]", "{\"a\":{\"a\":1}}", "\"1\""}) {
        var stop = new StopWhen(Match.EQUALS, wanted, 1);
        var parts =
            ReportForm.of(
                spec(reduce, stop, 1),
                new Outcomes(
                    ItemRange.ofCount(FIRST, 7),
                    values.getBytes(UTF_8),
                    List.of(),
                    Outcomes.Cost.NONE));
        assertThat(parts.getFirst().matched()).as(wanted).isEqualTo(wanted.equals("1") ? 1 : 0);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "LIST, , ",
    "SUM, sum, ",
    "COUNT, count, ",
    "ANY, any, TRUTHY",
    "FIND, find, TRUTHY",
    "ALL, all, FALSY"
  })
  void workersAreToldWhatTheyMayDo(Reduce reduce, @Nullable String told, @Nullable Match match) {
    var plain = spec(reduce, null, 1);
    assertThat(ReportForm.reductionFor(plain)).isEqualTo(told);
    assertThat(ReportForm.matchFor(plain)).isEqualTo(match);
    // An item that is tried again must not be in a partial.
    assertThat(ReportForm.reductionFor(spec(reduce, null, 2))).isNull();
    // The user's condition has priority over the condition that the reduction implies.
    var stop = new StopWhen(Match.EQUALS, "1", 1);
    assertThat(ReportForm.matchFor(spec(reduce, stop, 1))).isEqualTo(Match.EQUALS);
  }

  private static ItemRange range(long first, long end) {
    return new ItemRange(first, end);
  }

  private static String kept(Outcomes part) {
    return new String(part.values(), UTF_8);
  }

  private static Outcomes report(String values, long... failed) {
    long count = JsonMapper.shared().readTree("[" + values + "]").size();
    return new Outcomes(
        ItemRange.ofCount(FIRST, count),
        values.getBytes(UTF_8),
        LongStream.of(failed)
            .mapToObj(index -> new ItemError(index, ItemError.Kind.ERROR, "E", "m", null, 1))
            .toList(),
        new Outcomes.Cost(0.6, 0.06, 0.006));
  }

  static JobSpec spec(Reduce reduce, @Nullable StopWhen stopWhen, int errorAttempts) {
    var function =
        new Function("f", "sha256:0", new FunctionDefinition.Python("def f(x): return x", "f"));
    return JobSpec.builder(function, new Inputs.Listed(100))
        .reduce(reduce)
        .stopWhen(stopWhen)
        .retry(new JobSpec.Retry(2, 1, errorAttempts, Duration.ZERO))
        .build();
  }
}
