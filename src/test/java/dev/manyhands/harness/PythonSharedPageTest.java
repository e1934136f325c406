package dev.manyhands.harness;

import static dev.manyhands.harness.WorkerProcess.ATTENTION;
import static dev.manyhands.harness.WorkerProcess.STOP;
import static org.assertj.core.api.Assertions.assertThat;

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

/** Values and locks of a job in Python: real workers that map one page. */
class PythonSharedPageTest {
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

  /**
   * Starts a worker of the job; its function has the names {@code n}, {@code x}, {@code b}, {@code
   * g}.
   */
  private WorkerProcess worker(int number, String more, String code) throws IOException {
    String names =
        """
        import manyhands, os, threading, time
        def touch(name):
            open(os.environ['TMPDIR'] + '/' + name, 'w').close()
        def wait(name):
            while not os.path.exists(os.environ['TMPDIR'] + '/' + name): time.sleep(0.001)
        def f(item):
            n, x, b, g = map(manyhands.shared, 'nxbg')
        """;
    var worker = Workers.pythonSharing(file, names + code.indent(4));
    worker.send(
        """
        {"op":"job","job":"a","call":"map"%s,"shared":{"worker":%d,"objects":{\
        "n":{"kind":"value","type":"integer","word":%d},\
        "x":{"kind":"value","type":"number","word":%d},\
        "b":{"kind":"value","type":"bool","word":%d},\
        "g":{"kind":"lock","word":%d}}}}\
        """
            .formatted(more, number, INTEGER, NUMBER, BOOL, LOCK));
    return worker;
  }

  private WorkerProcess worker(int number, String code) throws IOException {
    return worker(number, "", code);
  }

  private static void awaitFile(WorkerProcess worker, String name) {
    Awaitility.await().until(() -> Files.exists(worker.directory().resolve(name)));
  }

  @Test
  void valuesAreWordsOfThePage() throws Exception {
    page.put(INTEGER, -5);
    page.put(NUMBER, Double.doubleToRawLongBits(0.5));
    page.put(BOOL, 1);
    String code =
        """
        seen = [n.value, x.value, b.value]
        n.value, x.value, b.value = -2 ** 63, 3, []
        return seen + [n.value, x.value, b.value]
        """;
    try (var worker = worker(0, code)) {
      assertThat(worker.run(1, 0, "[0]").values())
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
          n.value = 0.5       | TypeError     | 'n' holds an integer of 64 bits, not a value of type float; use a dict
          n.value = '3'       | TypeError     | of type str
          n.value = 2 ** 63   | OverflowError | too large
          n.value = None      | TypeError     | of type NoneType
          x.value = '3'       | TypeError     | 'x' holds a float
          x.value = 10 ** 400 | OverflowError | too large
          n.add(2 ** 63)      | OverflowError | too large
          n.add(0.5)          | TypeError     | of type float
          b.add()             | TypeError     | no sum
          g.release()         | RuntimeError  | is not held here
          g.acquire(True, -2) | ValueError    | must be a positive number
          g.__reduce__()      | TypeError     | only its worker can use
          n.__reduce__()      | TypeError     | only its worker can use
          """)
  void aMistakeChangesNothing(String statement, String type, String message) throws Exception {
    page.put(INTEGER, 7);
    try (var worker = worker(0, "if item: " + statement + "\nreturn [n.value, g.locked()]")) {
      var answer = worker.run(1, 0, "[1,0]");
      assertThat(answer.values()).isEqualTo("[null,[7,false]]");
      assertThat(answer.error(0).path("type").asString()).isEqualTo(type);
      assertThat(answer.error(0).path("message").asString()).contains(message);
    }
    assertThat(page.get(INTEGER + HOLDER)).isZero();
  }

  /** Additions of workers and of threads; none may be lost. */
  @Test
  void noAdditionIsLost() throws Exception {
    String code =
        """
        for i in range(500):
            n.add()
            with x.get_lock():
                x.add(0.5)
            with g:
                b.value = not b.value
        return 0
        """;
    try (var one = worker(1, ",\"threads\":3", code);
        var other = worker(2, code)) {
      one.sendChunk(1, 0, 3, "[1,2,3]");
      other.sendChunk(1, 3, 3, "[4,5,6]");
      assertThat(one.answer(1, 0).values()).isEqualTo("[0,0,0]");
      assertThat(other.answer(1, 3).values()).isEqualTo("[0,0,0]");
    }
    assertThat(page.get(INTEGER)).isEqualTo(3000);
    assertThat(Double.longBitsToDouble(page.get(NUMBER))).isEqualTo(1500);
    assertThat(page.get(BOOL)).isZero();
  }

  private static final String HOLDING =
      """
      if item == 'hold':
          with g:
              touch('held')
              wait('go')
          return g.locked()
      if item == 'try':
          return [g.locked(), g.acquire(False), g.acquire(timeout=0.01)]
      with g as taken:
          return [taken is g, taken.abandoned, g.locked()]
      """;

  @Test
  void oneProcessHoldsALock() throws Exception {
    try (var one = worker(7, HOLDING);
        var other = worker(8, HOLDING)) {
      one.sendChunk(1, 40, 1, "[\"hold\"]");
      awaitFile(one, "held");
      assertThat(page.get(LOCK + HOLDER)).isEqualTo(8);
      assertThat(page.get(LOCK + ITEM)).isEqualTo(40);
      Instant since = Instant.EPOCH.plusNanos(1000 * page.get(LOCK + SINCE));
      assertThat(since).isBetween(Instant.now().minusSeconds(60), Instant.now());
      assertThat(other.run(1, 0, "[\"try\"]").values()).isEqualTo("[[true,false,false]]");
      other.sendChunk(2, 1, 1, "[\"take\"]");
      one.touch("go");
      assertThat(one.answer(1, 40).errors()).isEmpty();
      assertThat(other.answer(2, 1).values()).isEqualTo("[[true,false,true]]");
      assertThat(page.get(LOCK + HOLDER)).isZero();
      assertThat(page.get(LOCK + SINCE)).isZero();
    }
  }

  @Test
  void theLockOfAKilledWorkerIsAbandoned() throws Exception {
    try (var one = worker(7, HOLDING);
        var other = worker(8, HOLDING)) {
      one.sendChunk(1, 0, 1, "[\"hold\"]");
      awaitFile(one, "held");
      other.sendChunk(1, 0, 2, "[\"take\",\"take\"]");
      one.kill();
      assertThat(other.answer(1, 0).values()).isEqualTo("[[true,true,true],[true,false,true]]");
    }
  }

  @Test
  void aLockOfADeadWorkerIsNotLocked() throws Exception {
    page.put(LOCK + HOLDER, 5);
    String code = "return [g.locked(), g.locked(), g.acquire(), g.abandoned, g.release()]";
    try (var worker = worker(7, code)) {
      assertThat(worker.run(1, 0, "[0]").values()).isEqualTo("[[false,false,true,true,null]]");
    }
  }

  /** Otherwise an item that fails at a bad moment would keep all others waiting. */
  @ParameterizedTest
  @ValueSource(strings = {"", ",\"threads\":2"})
  void theLockThatAnItemLeavesHeldIsAbandoned(String threads) throws Exception {
    String code =
        """
        if item == 'leave':
            g.acquire()
            n.get_lock().acquire()
            n.get_lock().acquire()
            raise ValueError
        return [g.acquire(timeout=30), g.abandoned, n.add()]
        """;
    try (var one = worker(7, threads, code);
        var other = worker(8, code)) {
      assertThat(one.run(1, 0, "[\"leave\"]").errors()).hasSize(1);
      assertThat(other.run(1, 1, "[0]").values()).isEqualTo("[[true,true,1]]");
      assertThat(one.run(2, 2, "[0]").values()).isEqualTo("[[true,true,2]]");
    }
  }

  @ParameterizedTest
  @CsvSource({"'', 1", "'', 2", "',\"threads\":2', 1"})
  void anItemThatWaitsForALockIsHandedBack(String threads, int items) throws Exception {
    try (var one = worker(7, HOLDING);
        var other = worker(8, threads, HOLDING)) {
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
    String code =
        """
        if item == 'hold':
            with g:
                touch('held')
                wait('go')
            return 0
        wait('held')
        seen = [g.locked(), g.acquire(False)]
        touch('go')
        return seen + [g.acquire(), g.abandoned, g.release()]
        """;
    try (var worker = worker(7, ",\"threads\":2", code)) {
      assertThat(worker.run(1, 0, "[\"hold\",\"take\"]").values())
          .isEqualTo("[0,[true,false,true,false,null]]");
    }
  }

  /** A forked process has none of the locks of its parent, and gives none of them back. */
  @Test
  void aForkedProcessSharesValuesAndTakesLocksOfItsOwn() throws Exception {
    String code =
        """
        r, w = os.pipe()
        with g:
            if os.fork() == 0:
                refused = g.acquire(False)
                try:
                    g.release()
                except RuntimeError:
                    n.add(2)
                os.write(w, repr(refused).encode())
                n.value = n.value if g.acquire(timeout=60) else -1
                os.kill(os.getpid(), 9)
            refused = os.read(r, 9).decode()
            n.add(1)
        os.wait()
        return [refused, n.value, g.locked(), g.acquire(timeout=60), g.abandoned]
        """;
    try (var worker = worker(7, code)) {
      assertThat(worker.run(1, 0, "[0]").values()).isEqualTo("[[\"False\",3,false,true,true]]");
    }
  }

  @Test
  void thePathOfThePageIsNoSecretOfTheFunction() throws Exception {
    try (var worker = worker(7, "return sorted(k for k in os.environ if k.startswith('MANYH'))")) {
      assertThat(worker.run(1, 0, "[0]").values()).isEqualTo("[[\"MANYHANDS_PROTOCOL\"]]");
    }
  }

  @Test
  void aJobThatIsAnnouncedAgainGoesOnWithItsLocks() throws Exception {
    String code =
        """
        if item == 'hold':
            def hold():
                with g:
                    touch('held')
                    wait('go')
            threading.Thread(target=hold, daemon=True).start()
            wait('held')
            return 0
        return g.acquire(False)
        """;
    try (var worker = worker(7, code)) {
      assertThat(worker.run(1, 0, "[\"hold\"]").values()).isEqualTo("[0]");
      worker.send(
          """
          {"op":"job","job":"a","call":"map","shared":{"worker":7,"objects":{\
          "n":{"kind":"value","type":"integer","word":4},\
          "x":{"kind":"value","type":"number","word":8},\
          "b":{"kind":"value","type":"bool","word":12},\
          "g":{"kind":"lock","word":16}}}}\
          """);
      assertThat(worker.run(2, 1, "[\"try\"]").values()).isEqualTo("[false]");
    }
  }
}
