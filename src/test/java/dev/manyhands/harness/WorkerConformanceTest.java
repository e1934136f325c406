package dev.manyhands.harness;

import static dev.manyhands.harness.WorkerProcess.ATTENTION;
import static dev.manyhands.harness.WorkerProcess.CHUNK;
import static dev.manyhands.harness.WorkerProcess.ITEM;
import static dev.manyhands.harness.WorkerProcess.RECALL;
import static dev.manyhands.harness.WorkerProcess.STOP;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The behaviour of every worker, in whatever language it is written:
 * docs/reference/worker-protocol.md as a test.
 */
class WorkerConformanceTest {

  @ParameterizedTest
  @EnumSource
  void outcomesComeInOrder(Workers kind) throws Exception {
    try (var worker = kind.doubling()) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}");
      assertThat(worker.run(1, 0, "[1,2,3]").values()).isEqualTo("[2,4,6]");
      assertThat(worker.run(2, 1000, "[7]").values()).isEqualTo("[14]");
    }
  }

  @ParameterizedTest
  @EnumSource
  void everythingMayBeSentAtOnce(Workers kind) throws Exception {
    try (var worker = kind.doubling()) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}");
      for (int chunk = 1; chunk <= 20; chunk++) {
        worker.sendChunk(chunk, 10L * chunk, 2, "[%d,1]".formatted(chunk));
      }
      for (int chunk = 1; chunk <= 20; chunk++) {
        assertThat(worker.answer(chunk, 10L * chunk).values())
            .isEqualTo("[%d,2]".formatted(2 * chunk));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBadItemCostsOnlyItself(Workers kind) throws Exception {
    try (var worker = kind.doubling()) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}");
      var answer = worker.run(1, 100, "[1,{},3,null]");
      assertThat(answer.values()).isEqualTo("[2,null,6,null]");
      assertThat(answer.errors()).hasSize(2);
      assertThat(answer.error(101).path("kind").asString()).isEqualTo("ERROR");
      assertThat(answer.error(103).path("type").asString()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRecalledChunkIsHandedBackWhole(Workers kind) throws Exception {
    try (var worker = kind.doubling()) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}");
      worker.word(RECALL, 6);
      worker.word(ATTENTION, 1);
      assertThat(worker.run(5, 0, "[1,2]").values()).isEqualTo("[2,4]");
      var answer = worker.run(6, 50, "[1,2]");
      assertThat(answer.returnedFrom()).isEqualTo(50);
      assertThat(answer.frames()).hasSize(1);
      worker.word(ATTENTION, 0);
      assertThat(worker.run(7, 50, "[1,2]").values()).isEqualTo("[2,4]");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStoppedChunkIsHandedBackAndLaterOnesAreNot(Workers kind) throws Exception {
    try (var worker = kind.doubling()) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}");
      worker.word(STOP, 6);
      worker.word(ATTENTION, 1);
      assertThat(worker.run(6, 50, "[1,2]").returnedFrom()).isEqualTo(50);
      assertThat(worker.run(7, 60, "[1,2]").values()).isEqualTo("[2,4]");
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PERL")
  void anItemThatIsToldToStopIsHandedBack(Workers kind) throws Exception {
    try (var worker = kind.doubling()) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}");
      worker.sendChunk(3, 10, 3, "[5,-1,6]");
      worker.awaitWord(ITEM, 11);
      assertThat(worker.word(CHUNK)).isEqualTo(3);
      worker.word(STOP, 3);
      worker.word(ATTENTION, 1);
      var answer = worker.answer(3, 10);
      assertThat(answer.values()).isEqualTo("[10]");
      assertThat(answer.returnedFrom()).isEqualTo(11);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PERL")
  void aRecallInsideAChunkTakesEffectAtTheNextItem(Workers kind) throws Exception {
    try (var worker = kind.doubling()) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}");
      worker.sendChunk(3, 0, 3, "[5,-1,6]");
      worker.sendChunk(4, 3, 1, "[7]");
      worker.awaitWord(ITEM, 1);
      worker.word(RECALL, 4); // not the chunk that runs
      worker.word(STOP, 3);
      worker.word(ATTENTION, 1);
      assertThat(worker.answer(3, 0).returnedFrom()).isEqualTo(1);
      assertThat(worker.answer(4, 3).returnedFrom()).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PERL")
  void itemsAreTimedWhereTheServiceAsks(Workers kind) throws Exception {
    try (var worker = kind.doubling()) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}");
      assertThat(worker.run(1, 0, "[1,2]").frames().getFirst().header().has("times")).isFalse();
      for (int threads : new int[] {1, 3}) {
        String job = "{\"op\":\"job\",\"job\":\"b\",\"times\":true,\"threads\":%d}";
        worker.send(job.formatted(threads));
        var answer = worker.run(1 + threads, 0, "[1,{},3,4]");
        assertThat(answer.values()).isEqualTo("[2,null,6,8]");
        var times = answer.frames().getFirst().header().get("times");
        assertThat(times).hasSize(4 * 3);
        for (int item = 0; item < 4; item++) {
          assertThat(times.get(3 * item).longValue()).isBetween(0L, threads - 1L);
          long ended = times.get(3 * item + 2).longValue();
          assertThat(ended).isNotNegative();
          assertThat(times.get(3 * item + 1).longValue()).isGreaterThanOrEqualTo(ended);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void betweenChunksThePageNamesNobody(Workers kind) throws Exception {
    try (var worker = kind.doubling()) {
      assertThat(worker.word(ITEM)).isEqualTo(-1);
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}");
      worker.run(1, 0, "[1]");
      worker.awaitWord(CHUNK, 0);
      assertThat(worker.word(ITEM)).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theEndOfInputEndsTheWorker(Workers kind) throws Exception {
    try (var worker = kind.doubling()) {
      worker.closeInput();
      assertThat(worker.exitCode()).isZero();
    }
  }
}
