package dev.manyhands.harness;

import static dev.manyhands.harness.WorkerProcess.ITEM;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.harness.TestFunctions.FailsToStart;
import dev.manyhands.harness.TestFunctions.Naughty;
import dev.manyhands.harness.TestFunctions.NeedsArguments;
import dev.manyhands.harness.TestFunctions.NotAFunction;
import dev.manyhands.harness.TestFunctions.OfRecords;
import dev.manyhands.harness.TestFunctions.Twice;
import dev.manyhands.harness.TestFunctions.Wishes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JavaWorkerTest {
  private static final String MAP = "{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}";

  @Test
  void aFunctionThatDoesNotLoadSaysWhatToDo() throws Exception {
    assertThat(failure("no.such.Class")).contains("no class no.such.Class");
    assertThat(failure(NotAFunction.class.getName())).contains("does not implement");
    assertThat(failure(NeedsArguments.class.getName())).contains("without parameters");
    assertThat(failure(FailsToStart.class.getName())).contains("no licence");
    assertThat(failure("dev.manyhands.sdk.ItemFunction")).contains("not abstract");
  }

  @Test
  void anInitializerRunsBeforeTheFirstItem() throws Exception {
    try (var worker = Workers.JAVA.start()) {
      worker.send(prepared("prepare", "[\"n\", [1, 2]]"));
      assertThat(worker.next().op()).isEqualTo("loaded");
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[4,5]").values()).isEqualTo("[[\"n[1, 2]\"],[\"n[1, 2]\"]]");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "prepare | ['n', []]    | no sizes",
        "prepare | ['n']        | no public static method prepare with 1 parameters",
        "prepare | ['n', [8.5]] | 8.5",
        "apply   | [1, 2]       | no public static method apply",
        "twice   | [1]          | several methods twice",
      })
  void anInitializerThatFailsSaysWhy(String entry, String args, String message) throws Exception {
    try (var worker = Workers.JAVA.start()) {
      worker.send(prepared(entry, args.replace('\'', '"')));
      var failed = worker.next();
      assertThat(failed.op()).isEqualTo("failed");
      assertThat(failed.header().path("initializer").asBoolean()).isTrue();
      assertThat(failed.header().path("message").asString()).contains(message);
    }
  }

  private static String prepared(String entry, String args) {
    String load = Workers.loadJava(TestFunctions.Prepared.class.getName());
    return load.replaceFirst(
        "}$", ",\"initializer\":{\"entry\":\"%s\",\"args\":%s}}".formatted(entry, args));
  }

  private static String failure(String className) throws Exception {
    try (var worker = Workers.JAVA.start()) {
      worker.send(Workers.loadJava(className));
      worker.send(MAP);
      worker.sendChunk(1, 0, 1, "[1]");
      var failed = worker.next();
      assertThat(failed.op()).isEqualTo("failed");
      worker.closeInput();
      assertThat(worker.exitCode()).isZero();
      return failed.header().path("message").asString();
    }
  }

  @Test
  void aJarSeesTheSdkAndNothingElseOfOurs() throws Exception {
    try (var worker = Workers.JAVA.start()) {
      Path jar = jarOf(Twice.class, worker.directory());
      worker.send(
          "{\"op\":\"load\",\"class\":\"%s\",\"jar\":\"%s\"}"
              .formatted(Twice.class.getName(), jar));
      assertThat(worker.next().op()).isEqualTo("loaded");
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[4]").values()).isEqualTo("[8]");
    }
    try (var worker = Workers.JAVA.start()) {
      Path jar = jarOf(Twice.class, worker.directory());
      worker.send(
          "{\"op\":\"load\",\"class\":\"%s\",\"jar\":\"%s\"}"
              .formatted(WorkerMain.class.getName(), jar));
      assertThat(worker.next().header().path("message").asString()).contains("in the jar");
    }
  }

  @Test
  void aFunctionIsToldOfTheTraceOfItsJobAndOfNoOther() throws Exception {
    String traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    try (var worker = Workers.java(Wishes.class)) {
      for (int threads = 1; threads <= 2; threads++) {
        worker.send(
            "{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\",\"traceparent\":\"%s\",\"threads\":%d}"
                .formatted(traceparent, threads));
        assertThat(worker.run(2L * threads, 0, "[\"trace\",\"trace\"]").values())
            .isEqualTo("[\"%s\",\"%s\"]".formatted(traceparent, traceparent));
        worker.send(MAP);
        assertThat(worker.run(2L * threads + 1, 0, "[\"trace\"]").values()).isEqualTo("[\"none\"]");
      }
    }
  }

  private static Path jarOf(Class<?> type, Path directory) throws IOException {
    Path jar = directory.resolve("function.jar");
    String entry = type.getName().replace('.', '/') + ".class";
    try (var out = new JarOutputStream(Files.newOutputStream(jar));
        var bytes = type.getClassLoader().getResourceAsStream(entry)) {
      out.putNextEntry(new JarEntry(entry));
      bytes.transferTo(out);
    }
    return jar;
  }

  @Test
  void recordsComeFromObjectsAndArraysAndGoBackAsObjects() throws Exception {
    try (var worker = Workers.java(OfRecords.class)) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"starmap\"}");
      var answer =
          worker.run(
              1,
              0,
              """
              [["a", 1, [1, 2.5], "LARGE"],
               {"name": "b", "count": 2, "prices": []},
               {"name": "c", "count": 2.5, "prices": []},
               {"nam": "d", "count": 1, "prices": []}]\
              """);
      assertThat(answer.values())
          .isEqualTo(
              "[{\"name\":\"a\",\"count\":1,\"prices\":[1.0,2.5],\"size\":\"LARGE\"},"
                  + "{\"name\":\"b\",\"count\":2,\"prices\":[],\"size\":null},null,null]");
      assertThat(answer.error(2).path("message").asString()).contains("'count'", "2.5");
      assertThat(answer.error(3).path("message").asString()).contains("[nam]", "name");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "throw, ERROR, java.lang.IllegalStateException, on purpose",
    "checked, ERROR, java.io.IOException, disk",
    "overflow, ERROR, java.lang.StackOverflowError, ''",
    "memory, OOM, java.lang.OutOfMemoryError, heap",
    "nan, UNSERIALIZABLE, java.util.ImmutableCollections$List12, NaN",
    "object, UNSERIALIZABLE, java.lang.Thread, no JSON form",
    "cycle, UNSERIALIZABLE, java.util.ArrayList, contains itself",
    "surrogate, UNSERIALIZABLE, java.lang.String, surrogate",
    "huge, UNSERIALIZABLE, java.lang.String, 20000 bytes",
    "common, ERROR, java.lang.IllegalArgumentException, no common argument 'k'",
  })
  void aBadItemCostsOnlyItself(String wish, String kind, String type, String message)
      throws Exception {
    try (var worker = Workers.java(Naughty.class)) {
      worker.send(MAP);
      var answer = worker.run(1, 0, "[\"a\",\"" + wish + "\",\"b\"]");
      assertThat(answer.values()).isEqualTo("[\"a\",null,\"b\"]");
      assertThat(answer.error(1).path("kind").asString()).isEqualTo(kind);
      assertThat(answer.error(1).path("type").asString()).isEqualTo(type);
      assertThat(answer.error(1).path("message").asString()).contains(message);
      assertThat(answer.error(1).path("traceback").asString())
          .doesNotContain("ChunkRunner", "WorkerMain");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"print", "descriptor", "close", "thread"})
  void noUserCodeBreaksTheChannelOrOutlivesIt(String wish) throws Exception {
    try (var worker = Workers.java(Naughty.class)) {
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[\"" + wish + "\"]").errors()).isEmpty();
      assertThat(worker.run(2, 0, "[\"a\"]").values()).isEqualTo("[\"a\"]");
      worker.closeInput();
      assertThat(worker.exitCode()).isZero();
      assertThat(worker.stderr())
          .isEqualTo(wish.equals("print") ? "\u001e1 0\nprinted\n\u001e\n" : "");
    }
  }

  @Test
  void whatAFunctionKeepsAndChangesDoesNotChangeEarlierResults() throws Exception {
    try (var worker = Workers.java(Naughty.class)) {
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[\"keep\",\"keep\"]").values())
          .isEqualTo("[[\"k\"],[\"k\",\"k\"]]");
    }
  }

  @Test
  void theContextKnowsIndexAndCommonArguments() throws Exception {
    try (var worker = Workers.java(Naughty.class)) {
      worker.send(MAP, "{\"k\":[1,null]}");
      assertThat(worker.run(1, 5, "[\"index\",\"common\"]").values())
          .isEqualTo("[{\"index\":5},{\"k\":[1,null]}]");
    }
  }

  @Test
  void aSeedGivesTheSameNumbersForAnyChunking() throws Exception {
    String seeded = "{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\",\"seed\":-7}";
    try (var worker = Workers.java(Naughty.class)) {
      worker.send(seeded);
      var together = worker.run(1, 0, "[\"random\",\"random\"]").values();
      var last = worker.run(2, 1, "[\"random\"]").values();
      var first = worker.run(3, 0, "[\"random\"]").values();
      assertThat("[" + first.replaceAll("^\\[|]$", "") + "," + last.replaceAll("^\\[|]$", "") + "]")
          .isEqualTo(together);
      assertThat(first).isNotEqualTo(last);
      worker.send(MAP);
      assertThat(worker.run(4, 0, "[\"random\",\"random\"]").values()).isNotEqualTo(together);
    }
  }

  @Test
  void aLongErrorIsCutToWhatTheServiceKeeps() {
    Failure failure = Failure.of(new IllegalStateException("x".repeat(40_000)));
    assertThat(failure.message()).hasSize(32_768).startsWith("xx").endsWith("x…");
    assertThat(failure.traceback()).hasSize(32_768).startsWith("java.lang").endsWith("x…");
  }

  @Test
  void framesAreSplitAtTheirLimit() throws Exception {
    try (var worker = Workers.java(Naughty.class)) {
      worker.send(MAP);
      var items = String.join(",", Collections.nCopies(50, "\"large\",\"throw\""));
      var answer = worker.run(1, 0, "[" + items + "]");
      assertThat(answer.errors()).hasSize(50);
      assertThat(answer.frames())
          .hasSizeGreaterThan(2)
          .allSatisfy(
              frame -> assertThat(frame.bytes()).isLessThanOrEqualTo(Workers.MAX_FRAME_BYTES));
    }
  }

  @Test
  void aLongChunkIsReportedInParts() throws Exception {
    try (var worker = Workers.java(Naughty.class)) {
      worker.send(MAP);
      var answer = worker.run(1, 0, "[\"slow\",\"slow\",\"slow\",\"slow\"]");
      assertThat(answer.frames()).hasSize(2);
    }
  }

  @Test
  void aCrashLeavesItsItemOnThePage() throws Exception {
    try (var worker = Workers.java(Naughty.class)) {
      worker.send(MAP);
      worker.sendChunk(1, 40, 3, "[\"a\",\"halt\",\"b\"]");
      assertThat(worker.exitCode()).isEqualTo(7);
      assertThat(worker.word(ITEM)).isEqualTo(41);
    }
  }

  @Test
  void anItemThatCannotBeDecodedFailsAlone() throws Exception {
    try (var worker = Workers.java(Naughty.class)) {
      worker.send(MAP);
      String deep = "[".repeat(100_000) + "]".repeat(100_000);
      worker.sendChunk(1, 0, 3, "[\"a\"," + deep + ",\"],[\\\"\"]");
      var answer = worker.answer(1, 0);
      assertThat(answer.values()).isEqualTo("[\"a\",null,\"],[\\\"\"]");
      assertThat(answer.error(1).path("message").asString()).contains("cannot be decoded");
    }
  }
}
