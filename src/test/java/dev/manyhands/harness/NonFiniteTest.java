package dev.manyhands.harness;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** NaN in results, by the wish of the job. */
class NonFiniteTest {

  private static String job(String form, int threads, String more) {
    String member = form.equals("absent") ? "" : ",\"nonFinite\":\"" + form + "\"";
    return "{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\",\"threads\":%d%s%s}"
        .formatted(threads, member, more);
  }

  @ParameterizedTest
  @CsvSource({"PYTHON, 1", "PYTHON, 3", "JAVA, 1", "JAVA, 3"})
  void theJobDecidesWhatStandsForNan(Workers kind, int threads) throws Exception {
    try (var worker = kind.wishes()) {
      worker.send(job("null", threads, ""));
      assertThat(worker.run(1, 0, "[\"nan\",\"a\"]").values()).isEqualTo("[null,\"a\"]");
      worker.send(job("string", threads, ""));
      assertThat(worker.run(2, 0, "[\"nan\",\"a\"]").values()).isEqualTo("[\"NaN\",\"a\"]");
      worker.send(job("absent", threads, ""));
      var refused = worker.run(3, 0, "[\"nan\",\"a\"]");
      assertThat(refused.values()).isEqualTo("[null,\"a\"]");
      assertThat(refused.error(0).path("kind").asString()).isEqualTo("UNSERIALIZABLE");
      assertThat(refused.error(0).path("message").asString()).contains("\"nonFinite\"");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PYTHON, null, null",
    "PYTHON, string, a string",
    "JAVA, null, null",
    "JAVA, string, a string"
  })
  void whatStandsForNanIsNoNumberToAdd(Workers kind, String form, String what) throws Exception {
    try (var worker = kind.wishes()) {
      worker.send(job(form, 1, ",\"reduce\":\"sum\""));
      var answer = worker.run(1, 0, "[\"nan\",\"index\"]");
      assertThat(answer.values()).isEqualTo("[[1,1]]");
      assertThat(answer.error(0).path("type").asString()).isEqualTo("NotCombinable");
      assertThat(answer.error(0).path("message").asString()).endsWith("the result is " + what);
    }
  }

  @ParameterizedTest
  @CsvSource({"PYTHON, null, [[1]]", "PYTHON, string, '[[1,0]]'", "JAVA, null, [[1]]"})
  void nanIsTruthyOnlyAsText(Workers kind, String form, String partial) throws Exception {
    try (var worker = kind.wishes()) {
      worker.send(job(form, 1, ",\"reduce\":\"any\",\"match\":\"truthy\""));
      assertThat(worker.run(1, 0, "[\"nan\"]").values()).isEqualTo(partial);
    }
  }
}
