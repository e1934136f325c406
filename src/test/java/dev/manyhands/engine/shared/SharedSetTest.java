package dev.manyhands.engine.shared;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.SharedKind;
import dev.manyhands.model.SharedObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls to shared objects: what they do, how they wait, their bounds, and what is stored. */
class SharedSetTest {
  private static final long MOST = 10_000;

  @TempDir Path pages;

  private final MemorySharedStore store = new MemorySharedStore();
  private final AtomicLong ofAllJobs = new AtomicLong();
  private final List<CompletableFuture<Void>> timers = new ArrayList<>();

  /** Answers of calls that have waited, as text, by their name. */
  private final Map<String, CompletableFuture<String>> later = new LinkedHashMap<>();

  private SharedSet set;

  @BeforeEach
  void begin() {
    set = loaded();
  }

  private SharedSet loaded() {
    var loaded =
        new SharedSet(
            SharedDeclaration.of(job()),
            store,
            new Room(MOST, ofAllJobs, 3 * MOST),
            seconds -> {
              timers.add(new CompletableFuture<>());
              return timers.getLast();
            });
    loaded.load(pages);
    return loaded;
  }

  private static Job job() {
    var shared = new LinkedHashMap<String, SharedObject>();
    shared.put("d", new SharedObject(SharedKind.DICT, "{\"a\":1,\"\\u0062\":[2]}", null));
    shared.put("l", new SharedObject(SharedKind.LIST, "[1,\"x\"]", null));
    shared.put("q", new SharedObject(SharedKind.QUEUE, "[]", null));
    shared.put("few", new SharedObject(SharedKind.QUEUE, "[]", 2L));
    shared.put("s", new SharedObject(SharedKind.SEMAPHORE, "2", null));
    shared.put("i", new SharedObject(SharedKind.VALUE, "-3", null));
    shared.put("n", new SharedObject(SharedKind.VALUE, "0.5", null));
    shared.put("b", new SharedObject(SharedKind.VALUE, "true", null));
    shared.put("g", new SharedObject(SharedKind.LOCK, "null", null));
    var function = new Function("f", "sha256:0", new Python("def f(x): return x", "f"));
    var spec = JobSpec.builder(function, new Inputs.Listed(1)).shared(shared).build();
    return new Job(new JobId(new UUID(1, 2)), spec, Instant.EPOCH, JobStatus.queued(1));
  }

  // ---- calls

  private String call(String object, String operation, String... arguments) {
    return call(1, object, operation, 0.0, arguments);
  }

  /** Returns the answer as text; "waits" for none. */
  private String call(
      long worker,
      String object,
      String operation,
      @Nullable Double patience,
      String... arguments) {
    var call = new SharedCall(object, operation, bytes(arguments), patience);
    var waited = new CompletableFuture<String>();
    SharedAnswer answer = set.call(worker, worker * 10, call, late -> waited.complete(text(late)));
    if (answer == null) {
      later.put(worker + " " + operation, waited);
      return "waits";
    }
    return text(answer);
  }

  private static List<byte[]> bytes(String... arguments) {
    return Stream.of(arguments).map(argument -> argument.getBytes(UTF_8)).toList();
  }

  private static String text(SharedAnswer answer) {
    if (answer.error() != null) {
      return answer.error() + ": " + answer.message();
    }
    if (answer.missing() || answer.late()) {
      return answer.missing() ? "missing" : "late";
    }
    return answer.value() == null ? "done" : new String(answer.value(), UTF_8);
  }

  private String waited(long worker, String operation) {
    return later.get(worker + " " + operation).getNow("waits");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          d | get "a"               | 1
          d | get "\\u0061"         | 1
          d | get "b"               | [2]
          d | get "c"               | missing
          d | get 1                 | missing
          d | get 1.0               | type: a key must be text or an integer
          d | set "c" null          | done
          d | setdefault "a" 9      | 1
          d | setdefault "c" 9      | 9
          d | pop "a"               | 1
          d | pop "c"               | missing
          d | add "a" 2             | 3
          d | add "c" -2            | -2
          d | add "a" 0.5           | 1.5
          d | add "b" 1             | type: only numbers can be added
          d | add "a" 99999999999999999999 | 100000000000000000000
          d | compareAndSet "a" 1.0 2 | true
          d | compareAndSet "a" 3 2 | false
          d | compareAndSet "c" null 2 | false
          d | contains "a"          | true
          d | contains "c"          | false
          d | update "c" 1 -0 2     | done
          d | update "c"            | type: takes keys and values in turn
          d | keys                  | ["a","b"]
          d | items                 | [["a",1],["b",[2]]]
          d | length                | 2
          d | clear                 | done
          d | get                   | type: takes 1 arguments, not 0
          d | put 1                 | unknown: 'd' has no operation 'put'; it has get, set, setdefault, pop, add, compareAndSet, contains, update, keys, items, length, clear
          l | append [3]            | 3
          l | extend 1 2 3          | 5
          l | get 0                 | 1
          l | get -1                | "x"
          l | get 2                 | missing
          l | get -3                | missing
          l | get 99999999999999999999 | missing
          l | get 1.0               | type: an index must be an integer
          l | set 1 2               | done
          l | set 2 2               | missing
          l | slice 0 9             | [1,"x"]
          l | slice 1 1             | []
          l | slice 5 2             | []
          l | pop                   | "x"
          l | pop 0                 | 1
          l | pop 2                 | missing
          l | length                | 2
          q | get                   | late
          q | put 1                 | 1
          q | length                | 0
          s | acquire               | true
          s | release               | type: this worker holds no permit of 's' that it could release
          s | length                | 2
          i | get                   | -3
          i | set 7                 | done
          i | set 7.0               | type: 'i' takes integers of 64 bits
          i | add 45                | 42
          i | add 0.5               | type: 'i' takes integers of 64 bits
          n | set 7                 | done
          n | add 0.25              | 0.75
          n | set 1e400             | type: 'n' takes numbers
          b | set false             | done
          b | set 0                 | type: 'b' takes true or false
          g | get                   | unknown: 'g' is a lock, which items take and release
          x | get                   | unknown: the job declares no shared object 'x'; it declares d, l, q, few, s, i, n, b, g
          """)
  void eachOperationHasItsAnswer(String object, String call, String answer) {
    String[] words = call.split(" ");
    String[] arguments = List.of(words).subList(1, words.length).toArray(String[]::new);
    assertThat(call(object, words[0], arguments)).isEqualTo(answer);
  }

  @Test
  void keysDifferByTypeAndNotBySpelling() {
    call("d", "clear");
    call("d", "set", "\"3\"", "1");
    call("d", "set", "3", "2");
    call("d", "set", "\"\\u00e9\\/\"", "3");
    call("d", "set", "\"\u00e9/\"", "4");
    call("d", "set", "\"\\ud83e\"", "5");
    call("d", "set", "\"\\uD83F\"", "6");
    call("d", "set", "\"\\ud83e\\udd2f\"", "7");
    assertThat(call("d", "items"))
        .isEqualTo(
            "[[\"3\",1],[3,2],[\"\u00e9/\",4],[\"\\ud83e\",5],[\"\\ud83f\",6],"
                + "[\"\ud83e\udd2f\",7]]");
    assertThat(call("d", "get", "\"\\uD83E\"")).isEqualTo("5");
  }

  // ---- waits

  @Test
  void whoWaitsForAQueueIsServedInOrder() {
    assertThat(call(1, "q", "get", null)).isEqualTo("waits");
    assertThat(call(2, "q", "get", null)).isEqualTo("waits");
    assertThat(call(3, "q", "get", 0.0)).isEqualTo("late");
    assertThat(call("q", "put", "\"a\"")).isEqualTo("1");
    assertThat(waited(1, "get")).isEqualTo("\"a\"");
    assertThat(waited(2, "get")).isEqualTo("waits");
    assertThat(call(4, "q", "get", 0.0)).isEqualTo("late"); // passes nobody
    call("q", "put", "\"b\"");
    assertThat(waited(2, "get")).isEqualTo("\"b\"");
    assertThat(call("q", "length")).isEqualTo("0");
  }

  @Test
  void aFullQueueMakesItsPutWait() {
    call("few", "put", "1");
    call("few", "put", "2");
    assertThat(call(2, "few", "put", null, "3")).isEqualTo("waits");
    assertThat(call(3, "few", "put", null, "4")).isEqualTo("waits");
    assertThat(set.summaries().get(3).waiting()).isEqualTo(2);
    assertThat(call("few", "get")).isEqualTo("1");
    assertThat(waited(2, "put")).isEqualTo("2");
    assertThat(waited(3, "put")).isEqualTo("waits");
    call("few", "clear");
    assertThat(waited(3, "put")).isEqualTo("1");
    assertThat(call("few", "get")).isEqualTo("4");
  }

  @Test
  void permitsOfAWorkerThatEndsGoToThoseThatWait() {
    call(1, "s", "acquire", null);
    call(1, "s", "acquire", null);
    assertThat(call(2, "s", "acquire", null)).isEqualTo("waits");
    assertThat(call(3, "s", "acquire", null)).isEqualTo("waits");
    set.leave(2); // its wait is forgotten
    assertThat(call(1, "s", "release", null)).isEqualTo("done");
    assertThat(waited(2, "acquire")).isEqualTo("waits");
    assertThat(waited(3, "acquire")).isEqualTo("true");
    set.leave(1);
    set.leave(3);
    assertThat(call("s", "length")).isEqualTo("2");
  }

  @Test
  void aWaitEndsWhenItsTimeIsOver() throws Exception {
    assertThat(call(1, "q", "get", 0.5)).isEqualTo("waits");
    timers.getFirst().complete(null);
    assertThat(later.get("1 get").get(10, TimeUnit.SECONDS)).isEqualTo("late");
    assertThat(call("q", "put", "1")).isEqualTo("1");
    assertThat(call("q", "length")).isEqualTo("1");
  }

  @Test
  void theTimerOfACallEndsWithItsWait() {
    call(1, "q", "get", 3_600.0);
    call(2, "q", "get", 3_600.0);
    call("q", "put", "1");
    assertThat(timers.get(0)).isCancelled();
    assertThat(timers.get(1)).isNotDone();
    set.leave(2);
    assertThat(timers.get(1)).isCancelled();
  }

  @Test
  void aStopEndsTheWaitsOfItsChunks() {
    var stops = new ArrayList<String>();
    for (long chunk : new long[] {5, 6, 7}) {
      var call = new SharedCall("q", "get", List.of(), null);
      set.call(1, chunk, call, answer -> stops.add(chunk + " " + text(answer)));
    }
    call(2, "q", "get", null);
    set.stop(1, 6);
    assertThat(stops)
        .containsExactly(
            "5 stopped: the item is no longer wanted", "6 stopped: the item is no longer wanted");
    call("q", "put", "1");
    assertThat(stops).hasSize(3).last().isEqualTo("7 1");
    assertThat(waited(2, "get")).isEqualTo("waits");
  }

  @Test
  void anEndedJobAnswersReadersOnly() {
    call(1, "q", "get", null);
    set.end();
    assertThat(waited(1, "get")).startsWith("ended: ");
    assertThat(call("d", "get", "\"a\"")).isEqualTo("1");
    assertThat(call("l", "slice", "0", "1")).isEqualTo("[1]");
    assertThat(call("i", "get")).isEqualTo("-3");
    for (String change : List.of("d clear", "l pop", "q get", "s acquire", "i add")) {
      String[] words = change.split(" ");
      assertThat(call(words[0], words[1])).startsWith("ended: ");
    }
    assertThat(pages).isEmptyDirectory();
    assertThat(ofAllJobs).hasValue(0);
  }

  // ---- bounds

  @Test
  void objectsHaveAtMostSoManyBytesAndARefusedCallChangesNothing() {
    String large = "\"" + "x".repeat(4_000) + "\"";
    assertThat(call("l", "append", large)).isEqualTo("3");
    assertThat(call("d", "set", "\"k\"", large)).isEqualTo("done");
    String before = call("d", "items") + call("l", "length") + ofAllJobs;
    for (String call : List.of("d set \"z\"", "q put", "l append", "l extend", "d update \"z\"")) {
      var words = new ArrayList<>(List.of(call.split(" ")));
      words.add(large);
      String[] arguments = words.subList(2, words.size()).toArray(String[]::new);
      assertThat(call(words.get(0), words.get(1), arguments)).startsWith("full: ");
    }
    assertThat(call("d", "items") + call("l", "length") + ofAllJobs).isEqualTo(before);
    assertThat(call("d", "set", "\"k\"", "1")).isEqualTo("done");
    assertThat(call("q", "put", large)).isEqualTo("1");
  }

  @Test
  void valuesAndKeysHaveTheirOwnBounds() {
    String value = "\"" + "x".repeat(SharedObject.MOST_VALUE_BYTES) + "\"";
    assertThat(call("d", "set", "\"k\"", value)).startsWith("full: a value");
    String key = "\"" + "x".repeat(SharedObject.MOST_KEY_BYTES) + "\"";
    assertThat(call("d", "set", key, "1")).startsWith("type: a key may have at most 2048 bytes");
  }

  @Test
  void allJobsTogetherHaveAtMostSoMuch() {
    ofAllJobs.addAndGet(3 * MOST);
    assertThat(call("l", "append", "1")).startsWith("full: ");
    assertThat(call("l", "pop")).isEqualTo("\"x\"");
    assertThat(call("d", "set", "\"b\"", "2")).isEqualTo("done"); // smaller than before
  }

  /** A first state was accepted with its job, so that memory of other jobs does not refuse it. */
  @Test
  void aFirstStateIsAlwaysThere() {
    ofAllJobs.addAndGet(3 * MOST);
    set.end();
    set = loaded();
    assertThat(call("d", "length")).isEqualTo("2");
  }

  @Test
  void whatIsRemovedIsFreed() {
    long before = ofAllJobs.get();
    for (int i = 0; i < 1_000; i++) {
      call("q", "put", "\"" + "x".repeat(500) + "\"");
      call("q", "get");
      call("d", "set", "\"k\"", "\"" + "x".repeat(500) + "\"");
      call("d", "pop", "\"k\"");
      call("l", "append", "1");
      call("l", "pop");
    }
    assertThat(ofAllJobs).hasValue(before);
  }

  // ---- the store

  private void restart() {
    store.commit();
    set.end();
    set = loaded();
  }

  @Test
  void theStateIsThereAfterARestart() {
    call("d", "pop", "\"a\"");
    call("d", "set", "\"a\"", "5"); // at the end now
    call("d", "set", "7", "6");
    call("l", "pop", "0");
    call("l", "append", "[4]");
    call("q", "put", "1");
    call("q", "put", "2");
    call("q", "get");
    call(1, "s", "acquire", null);
    call("i", "set", "99");
    call("n", "set", "1e300");
    String before = call("d", "items") + call("l", "slice", "0", "9");
    restart();
    assertThat(call("d", "items") + call("l", "slice", "0", "9")).isEqualTo(before);
    assertThat(before).isEqualTo("[[\"b\",[2]],[\"a\",5],[7,6]][\"x\",[4]]");
    assertThat(call("s", "length")).isEqualTo("2");
    assertThat(call("i", "get")).isEqualTo("99");
    assertThat(call("n", "get")).isEqualTo("1.0E300");
    assertThat(call("b", "get")).isEqualTo("true");

    call("q", "put", "3");
    call("l", "append", "5");
    restart();
    assertThat(call("q", "get")).isEqualTo("2");
    assertThat(call("q", "get")).isEqualTo("3");
    assertThat(call("l", "slice", "0", "9")).isEqualTo("[\"x\",[4],5]");
  }

  /** The first write has the first state, so that what is removed from it stays removed. */
  @Test
  void anEmptiedObjectStaysEmptyAfterARestart() {
    call("d", "clear");
    call("l", "clear");
    restart();
    assertThat(call("d", "length") + call("l", "length")).isEqualTo("00");
  }

  @Test
  void readingWritesNothing() {
    call("d", "get", "\"a\"");
    store.commit();
    assertThat(call("d", "items")).isNotEmpty();
    assertThat(call("l", "length")).isEqualTo("2");
    set.look();
    assertThat(store.queued()).isZero();
  }

  @Test
  void changesUntilTheCommitShareOneWrite() {
    for (int i = 0; i < 100; i++) {
      call("d", "add", "\"a\"", "1");
    }
    assertThat(store.queued()).isEqualTo(1);
    store.commit();
    call("d", "add", "\"a\"", "1");
    assertThat(store.queued()).isEqualTo(1);
    assertThat(store.commit()).isEqualTo(1);
  }

  @Test
  void whatPassesThroughAQueueBetweenCommitsLeavesNothing() {
    call("q", "put", "0");
    store.commit();
    int rows = store.size();
    call("q", "get");
    for (int i = 0; i < 1_000; i++) {
      call("q", "put", "1");
      call("q", "get");
      call("d", "set", "\"t\"", "1");
      call("d", "pop", "\"t\"");
    }
    assertThat(store.commit()).isEqualTo(1); // the first element is gone
    assertThat(store.size()).isEqualTo(rows - 1);
  }

  /** An entry that the store has is removed there, also if it was put again in between. */
  @Test
  void aStoredEntryThatComesAndGoesIsGone() {
    call("d", "set", "\"c\"", "1");
    store.commit();
    call("d", "pop", "\"c\"");
    call("d", "set", "\"c\"", "2");
    call("d", "pop", "\"c\"");
    restart();
    assertThat(call("d", "contains", "\"c\"")).isEqualTo("false");
    call("d", "set", "\"c\"", "3");
    restart();
    assertThat(call("d", "get", "\"c\"")).isEqualTo("3");
  }

  @Test
  void aStateThatCannotBeStoredFailsAllCalls() {
    call("d", "set", "\"c\"", "1");
    store.fail();
    assertThat(call("d", "get", "\"a\"")).startsWith("failed: ");
  }

  // ---- the page

  @Test
  void aWorkersChangeOfTheMemoryIsStored() throws Exception {
    Path page = set.page();
    assertThat(page).isNotNull();
    var described = set.described().stream().filter(one -> one.name().equals("i")).findFirst();
    int word = described.orElseThrow().word();
    byte[] memory = Files.readAllBytes(page);
    ByteBuffer.wrap(memory)
        .order(ByteOrder.nativeOrder())
        .putLong(8 * word, 1_234)
        .putLong(8 * word + 8, 4) // worker 3 holds the lock
        .putLong(8 * word + 16, 17)
        .putLong(8 * word + 24, Long.MAX_VALUE);
    Files.write(page, memory);
    assertThat(call("i", "get")).isEqualTo("1234");
    var holder = set.summaries().get(5).holder();
    assertThat(holder.worker()).isEqualTo(3);
    assertThat(holder.item()).isEqualTo(17);
    assertThat(holder.since()).isBefore(Instant.parse("+10000-01-01T00:00:00Z"));
    set.look();
    restart();
    assertThat(call("i", "get")).isEqualTo("1234");
    assertThat(set.summaries().get(5).holder()).isNull();
  }

  @Test
  void aPageThatAWorkerCutsFailsCallsAndNothingElse() throws Exception {
    Files.write(set.page(), new byte[10]);
    set.look();
    assertThat(call("i", "get")).startsWith("failed: ");
    assertThat(set.summaries().get(5).value()).isNull();
    set.end();
  }

  @Test
  void contentIsReadInParts() {
    var part = set.content("d", 0, 1);
    assertThat(part.next()).isEqualTo(1);
    assertThat(part.entries().getFirst().key()).isEqualTo("\"a\"");
    assertThat(set.content("d", 1, 1).next()).isNull();
    assertThat(set.content("l", 9, 1).entries()).isEmpty();
    assertThat(set.content("s", 0, 1).summary().length()).isEqualTo(2);
  }

  @Test
  void aWaitForALockIsSeenUntilItIsOver() {
    assertThat(call(1, "g", "await", null)).isEqualTo("waits");
    assertThat(call(2, "i", "await", null)).isEqualTo("waits");
    assertThat(set.waits(System.nanoTime()).calls()).isEqualTo(Map.of("g", 1, "i", 1));
    call(1, "g", "awaited", null);
    assertThat(set.waits(System.nanoTime()).calls()).isEqualTo(Map.of("i", 1));
    assertThat(later.get("1 await")).isCompleted();
    assertThat(later.get("2 await")).isNotDone();
  }

  // ---- jobs of one set

  private static JobId job(int number) {
    return new JobId(new UUID(3, number));
  }

  @Test
  void theEndOfAJobEndsItsCallsAndNoOthers() {
    set.join(1);
    set.join(2);
    set.serve(1, job(1));
    set.serve(2, job(2));
    assertThat(call(1, "s", "acquire", null)).isEqualTo("true");
    assertThat(call(2, "s", "acquire", null)).isEqualTo("true");
    assertThat(call(1, "q", "get", null)).isEqualTo("waits");
    assertThat(call(2, "q", "get", null)).isEqualTo("waits");
    set.end(job(1));
    assertThat(waited(1, "get")).startsWith("stopped: ");
    assertThat(waited(2, "get")).isEqualTo("waits");
    assertThat(call("s", "length")).isEqualTo("1");
    assertThat(call("d", "set", "\"z\"", "1")).isEqualTo("done");
  }

  /** Items of the earlier job have ended, so that nobody would ever release the permit. */
  @Test
  void aWorkerGivesBackPermitsWhenItServesAnotherJob() {
    set.serve(1, job(1));
    call(1, "s", "acquire", null);
    set.serve(1, job(1));
    assertThat(call("s", "length")).isEqualTo("1");
    set.serve(1, job(2));
    assertThat(call("s", "length")).isEqualTo("2");
  }

  @Test
  void aSetRestsOnlyWhenTheStoreHasItAndNoWorkerUsesIt() {
    assertThat(set.rest(Duration.ZERO)).isFalse(); // its first state is not written
    store.commit();
    set.join(1);
    assertThat(set.rest(Duration.ZERO)).isFalse();
    call("d", "set", "\"z\"", "7");
    set.leave(1);
    assertThat(set.rest(Duration.ZERO)).isFalse();
    store.commit();
    assertThat(set.rest(Duration.ofHours(1))).isFalse();
    assertThat(set.rest(Duration.ZERO)).isTrue();
    assertThat(ofAllJobs).hasValue(0);
    set = loaded();
    assertThat(call("d", "get", "\"z\"")).isEqualTo("7");
  }

  @Test
  void eachChangeOfAnObjectIsCounted() {
    long before = set.summaries().getFirst().changes();
    call("d", "set", "\"a\"", "2");
    assertThat(set.summaries().getFirst().changes()).isGreaterThan(before);
    assertThat(set.summaries().get(1)).isEqualTo(set.summaries().get(1));
  }
}
