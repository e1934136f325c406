package dev.manyhands.harness;

import static dev.manyhands.harness.WorkerProcess.ATTENTION;
import static dev.manyhands.harness.WorkerProcess.CHUNK;
import static dev.manyhands.harness.WorkerProcess.ITEM;
import static dev.manyhands.harness.WorkerProcess.RECALL;
import static dev.manyhands.harness.WorkerProcess.STOP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.harness.WorkerProcess.Answer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Behaviour of workers that run several items at a time. */
class ItemThreadsTest {

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void severalItemsRunAtATime(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      begin(worker, 4);
      var met = run(worker, 1, 0, Collections.nCopies(8, "meet"));
      assertThat(met.values()).isEqualTo(json(Collections.nCopies(8, "meet")));
      assertThat(met.errors()).isEmpty();
      assertThat(worker.running()).isEmpty();
      worker.awaitWord(CHUNK, 0);
      assertThat(worker.word(ITEM)).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void theAnswerIsThatOfOneThread(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      var wishes =
          Collections.nCopies(
                  12,
                  Stream.of("list", "fail", "index", "nan", "object", "nap", "huge", "oom", "large")
                      .toList())
              .stream()
              .flatMap(List::stream)
              .toList();
      begin(worker, 1);
      Answer inTurn = run(worker, 1, 30, wishes);
      begin(worker, 5);
      Answer atOnce = run(worker, 2, 30, wishes);
      assertThat(atOnce.values()).isEqualTo(inTurn.values());
      assertThat(atOnce.errors()).isEqualTo(inTurn.errors()).hasSize(60);
      assertThat(atOnce.frames())
          .allSatisfy(
              frame -> assertThat(frame.bytes()).isLessThanOrEqualTo(Workers.MAX_FRAME_BYTES));
      assertThat(run(worker, 3, 7, List.of()).values()).isEqualTo("[]");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void theThreadsStayForLaterChunks(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      begin(worker, 4);
      var threads = ids(run(worker, 1, 0, Collections.nCopies(4, "thread")));
      assertThat(threads).hasSize(4);
      assertThat(ids(run(worker, 2, 0, Collections.nCopies(12, "thread")))).isEqualTo(threads);
      begin(worker, 1);
      assertThat(run(worker, 3, 9, List.of("index", "fail")).values()).isEqualTo("[9,null]");
      begin(worker, 4);
      var ofNextJob = ids(run(worker, 4, 0, Collections.nCopies(4, "thread")));
      if (kind == Workers.JAVA) {
        assertThat(ofNextJob).doesNotContainAnyElementsOf(threads);
      } else {
        assertThat(ofNextJob).isEqualTo(threads);
      }
      worker.closeInput();
      assertThat(worker.exitCode()).isZero();
    }
  }

  private static final String CROWDED =
      """
      import os, subprocess, sys, time
      os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
      burner = "import os\\nwhile os.getppid() == %d: pass" % os.getpid()
      for i in range(2): subprocess.Popen([sys.executable, "-c", burner])
      def f(x):
          end = time.perf_counter() + 0.4
          while time.perf_counter() < end: pass
      """;

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void timeInWhichAProcessorIsMissingIsNoWork(Workers kind) throws Exception {
    try (var worker =
        kind == Workers.JAVA
            ? Workers.java(TestFunctions.Crowded.class)
            : Workers.python(CROWDED)) {
      begin(worker, 4);
      var answer = run(worker, 1, 0, Collections.nCopies(4, "x"));
      double work =
          answer.frames().stream()
              .mapToDouble(frame -> frame.header().path("run").asDouble())
              .sum();
      assertThat(work).as("seconds of work in 0.4 s of one processor").isBetween(0.01, 0.6);
    }
  }

  private static Set<String> ids(Answer answer) {
    assertThat(answer.errors()).isEmpty();
    return Set.copyOf(Arrays.asList(answer.values().replaceAll("[\\[\\]]", "").split(",")));
  }

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void itemsOfTheNextChunkBeginWhileASlowItemRuns(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      begin(worker, 2);
      send(worker, 1, 0, List.of("a", "hold"));
      send(worker, 2, 2, List.of("b", "hold2", "c"));
      worker.awaitRunning(1L, 3L);
      assertThat(worker.word(CHUNK)).isEqualTo(1);
      assertThat(worker.word(ITEM)).isEqualTo(1);
      worker.touch("go");
      assertThat(worker.answer(1, 0).values()).isEqualTo(json(List.of("a", "hold")));
      worker.awaitWord(CHUNK, 2);
      worker.touch("go2");
      assertThat(worker.answer(2, 2).values()).isEqualTo(json(List.of("b", "hold2", "c")));
      worker.awaitWord(CHUNK, 0);
      assertThat(worker.running()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void aRecallOfTheNextChunkLeavesItsItemsThatHaveBegun(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      begin(worker, 2);
      send(worker, 1, 0, List.of("hold"));
      send(worker, 2, 1, List.of("hold2", "c", "d"));
      worker.awaitRunning(0L, 1L);
      worker.word(RECALL, 2);
      worker.word(ATTENTION, 1);
      worker.touch("go2");
      worker.touch("go");
      assertThat(worker.answer(1, 0).values()).isEqualTo(json(List.of("hold")));
      var second = worker.answer(2, 1);
      assertThat(second.values()).isEqualTo(json(List.of("hold2")));
      assertThat(second.returnedFrom()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void aStopCutsItemsOfBothChunksShort(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      begin(worker, 2);
      send(worker, 1, 0, List.of("a", "spin"));
      send(worker, 2, 2, List.of("spin", "b"));
      worker.awaitRunning(1L, 2L);
      worker.word(STOP, 2);
      worker.word(ATTENTION, 1);
      var first = worker.answer(1, 0);
      assertThat(first.values()).isEqualTo(json(List.of("a")));
      assertThat(first.returnedFrom()).isEqualTo(1);
      assertThat(worker.answer(2, 2).returnedFrom()).isEqualTo(2);
    }
  }

  /** Results that nobody takes, behind items that were cut short, must not count for ever. */
  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void resultsThatAreDroppedHoldNothingBack(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      begin(worker, 2);
      long first = 0;
      for (int chunk = 1; chunk <= 3; chunk++, first += 31) {
        var wishes = Stream.concat(Stream.of("spin"), Collections.nCopies(30, "large").stream());
        send(worker, chunk, first, wishes.toList());
        worker.awaitRunning(first); // twenty results are all that may wait
        worker.word(STOP, chunk);
        worker.word(ATTENTION, 1);
        assertThat(worker.answer(chunk, first).returnedFrom()).isEqualTo(first);
        worker.word(ATTENTION, 0);
      }
      assertThat(run(worker, 4, first, List.of("a", "b")).values())
          .isEqualTo(json(List.of("a", "b")));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void aRecalledChunkOfWhichNothingHasBegunIsHandedBackAtOnce(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      begin(worker, 2);
      worker.word(RECALL, 2);
      worker.word(ATTENTION, 1);
      send(worker, 1, 0, List.of("hold"));
      send(worker, 2, 1, List.of("b", "c"));
      var back = worker.next();
      assertThat(back.op()).isEqualTo("returned");
      assertThat(back.header().path("chunk").asInt()).isEqualTo(2);
      assertThat(back.header().path("first").asInt()).isEqualTo(1);
      worker.touch("go");
      assertThat(worker.answer(1, 0).values()).isEqualTo(json(List.of("hold")));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void theNextJobBeginsAfterTheAnswersOfTheJobBefore(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      begin(worker, 4);
      send(worker, 1, 0, Collections.nCopies(6, "nap"));
      begin(worker, 2);
      send(worker, 2, 0, Collections.nCopies(6, "index"));
      begin(worker, 1);
      send(worker, 3, 5, List.of("index"));
      assertThat(worker.answer(1, 0).values()).isEqualTo(json(Collections.nCopies(6, "nap")));
      assertThat(worker.answer(2, 0).values()).isEqualTo("[0,1,2,3,4,5]");
      assertThat(worker.answer(3, 5).values()).isEqualTo("[5]");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void whatComesBeforeASlowItemIsReportedEarly(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      begin(worker, 2);
      send(worker, 1, 0, List.of("a", "b", "hold", "c", "d"));
      var early = worker.next().header();
      int reported = early.path("count").asInt(); // one on a machine that is very busy
      assertThat(reported).isBetween(1, 2);
      assertThat(early.path("last").asBoolean()).isFalse();
      worker.awaitWord(ITEM, 2);
      worker.touch("go");
      assertThat(worker.answer(1, reported).values())
          .isEqualTo(json(List.of("a", "b", "hold", "c", "d").subList(reported, 5)));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void moreThanAFrameMayWaitBehindASlowItem(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      begin(worker, 3);
      var large = Collections.nCopies(80, "large");
      send(worker, 1, 0, Stream.concat(Stream.of("hold"), large.stream()).toList());
      worker.awaitRunning(0L); // twenty results fill a frame, and then no other item is begun
      worker.touch("go");
      var answer = worker.answer(1, 0);
      assertThat(answer.errors()).isEmpty();
      assertThat(answer.values()).hasSize("[\"hold\"]".length() + 80 * 10_003);
      assertThat(answer.frames())
          .hasSizeGreaterThan(4)
          .allSatisfy(
              frame -> assertThat(frame.bytes()).isLessThanOrEqualTo(Workers.MAX_FRAME_BYTES));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void aRecallLetsWhatHasBegunEnd(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      begin(worker, 4);
      send(worker, 5, 10, List.of("hold", "a", "hold", "hold", "hold", "b", "c"));
      send(worker, 6, 17, List.of("d"));
      worker.awaitRunning(10L, 12L, 13L, 14L);
      assertThat(worker.word(ITEM)).isEqualTo(10);
      worker.word(RECALL, 5);
      worker.word(ATTENTION, 1);
      worker.touch("go");
      assertThat(worker.answer(6, 17).returnedFrom()).as("nothing of it has begun").isEqualTo(17);
      var answer = worker.answer(5, 10);
      assertThat(answer.values()).isEqualTo(json(List.of("hold", "a", "hold", "hold", "hold")));
      assertThat(answer.returnedFrom()).isEqualTo(15);
      worker.word(ATTENTION, 0);
      assertThat(run(worker, 7, 15, List.of("b", "index")).values()).isEqualTo("[\"b\",16]");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void aStopHandsBackAllFromTheFirstItemThatWasCutShort(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      begin(worker, 3);
      send(worker, 5, 10, List.of("a", "spin", "b", "spin", "c", "hold", "d"));
      worker.awaitRunning(11L, 13L, 15L);
      assertThat(worker.word(ITEM)).isEqualTo(11);
      worker.word(STOP, 5);
      worker.word(ATTENTION, 1);
      worker.touch("go");
      var answer = worker.answer(5, 10);
      assertThat(answer.values()).isEqualTo("[\"a\"]");
      assertThat(answer.returnedFrom()).isEqualTo(11);
      assertThat(run(worker, 6, 11, List.of("index", "b", "index")).values())
          .isEqualTo("[11,\"b\",13]");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void aCrashLeavesAllItsCandidatesOnThePage(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      begin(worker, 4);
      send(worker, 3, 40, List.of("a", "spin", "b", "crash", "spin", "spin", "c"));
      worker.awaitRunning(41L, 43L, 44L, 45L);
      worker.touch("go");
      assertThat(worker.exitCode()).isEqualTo(9);
      assertThat(worker.running()).containsExactlyInAnyOrder(41L, 43L, 44L, 45L);
      assertThat(worker.word(ITEM)).isEqualTo(41);
      assertThat(worker.word(CHUNK)).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void aSeedGivesTheSameNumbersForAnyThreads(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      var eight = Collections.nCopies(8, "random");
      begin(worker, 1, 42);
      String inTurn = run(worker, 1, 0, eight).values();
      begin(worker, 4, 42);
      assertThat(run(worker, 2, 0, eight).values()).isEqualTo(inTurn);
      String last = run(worker, 3, 5, eight.subList(5, 8)).values();
      String first = run(worker, 4, 0, eight.subList(0, 5)).values();
      assertThat(first.substring(0, first.length() - 1) + "," + last.substring(1))
          .isEqualTo(inTurn);
      begin(worker, 4, -42);
      assertThat(run(worker, 5, 0, eight).values()).isNotEqualTo(inTurn);
      begin(worker, 4);
      assertThat(run(worker, 6, 0, eight).values()).isNotEqualTo(inTurn).contains("true");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "JAVA"})
  void moreThreadsThanThePageHasWordsForAreRefused(Workers kind) throws Exception {
    try (var worker = kind.wishes()) {
      begin(worker, 496);
      assertThat(run(worker, 1, 0, Collections.nCopies(8, "meet")).errors()).isEmpty();
      begin(worker, 497);
      send(worker, 2, 0, List.of("a"));
      var failed = worker.next();
      assertThat(failed.op()).isEqualTo("failed");
      assertThat(failed.header().path("message").asString()).contains("497", "1 to 496");
      worker.closeInput();
      assertThat(worker.exitCode()).isZero();
    }
  }

  @Test
  void anInterruptReachesNoOtherItem() throws Exception {
    try (var worker = Workers.JAVA.wishes()) {
      begin(worker, 2);
      var wishes = Collections.nCopies(10, List.of("interrupt", "nap")).stream();
      assertThat(run(worker, 1, 0, wishes.flatMap(List::stream).toList()).errors()).isEmpty();
      assertThat(run(worker, 2, 0, List.of("nap", "nap")).errors()).isEmpty();
    }
  }

  @Test
  void aSeedLeavesThePythonGeneratorsAlone() throws Exception {
    String code =
        """
        import random
        random.seed(1)
        before = random.getstate()
        def f(x): return random.getstate() == before
        """;
    try (var worker = Workers.python(code)) {
      begin(worker, 2, 42);
      assertThat(worker.run(1, 0, "[0,0,0]").values()).isEqualTo("[true,true,true]");
    }
  }

  @Test
  void coroutinesAndTheirThreadsKnowTheirItemAndOthersDoNot() throws Exception {
    String code =
        """
        import asyncio, manyhands, threading
        async def ask():
            inner = asyncio.create_task(asyncio.to_thread(manyhands.item_index))
            return [manyhands.item_index(), await inner]
        def own():
            said = []
            def run():
                said.append(manyhands.item_index())
                try:
                    manyhands.rng()
                except RuntimeError as e:
                    said.append('in the function' in str(e))
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
            return said
        def f(x): return asyncio.run(ask()) if x else own()
        """;
    try (var worker = Workers.python(code)) {
      begin(worker, 2, 42);
      assertThat(worker.run(1, 7, "[1,0,1]").values()).isEqualTo("[[7,7],[-1,true],[9,9]]");
    }
  }

  @Test
  void aThreadOfTheFunctionMayAskWhetherToStop() throws Exception {
    String code =
        """
        import manyhands, threading
        def wait():
            while not manyhands.stopped(): pass
        def f(x):
            if x:
                thread = threading.Thread(target=wait)
                thread.start()
                thread.join()
            return x
        """;
    try (var worker = Workers.python(code)) {
      begin(worker, 2);
      worker.sendChunk(1, 0, 3, "[0,1,1]");
      worker.awaitRunning(1L, 2L);
      worker.word(STOP, 1);
      worker.word(ATTENTION, 1);
      var answer = worker.answer(1, 0);
      assertThat(answer.values()).isEqualTo("[0]");
      assertThat(answer.returnedFrom()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "import os; os.fork()",
        "import threading; threading.Thread = threading.Lock = None",
        "import builtins; builtins.len = builtins.type = builtins.min = None",
        "import os, time; os.write = os.read = time.perf_counter = None",
        "import sys; sys.modules.clear()",
        "import _thread; _thread.exit()",
        "import _thread; _thread.interrupt_main()",
        "import os; os.closerange(0, 100)"
      })
  void noUserCodeBreaksTheThreads(String statement) throws Exception {
    String code = "def f(x):\n  if x == 1:\n    " + statement + "\n  return x";
    try (var worker = Workers.python(code)) {
      begin(worker, 3);
      boolean raises = statement.contains("exit()");
      assertThat(worker.run(1, 0, "[0,1,2,1,4]").values())
          .isEqualTo(raises ? "[0,null,2,null,4]" : "[0,1,2,1,4]");
      assertThat(worker.run(2, 0, "[5,[6]]").values()).isEqualTo("[5,[6]]");
      worker.closeInput();
      assertThat(worker.exitCode()).isZero();
    }
  }

  @Test
  void linesOfAPythonWorkerStayWholeAndNameTheirItem() throws Exception {
    String code =
        """
        import threading
        barrier = threading.Barrier(3)
        def f(x):
            print('of', end=' ')
            barrier.wait(60)
            print(x)
            barrier.wait(60)
            print('end of', x, end='')
        """;
    try (var worker = Workers.python(code)) {
      begin(worker, 3);
      worker.run(7, 0, "[0,1,2]");
      assertLinesAreWhole(worker);
    }
  }

  @Test
  void linesOfAJavaWorkerStayWholeAndNameTheirItem() throws Exception {
    try (var worker = Workers.java(TestFunctions.Printing.class)) {
      begin(worker, 3);
      worker.run(7, 0, "[0,1,2]");
      assertLinesAreWhole(worker);
    }
  }

  private static void assertLinesAreWhole(WorkerProcess worker) {
    String printed = worker.stderr().replace('\u001e', '^');
    for (int item = 0; item < 3; item++) {
      assertThat(printed)
          .containsOnlyOnce("^7 %d\nof %d\n^\n".formatted(item, item))
          .containsOnlyOnce("^7 %d\nend of %d^\n".formatted(item, item));
    }
  }

  private static void begin(WorkerProcess worker, int threads) {
    worker.send(
        "{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\",\"threads\":%d}".formatted(threads));
  }

  private static void begin(WorkerProcess worker, int threads, long seed) {
    worker.send(
        "{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\",\"threads\":%d,\"seed\":%d}"
            .formatted(threads, seed));
  }

  private static void send(WorkerProcess worker, long chunk, long first, List<String> wishes) {
    worker.sendChunk(chunk, first, wishes.size(), json(wishes));
  }

  private static Answer run(WorkerProcess worker, long chunk, long first, List<String> wishes) {
    send(worker, chunk, first, wishes);
    return worker.answer(chunk, first);
  }

  private static String json(List<String> wishes) {
    return wishes.isEmpty() ? "[]" : "[\"" + String.join("\",\"", wishes) + "\"]";
  }
}
