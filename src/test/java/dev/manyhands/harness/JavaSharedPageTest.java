package dev.manyhands.harness;

import static dev.manyhands.harness.WorkerProcess.ATTENTION;
import static dev.manyhands.harness.WorkerProcess.STOP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.harness.SharedFunctions.OnPage;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values and locks of a job in Java: real workers that map one page. */
class JavaSharedPageTest {
  private static final int INTEGER = 4;
  private static final int NUMBER = 8;
  private static final int BOOL = 12;
  private static final int LOCK = 16;
  private static final int HOLDER = 1;
  private static final int ITEM = 2;
  private static final int SINCE = 3;

  @TempDir private Path directory;
  private Path file;
  private LongBuffer page;

  @BeforeEach
  void makePage() throws IOException {
    file = directory.resolve("page");
    Files.write(file, new byte[4096]);
    try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      page = channel.map(MapMode.READ_WRITE, 0, 4096).order(ByteOrder.nativeOrder()).asLongBuffer();
    }
    page.put(0, 1);
  }

  private WorkerProcess worker(int number, String more) throws IOException {
    var worker = Workers.javaSharing(file, OnPage.class);
    worker.send(job(number, more));
    return worker;
  }

  private static String job(int number, String more) {
    return """
    {"op":"job","job":"a","call":"map"%s,"shared":{"worker":%d,"objects":{\
    "n":{"kind":"value","type":"integer","word":%d},\
    "x":{"kind":"value","type":"number","word":%d},\
    "b":{"kind":"value","type":"bool","word":%d},\
    "g":{"kind":"lock","word":%d}}}}\
    """
        .formatted(more, number, INTEGER, NUMBER, BOOL, LOCK);
  }

  private static void awaitFile(WorkerProcess worker, String name) {
    Awaitility.await().until(() -> Files.exists(worker.directory().resolve(name)));
  }

  @Test
  void valuesAreWordsOfThePage() throws Exception {
    page.put(INTEGER, -5);
    page.put(NUMBER, Double.doubleToRawLongBits(0.5));
    page.put(BOOL, 1);
    try (var worker = worker(0, "")) {
      assertThat(worker.run(1, 0, "[\"values\"]").values())
          .isEqualTo("[[-5,0.5,true,-9223372036854775808,3.0,false]]");
    }
    assertThat(page.get(INTEGER)).isEqualTo(Long.MIN_VALUE);
    assertThat(Double.longBitsToDouble(page.get(NUMBER))).isEqualTo(3);
    assertThat(page.get(BOOL)).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          n=0.5    | IllegalArgumentException     | 'n' holds an integer of 64 bits, and 0.5 is none; use a dict
          n=text   | IllegalArgumentException     | and 3 is none
          n=2^63   | IllegalArgumentException     | and 9223372036854775808 is none
          x=text   | IllegalArgumentException     | 'x' holds a double
          x=10^400 | IllegalArgumentException     | is none
          b=1      | IllegalArgumentException     | 'b' holds a truth value
          n+2^63   | ArithmeticException          | overflow
          n+0.5    | IllegalArgumentException     | 0.5 is none
          b+1      | IllegalArgumentException     | no sum
          release  | IllegalMonitorStateException | is not held by this thread
          wait -1  | IllegalArgumentException     | less than zero
          value g  | IllegalArgumentException     | 'g' is not a value; it is a lock
          """)
  void aMistakeChangesNothing(String wish, String type, String message) throws Exception {
    page.put(INTEGER, 7);
    try (var worker = worker(0, "")) {
      var answer = worker.run(1, 0, "[\"%s\",\"take\"]".formatted(wish));
      assertThat(answer.values()).isEqualTo("[null,[false,false]]");
      assertThat(answer.error(0).path("type").asString()).endsWith("." + type);
      assertThat(answer.error(0).path("message").asString()).contains(message);
    }
    assertThat(page.get(INTEGER)).isEqualTo(7);
    assertThat(page.get(INTEGER + HOLDER)).isZero();
  }

  /** Additions of workers and of threads; none may be lost. */
  @Test
  void noAdditionIsLost() throws Exception {
    try (var one = worker(1, ",\"threads\":3");
        var other = worker(2, "")) {
      one.sendChunk(1, 0, 3, "[\"add\",\"add\",\"add\"]");
      other.sendChunk(1, 3, 3, "[\"add\",\"add\",\"add\"]");
      assertThat(one.answer(1, 0).values()).isEqualTo("[0,0,0]");
      assertThat(other.answer(1, 3).values()).isEqualTo("[0,0,0]");
    }
    assertThat(page.get(INTEGER)).isEqualTo(3000);
    assertThat(Double.longBitsToDouble(page.get(NUMBER))).isEqualTo(1500);
    assertThat(page.get(BOOL)).isZero();
  }

  @Test
  void oneProcessHoldsALock() throws Exception {
    try (var one = worker(7, "");
        var other = worker(8, "")) {
      one.sendChunk(1, 40, 1, "[\"hold\"]");
      awaitFile(one, "held");
      assertThat(page.get(LOCK + HOLDER)).isEqualTo(8);
      assertThat(page.get(LOCK + ITEM)).isEqualTo(40);
      Instant since = Instant.EPOCH.plusNanos(1000 * page.get(LOCK + SINCE));
      assertThat(since).isBetween(Instant.now().minusSeconds(60), Instant.now());
      assertThat(other.run(1, 0, "[\"try\"]").values()).isEqualTo("[[false,false]]");
      other.sendChunk(2, 1, 1, "[\"take\"]");
      one.touch("go");
      assertThat(one.answer(1, 40).values()).isEqualTo("[false]");
      assertThat(other.answer(2, 1).values()).isEqualTo("[[false,false]]");
      assertThat(page.get(LOCK + HOLDER)).isZero();
      assertThat(page.get(LOCK + SINCE)).isZero();
    }
  }

  @Test
  void aLongWaitIsReported() throws Exception {
    try (var one = worker(7, "");
        var other = worker(8, "")) {
      one.sendChunk(1, 0, 1, "[\"hold\"]");
      awaitFile(one, "held");
      other.sendChunk(3, 0, 1, "[\"take\"]");
      var begun = other.nextCall().header();
      assertThat(begun.path("do").asString()).isEqualTo("await");
      assertThat(begun.path("chunk").asLong()).isEqualTo(3);
      one.touch("go");
      var over = other.nextCall().header();
      assertThat(over.path("do").asString()).isEqualTo("awaited");
      assertThat(over.path("object")).isEqualTo(begun.path("object"));
      assertThat(over.path("call").asLong()).isGreaterThan(begun.path("call").asLong());
      assertThat(other.answer(3, 0).values()).isEqualTo("[[false,false]]");
    }
  }

  @Test
  void theLockOfAKilledWorkerIsAbandoned() throws Exception {
    try (var one = worker(7, "");
        var other = worker(8, "")) {
      one.sendChunk(1, 0, 1, "[\"hold\"]");
      awaitFile(one, "held");
      other.sendChunk(1, 0, 2, "[\"take\",\"take\"]");
      one.kill();
      assertThat(other.answer(1, 0).values()).isEqualTo("[[true,false],[false,false]]");
    }
  }

  /** Otherwise an item that fails at a bad moment would keep all others waiting. */
  @ParameterizedTest
  @ValueSource(strings = {"", ",\"threads\":2"})
  void theLockThatAnItemLeavesHeldIsAbandoned(String threads) throws Exception {
    try (var one = worker(7, threads);
        var other = worker(8, "")) {
      assertThat(one.run(1, 0, "[\"leave\"]").errors()).hasSize(1);
      assertThat(page.get(LOCK + HOLDER)).isEqualTo(8);
      assertThat(other.run(1, 1, "[\"take\",\"sum\"]").values()).isEqualTo("[[true,false],1]");
      assertThat(one.run(2, 2, "[\"take\",\"sum\"]").values()).isEqualTo("[[false,false],2]");
    }
  }

  @ParameterizedTest
  @CsvSource({"'', 1", "'', 2", "',\"threads\":2', 1"})
  void anItemThatWaitsForALockIsHandedBack(String threads, int items) throws Exception {
    try (var one = worker(7, "");
        var other = worker(8, threads)) {
      one.sendChunk(1, 0, 1, "[\"hold\"]");
      awaitFile(one, "held");
      other.sendChunk(3, 0, items, items == 1 ? "[\"take\"]" : "[\"try\",\"take\"]");
      other.awaitWord(WorkerProcess.ITEM, items - 1);
      other.word(STOP, 3);
      other.word(ATTENTION, 1);
      assertThat(other.answer(3, 0).returnedFrom()).isEqualTo(items - 1);
    }
  }

  @Test
  void threadsOfOneProcessExcludeEachOther() throws Exception {
    try (var worker = worker(7, ",\"threads\":2")) {
      assertThat(worker.run(1, 0, "[\"hold\",\"try when held\"]").values())
          .isEqualTo("[false,false]");
    }
  }

  @Test
  void anInterruptedThreadAcquiresNothing() throws Exception {
    try (var worker = worker(7, "")) {
      var answer = worker.run(1, 0, "[\"interrupted\",\"take\"]");
      assertThat(answer.error(0).path("type").asString()).endsWith(".InterruptedException");
      assertThat(answer.values()).isEqualTo("[null,[false,false]]");
    }
  }

  @Test
  void aJobThatIsAnnouncedAgainGoesOnWithItsLocks() throws Exception {
    try (var worker = worker(7, "")) {
      assertThat(worker.run(1, 0, "[\"hold in a thread\"]").errors()).isEmpty();
      worker.send(job(7, ""));
      assertThat(worker.run(2, 1, "[\"try\"]").values()).isEqualTo("[[false,false]]");
      worker.touch("go");
      assertThat(worker.run(3, 2, "[\"take\"]").values()).isEqualTo("[[false,false]]");
    }
  }

  @Test
  void aPageOfAnotherLayoutIsRefused() throws Exception {
    page.put(0, 2);
    try (var worker = worker(7, "")) {
      var failed = worker.next();
      assertThat(failed.op()).isEqualTo("failed");
      assertThat(failed.header().path("message").asString()).contains("layout 2");
    }
  }
}
