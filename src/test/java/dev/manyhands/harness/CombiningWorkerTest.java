package dev.manyhands.harness;

import static dev.manyhands.harness.WorkerProcess.ATTENTION;
import static dev.manyhands.harness.WorkerProcess.STOP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.harness.WorkerProcess.Answer;
import dev.manyhands.harness.WorkerProcess.Frame;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Reports of workers that combine results, or that look for results which end the job. */
class CombiningWorkerTest {

  private static String job(String more) {
    return "{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"," + more + "}";
  }

  private static String reduce(String reduction) {
    return job("\"reduce\":\"" + reduction + "\"");
  }

  @ParameterizedTest
  @EnumSource(names = "PERL", mode = EnumSource.Mode.EXCLUDE)
  void everyReductionHasItsPartial(Workers kind) throws Exception {
    try (var worker = kind.echo()) {
      String[][] cases = {
        {"sum", "[1,2,3]", "[3,6]"},
        {"sum", "[1,2.5,-1,0.25]", "[4,0,2.75]"},
        {"sum", "[true,false,true]", "[3,2]"},
        {"sum", "[100000000000000000000000,1]", "[2,100000000000000000000001]"},
        {"mean", "[1,0.5]", "[2,1,0.5]"},
        {"min", "[3,1,1,2]", "[4,101,1]"},
        {"min", "[0.5,true,false]", "[3,102,0]"},
        {"max", "[9007199254740993,9007199254740992.0]", "[2,100,9007199254740993]"},
        {"max", "[1,2,2.0]", "[3,101,2]"},
        {"count", "[\"a\",null,[]]", "[3]"},
        {"any", "[0,\"\",null,[],{},0.0,-0.0,false]", "[8]"},
        {"any", "[0,\"x\",1]", "[3,101]"},
        {"all", "[1,\"0\",[0],true]", "[4]"},
        {"all", "[1,0]", "[2,101]"},
        {"find", "[0,[]]", "[2]"},
        {"find", "[0,{\"a\":\"b,c\"},1]", "[3,101,{\"a\":\"b,c\"}]"},
      };
      for (int chunk = 1; chunk <= cases.length; chunk++) {
        String[] one = cases[chunk - 1];
        worker.send(reduce(one[0]));
        var answer = worker.run(chunk, 100, one[1]);
        assertThat(answer.frames()).hasSize(1);
        assertThat(answer.frames().getFirst().isCombined()).isTrue();
        assertThat(answer.values()).as("%s of %s", one[0], one[1]).isEqualTo("[" + one[2] + "]");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = "PERL", mode = EnumSource.Mode.EXCLUDE)
  void floatsAreSummedWithoutRounding(Workers kind) throws Exception {
    try (var worker = kind.echo()) {
      worker.send(reduce("sum"));
      assertThat(worker.run(1, 0, "[1e100,1.0,-1e100,1.5e-30]").values())
          .isEqualToIgnoringCase("[[4,0,1.0,1.5e-30]]");
      assertThat(worker.run(2, 0, "[0.5,-0.5]").values()).isEqualTo("[[2,0,0.0]]");
      assertThat(worker.run(3, 0, "[1e308,1e308,-1e308,2]").values()).startsWith("[[4,2,1");
    }
  }

  @ParameterizedTest
  @CsvSource({"PYTHON, sum", "PYTHON, max", "JAVA, mean", "JAVA, min"})
  void whatIsNoNumberFailsAlone(Workers kind, String reduction) throws Exception {
    try (var worker = kind.echo()) {
      worker.send(reduce(reduction));
      var answer = worker.run(1, 5, "[7,\"x\",null,[1],{\"a\":1},7]");
      assertThat(answer.frames()).hasSize(1);
      assertThat(answer.frames().getFirst().combined()).isEqualTo(2);
      assertThat(answer.errors()).hasSize(4);
      String[] names = {"a string", "null", "an array", "an object"};
      for (int i = 0; i < 4; i++) {
        var error = answer.error(6 + i);
        assertThat(error.path("kind").asString()).isEqualTo("ERROR");
        assertThat(error.path("type").asString()).isEqualTo("NotCombinable");
        assertThat(error.path("message").asString()).endsWith("the result is " + names[i]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = "PERL", mode = EnumSource.Mode.EXCLUDE)
  void aChunkOfFailuresHasAnEmptyPartial(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      for (String reduction : List.of("sum", "min", "find", "count")) {
        worker.send(reduce(reduction));
        var answer = worker.run(1, 0, "[\"nan\",\"object\",\"huge\",\"fail\"]");
        assertThat(answer.values()).isEqualTo("[[0]]");
        assertThat(answer.errors().stream().map(error -> error.path("kind").asString()))
            .containsExactly("UNSERIALIZABLE", "UNSERIALIZABLE", "UNSERIALIZABLE", "ERROR");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"PYTHON, 1", "PYTHON, 4", "JAVA, 1", "JAVA, 4"})
  void manyLongErrorsAreSeveralFrames(Workers kind, int threads) throws Exception {
    try (var worker = kind.echo()) {
      for (String reduction : List.of("count", "find")) {
        worker.send(job("\"reduce\":\"" + reduction + "\",\"threads\":" + threads));
        var items = new ArrayList<>(Collections.nCopies(60, "\"fail\""));
        items.set(20, "\"" + "y".repeat(Workers.MAX_RESULT_BYTES - 2) + "\"");
        items.set(40, "\"x\"");
        var answer = worker.run(1, 0, items.toString());
        assertThat(answer.frames()).hasSizeGreaterThan(2);
        assertThat(answer.frames())
            .allSatisfy(
                frame -> assertThat(frame.bytes()).isLessThanOrEqualTo(Workers.MAX_FRAME_BYTES));
        assertThat(answer.errors()).hasSize(58);
        assertThat(answer.frames().stream().mapToInt(Frame::combined).sum()).isEqualTo(2);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = "PERL", mode = EnumSource.Mode.EXCLUDE)
  void anErrorAfterAGapWaitsForItsTurn(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      worker.send(job("\"reduce\":\"count\",\"match\":\"falsy\",\"threads\":4"));
      worker.sendChunk(1, 0, 5, "[\"a\",\"hold\",\"fail\",\"fail\",\"b\"]");
      worker.awaitRunning(1L);
      var early = worker.next();
      assertThat(early.header().path("count").asInt()).isEqualTo(1);
      assertThat(early.header().path("errors")).isEmpty();
      worker.touch("go");
      var rest = worker.answer(1, 1);
      assertThat(rest.errors()).hasSize(2);
      assertThat(rest.frames().stream().mapToInt(Frame::combined).sum()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PYTHON | \"match\":\"truthy\" | [0,6] | 0",
        "JAVA | \"match\":\"truthy\" | [0,6] | 0",
        "PYTHON | \"match\":\"equals\",\"equals\":6.0 | [0,6] | 0",
        "PYTHON | \"match\":\"truthy\",\"reduce\":\"sum\" | [2,6] | 1",
        "JAVA | \"match\":\"truthy\",\"reduce\":\"sum\" | [2,6] | 1",
        "PYTHON | \"match\":\"equals\",\"equals\":6,\"reduce\":\"max\" | [2,1,6] | 1",
        "PYTHON | \"match\":\"truthy\",\"reduce\":\"find\" | [2,1,6] | 1",
        "JAVA | \"match\":\"truthy\",\"reduce\":\"any\" | [2,1] | 1"
      })
  void aMatchIsReportedBeforeTheNextItemEnds(Workers kind, String header, String body, int matched)
      throws Exception {
    try (var worker = kind.doubling()) {
      worker.send(job(header));
      worker.sendChunk(1, 0, 3, "[0,3,-1]"); // the last one goes on until it is stopped
      var frame = worker.next();
      int seen = frame.header().path("matched").asInt(0);
      if (frame.header().path("count").asInt() == 1) {
        // A busy machine: the first item alone was due for a report.
        frame = worker.next();
        seen += frame.header().path("matched").asInt(0);
        assertThat(frame.header().path("count").asInt()).isEqualTo(1);
      } else {
        assertThat(frame.header().path("count").asInt()).isEqualTo(2);
        assertThat(frame.body()).isEqualTo(body);
      }
      assertThat(frame.header().path("last").asBoolean()).isFalse();
      assertThat(seen).isEqualTo(matched);
      worker.word(STOP, 1);
      worker.word(ATTENTION, 1);
      assertThat(worker.answer(1, 2).returnedFrom()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @CsvSource({"PYTHON, 1", "PYTHON, 4", "JAVA, 1", "JAVA, 4"})
  void reportsAreFrequentWhereAResultMayEndTheJob(Workers kind, int threads) throws Exception {
    try (var worker = kind.wishes()) {
      worker.send(job("\"match\":\"falsy\",\"reduce\":\"count\",\"threads\":" + threads));
      int items = 60 * threads;
      var wishes = Collections.nCopies(items, "\"nap\"").toString(); // 10 ms on average
      Answer answer = worker.run(1, 0, wishes);
      assertThat(answer.frames()).hasSizeGreaterThan(2);
      assertThat(answer.frames().stream().mapToInt(Frame::combined).sum()).isEqualTo(items);
      assertThat(answer.frames())
          .allSatisfy(frame -> assertThat(frame.header().path("matched").asInt()).isZero());
    }
  }

  @Test
  void aJavaWorkerLeavesEqualsToTheService() throws Exception {
    try (var worker = Workers.JAVA.echo()) {
      worker.send(job("\"match\":\"equals\",\"equals\":1,\"reduce\":\"sum\""));
      var answer = worker.run(1, 0, "[1,2]");
      assertThat(answer.frames()).allSatisfy(frame -> assertThat(frame.isCombined()).isFalse());
      assertThat(answer.values()).isEqualTo("[1,2]");
    }
  }

  @ParameterizedTest
  @EnumSource
  void theNextJobIsNotCombined(Workers kind) throws Exception {
    try (var worker = kind.doubling()) {
      worker.send(job("\"reduce\":\"sum\",\"match\":\"truthy\""));
      worker.run(1, 0, "[1,2]");
      worker.send(job("\"later\":true"));
      var answer = worker.run(2, 0, "[1,2]");
      assertThat(answer.frames()).hasSize(1);
      assertThat(answer.values()).isEqualTo("[2,4]");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1.0,true,\"1\",[1],1] | 1 | 2",
        "[true,1,\"true\"] | true | 1",
        "[null,false,0] | null | 1",
        "[[1,{\"a\":2.0,\"b\":\"é\"}],[1,{\"b\":\"é\",\"a\":2}],[1]] | [1,{\"b\":\"é\",\"a\":2}] | 2",
      })
  void aPythonWorkerComparesAsJson(String items, String equals, int matched) throws Exception {
    try (var worker = Workers.PYTHON.echo()) {
      worker.send(job("\"match\":\"equals\",\"equals\":" + equals + ",\"reduce\":\"count\""));
      var answer = worker.run(1, 0, items);
      assertThat(
              answer.frames().stream()
                  .mapToInt(frame -> frame.header().path("matched").asInt())
                  .sum())
          .isEqualTo(matched);
    }
  }
}
