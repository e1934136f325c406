package dev.manyhands.harness;

import static dev.manyhands.harness.WorkerProcess.ATTENTION;
import static dev.manyhands.harness.WorkerProcess.STOP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.harness.SharedFunctions.Calling;
import dev.manyhands.harness.SharedFunctions.OwnThreads;
import dev.manyhands.harness.SharedFunctions.Waiting;
import dev.manyhands.harness.WorkerProcess.Frame;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Dicts, lists, queues and semaphores of a job in Java: calls and answers over the pipes. */
class JavaSharedTest {
  private static final String OBJECTS =
      "\"shared\":{\"worker\":12,\"objects\":{\"d\":{\"kind\":\"dict\"},\"l\":{\"kind\":\"list\"},"
          + "\"q\":{\"kind\":\"queue\",\"size\":3},\"s\":{\"kind\":\"semaphore\"}}}";

  private static WorkerProcess worker(Class<?> function, String more) throws Exception {
    var worker = Workers.java(function);
    worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"%s,%s}".formatted(more, OBJECTS));
    return worker;
  }

  private static void send(WorkerProcess worker, String... wishes) {
    worker.sendChunk(1, 0, wishes.length, JsonMapper.shared().writeValueAsString(wishes));
  }

  private static Frame call(WorkerProcess worker) {
    Frame frame = worker.nextCall();
    int count = frame.header().path("count").asInt(0);
    int arguments = frame.body().isEmpty() ? 0 : JsonMapper.shared().readTree(frame.body()).size();
    assertThat(arguments).isEqualTo(count);
    return frame;
  }

  private static void answer(WorkerProcess worker, Frame call, String more, String body) {
    String header = "{\"op\":\"shared\",\"call\":%d%s}".formatted(number(call), more);
    if (body.isEmpty()) {
      worker.send(header);
    } else {
      worker.send(header, body);
    }
  }

  private static long number(Frame call) {
    return call.header().path("call").asLong();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          d.get            | get           | ["a"]                   | ``              | [1]               | [[1]]
          d.get            | get           | ["a"]                   | ,"missing":true | ``                | [null]
          d.get integer    | get           | [36893488147419103232]  | ``              | 1                 | 1
          d.set            | set           | ["a\\"é",{"x":1,"y":2.5}] | ``            | ``                | "done"
          d.contains       | contains      | [-3]                    | ``              | true              | true
          d.setDefault     | setdefault    | ["a",1]                 | ``              | 2                 | 2
          d.pop            | pop           | ["a"]                   | ,"missing":true | ``                | null
          d.update         | update        | ["a",1,2,null]          | ``              | ``                | "done"
          d.add            | add           | ["a",0.5]               | ``              | 3.5               | 3.5
          d.compareAndSet  | compareAndSet | ["a",null,1]            | ``              | true              | true
          d.keys           | keys          | ``                      | ``              | ["a",1]           | ["a",1]
          d.items          | items         | ``                      | ``              | [["1",2],[1,[3]]] | "[1=2, 1=[3]]"
          d.length         | length        | ``                      | ``              | 7                 | 7
          d.clear          | clear         | ``                      | ``              | ``                | "done"
          l.append         | append        | [[2]]                   | ``              | 1                 | 1
          l.extend         | extend        | [0,1]                   | ``              | 3                 | 3
          l.extend nothing | length        | ``                      | ``              | 3                 | 3
          l.get            | get           | [-1]                    | ``              | 5                 | 5
          l.slice          | slice         | [2,2147483647]          | ``              | [3,null]          | [3,null]
          l.set            | set           | [0,"x"]                 | ``              | ``                | "done"
          l.pop            | pop           | ``                      | ``              | 1                 | 1
          l.pop first      | pop           | [0]                     | ``              | null              | null
          l.length         | length        | ``                      | ``              | 0                 | 0
          l.clear          | clear         | ``                      | ``              | ``                | "done"
          q.put            | put           | [1]                     | ``              | 1                 | "done"
          q.put now        | put           | [null]                  | ``              | 1                 | true
          q.put now        | put           | [null]                  | ,"late":true    | ``                | false
          q.get            | get           | ``                      | ``              | 1                 | 1
          q.length         | length        | ``                      | ``              | 2                 | 2
          q.clear          | clear         | ``                      | ``              | ``                | "done"
          s.acquire        | acquire       | ``                      | ``              | true              | "done"
          s.acquire soon   | acquire       | ``                      | ``              | true              | true
          s.acquire soon   | acquire       | ``                      | ,"late":true    | ``                | false
          s.release        | release       | ``                      | ``              | ``                | "done"
          s.free           | length        | ``                      | ``              | 2                 | 2
          """)
  void aCallOfUserCodeIsACallOfTheService(
      String wish, String operation, String arguments, String more, String answer, String result)
      throws Exception {
    try (var worker = worker(Calling.class, "")) {
      send(worker, wish);
      Frame call = call(worker);
      assertThat(call.header().path("object").asString()).isEqualTo(wish.substring(0, 1));
      assertThat(call.header().path("do").asString()).isEqualTo(operation);
      assertThat(call.body()).isEqualTo(arguments);
      answer(worker, call, more, answer);
      var outcome = worker.answer(1, 0);
      assertThat(outcome.errors()).isEmpty();
      assertThat(outcome.values()).isEqualTo("[" + result + "]");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          l.get      | ,"missing":true                     | java.lang.IndexOutOfBoundsException       | 'l': there is no element -1
          l.set      | ,"missing":true                     | java.lang.IndexOutOfBoundsException       | 'l': there is no element 0
          l.pop      | ,"missing":true                     | java.lang.IndexOutOfBoundsException       | in an empty list
          q.get soon | ,"late":true                        | java.util.concurrent.TimeoutException     | empty for PT0.5S
          d.update   | ,"error":"full","message":"no room" | dev.manyhands.sdk.SharedFullException     | 'd': no room
          d.add      | ,"error":"type","message":"no sum"  | java.lang.IllegalArgumentException        | 'd': no sum
          d.length   | ,"error":"unknown","message":"what" | java.lang.IllegalArgumentException        | 'd': what
          d.length   | ,"error":"ended","message":"over"   | java.lang.IllegalStateException           | 'd': over
          d.length   | ,"error":"failed","message":"oh"    | java.lang.IllegalStateException           | 'd': oh
          d.length   | ``                                  | java.lang.IllegalStateException           | no number
          """)
  void anErrorOfTheServiceCostsItsItem(String wish, String more, String type, String message)
      throws Exception {
    try (var worker = worker(Calling.class, "")) {
      send(worker, wish, "ok");
      answer(worker, call(worker), more, "");
      var outcome = worker.answer(1, 0);
      assertThat(outcome.values()).isEqualTo("[null,\"ok\"]");
      assertThat(outcome.error(0).path("type").asString()).isEqualTo(type);
      assertThat(outcome.error(0).path("message").asString()).contains(message);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          d.get double      | java.lang.IllegalArgumentException    | this one is a java.lang.Double; use its toString()
          d.get long        | dev.manyhands.sdk.SharedFullException | more than the 200000 bytes
          d.set NaN         | java.lang.IllegalArgumentException    | 'd': the value has NaN in it
          d.set object      | java.lang.IllegalArgumentException    | no JSON form; share numbers
          l.slice backwards | java.lang.IllegalArgumentException    | from 2 to 1
          q.get before      | java.lang.IllegalArgumentException    | less than zero
          no dict           | java.lang.IllegalArgumentException    | no shared object 'e'; it declares [d, l, q, s]
          other kind        | java.lang.IllegalArgumentException    | 'l' is not a dict; it is a list
          no lock           | java.lang.IllegalArgumentException    | 'q' is not a lock; it is a queue
          """)
  void aMistakeIsReportedWithoutACall(String wish, String type, String message) throws Exception {
    try (var worker = worker(Calling.class, "")) {
      send(worker, wish, "d.update nothing", "ok");
      var outcome = worker.answer(1, 0);
      assertThat(outcome.values()).isEqualTo("[null,\"done\",\"ok\"]");
      assertThat(outcome.error(0).path("type").asString()).isEqualTo(type);
      assertThat(outcome.error(0).path("message").asString()).contains(message);
    }
  }

  @Test
  void aJobWithoutSharedObjectsSaysHowToDeclareThem() throws Exception {
    try (var worker = Workers.java(Calling.class)) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}");
      var error = worker.run(1, 0, "[\"d.get\"]").error(0);
      assertThat(error.path("type").asString()).isEqualTo("java.lang.IllegalArgumentException");
      assertThat(error.path("message").asString()).contains("\"shared\": {\"d\": {\"dict\": {}}}");
    }
  }

  @Test
  void theFormOfValuesIsThatOfResults() throws Exception {
    try (var worker = worker(Calling.class, ",\"nonFinite\":\"string\"")) {
      send(worker, "d.set NaN");
      assertThat(call(worker).body()).isEqualTo("[\"a\",\"NaN\"]");
    }
  }

  @Test
  void aCallThatWaitsNamesItsChunkAndGoesOnUntilItsTimeIsOver() throws Exception {
    try (var worker = worker(Calling.class, "")) {
      worker.sendChunk(7, 0, 2, "[\"q.put now\",\"q.get in a minute\"]");
      Frame now = call(worker);
      assertThat(now.header().path("chunk").asLong()).isEqualTo(7);
      assertThat(now.header().path("wait").asDouble()).isZero();
      answer(worker, now, "", "1");
      var numbers = new HashSet<Long>();
      for (int i = 0; i < 3; i++) {
        Frame call = call(worker);
        assertThat(call.header().path("chunk").asLong()).isEqualTo(7);
        assertThat(call.header().path("wait").asDouble()).isEqualTo(1);
        numbers.add(number(call));
        answer(worker, call, ",\"late\":true", "");
      }
      assertThat(numbers).hasSize(3);
      answer(worker, call(worker), "", "5");
      assertThat(worker.answer(7, 0).values()).isEqualTo("[true,5]");
    }
  }

  /** Code that catches everything returns a value, which must not count. */
  @ParameterizedTest
  @CsvSource({"wait, 1", "wait and go on, 1", "wait, 3", "wait and go on, 3"})
  void anItemIsHandedBackWhenItsWaitIsStopped(String wish, int threads) throws Exception {
    try (var worker = worker(Waiting.class, ",\"threads\":" + threads)) {
      worker.sendChunk(5, 10, 2, "[\"first\",\"" + wish + "\"]");
      Frame call = call(worker);
      worker.word(STOP, 5);
      worker.word(ATTENTION, 1);
      answer(worker, call, ",\"error\":\"stopped\",\"message\":\"no\"", "");
      if (!wish.equals("wait")) {
        answer(worker, call(worker), "", "1");
      }
      var outcome = worker.answer(5, 10);
      assertThat(outcome.values()).isEqualTo("[\"first\"]");
      assertThat(outcome.returnedFrom()).isEqualTo(11);
      assertThat(outcome.errors()).isEmpty();
    }
  }

  /** The answer alone counts, because the page may be written after it. */
  @Test
  void anItemIsHandedBackBeforeThePageSaysSo() throws Exception {
    try (var worker = worker(Waiting.class, "")) {
      worker.sendChunk(5, 10, 3, "[\"first\",\"wait\",\"last\"]");
      answer(worker, call(worker), ",\"error\":\"stopped\",\"message\":\"no\"", "");
      var outcome = worker.answer(5, 10);
      assertThat(outcome.values()).isEqualTo("[\"first\"]");
      assertThat(outcome.returnedFrom()).isEqualTo(11);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"append and wait", "wait"})
  void aStoppedItemBeginsNoWait(String wish) throws Exception {
    try (var worker = worker(Waiting.class, "")) {
      worker.sendChunk(2, 0, 1, "[\"" + wish + "\"]");
      Frame first = call(worker);
      worker.word(STOP, 2);
      worker.word(ATTENTION, 1);
      answer(worker, first, wish.equals("wait") ? ",\"late\":true" : "", "1");
      assertThat(worker.answer(2, 0).returnedFrom()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aChunkThatWasSentAheadWaitsForItsTurn(int threads) throws Exception {
    try (var worker = worker(Calling.class, ",\"threads\":" + threads)) {
      worker.sendChunk(1, 0, 1, "[\"l.get\"]");
      Frame call = call(worker);
      worker.sendChunk(2, 1, 1, "[\"ahead\"]");
      answer(worker, call, "", "3");
      assertThat(worker.answer(1, 0).values()).isEqualTo("[3]");
      assertThat(worker.answer(2, 1).values()).isEqualTo("[\"ahead\"]");
      worker.sendChunk(3, 2, 1, "[\"mine\"]");
      assertThat(worker.answer(3, 2).values()).isEqualTo("[\"mine\"]");
      worker.closeInput();
      assertThat(worker.exitCode()).isZero();
    }
  }

  @Test
  void answersMayBeLarge() throws Exception {
    try (var worker = worker(Calling.class, "")) {
      send(worker, "l.length", "d.items", "ok");
      answer(worker, call(worker), "", "1");
      answer(worker, call(worker), "", "[[\"a\",\"" + "x".repeat(15_000) + "\"]]");
      assertThat(worker.answer(1, 0).values()).hasSizeGreaterThan(15_000).endsWith("\"ok\"]");
      send(worker, "l.slice");
      answer(worker, call(worker), "", "[" + "\"yyyyyyy\",".repeat(300_000) + "1]");
      assertThat(worker.answer(1, 0).error(0).path("kind").asString()).isEqualTo("UNSERIALIZABLE");
    }
  }

  @Test
  void itemsThatRunAtOnceGetTheirOwnAnswers() throws Exception {
    try (var worker = worker(Calling.class, ",\"threads\":3")) {
      send(worker, "q.get", "l.get", "d.setDefault");
      var calls = new ArrayList<>(List.of(call(worker), call(worker), call(worker)));
      Collections.reverse(calls);
      for (Frame call : calls) {
        answer(worker, call, "", "\"" + call.header().path("object").asString() + "\"");
      }
      assertThat(worker.answer(1, 0).values()).isEqualTo("[\"q\",\"l\",\"d\"]");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void threadsOfTheFunctionGetTheirOwnAnswers(int threads) throws Exception {
    try (var worker = worker(OwnThreads.class, ",\"threads\":" + threads)) {
      send(worker, "each");
      var calls = new ArrayList<Frame>();
      for (int i = 0; i < 8; i++) {
        calls.add(call(worker));
      }
      Collections.reverse(calls);
      for (Frame call : calls) {
        answer(worker, call, "", JsonMapper.shared().readTree(call.body()).get(0).toString());
      }
      assertThat(worker.answer(1, 0).values()).isEqualTo("[[0,1,2,3,4,5,6,7]]");
    }
  }

  /** A thread that an item leaves behind keeps no frame from the items after it. */
  @Test
  void aThreadThatWaitsTakesWhatComesUntilItIsInterrupted() throws Exception {
    try (var worker = worker(OwnThreads.class, "")) {
      worker.sendChunk(1, 0, 1, "[\"take\"]");
      Frame one = worker.next();
      Frame other = worker.next();
      Frame waiting = one.op().equals("shared") ? one : other;
      assertThat(List.of(one.op(), other.op())).contains("outcomes");

      worker.sendChunk(2, 1, 1, "[\"get\"]");
      answer(worker, call(worker), "", "8");
      assertThat(worker.answer(2, 1).values()).isEqualTo("[8]");
      answer(worker, waiting, "", "1");
      Frame again = call(worker);
      assertThat(worker.run(3, 2, "[\"taken\",\"interrupt\"]").values())
          .isEqualTo("[1,\"interrupt\"]");
      answer(worker, again, "", "2"); // after the interrupt; must not be lost
      assertThat(worker.run(4, 3, "[\"taken\",\"taken\"]").values())
          .isEqualTo("[2,\"interrupted\"]");
    }
  }

  @Test
  void anInterruptOutlastsACall() throws Exception {
    try (var worker = worker(OwnThreads.class, "")) {
      send(worker, "interrupted");
      answer(worker, call(worker), "", "1");
      assertThat(worker.answer(1, 0).values()).isEqualTo("[[1,true]]");
    }
  }

  /** A full stack interrupts calls at any point. No byte of the pipes may be lost. */
  @Test
  void aFullStackCostsNoOtherCall() throws Exception {
    try (var worker = worker(OwnThreads.class, "")) {
      send(worker, "deep", "get");
      Frame frame = worker.next();
      int calls = 0;
      while (frame.op().equals("shared")) {
        boolean isLast = frame.header().path("do").asString().equals("get");
        answer(worker, frame, "", isLast ? "\"end\"" : "1");
        calls++;
        frame = worker.next();
      }
      assertThat(calls).isGreaterThan(1);
      assertThat(frame.header().has("errors")).isFalse();
      assertThat(frame.body()).isEqualTo("[true,\"end\"]");
    }
  }

  @Test
  void aJobThatIsAnnouncedAgainGoesOn() throws Exception {
    try (var worker = worker(Calling.class, "")) {
      var numbers = new ArrayList<Long>();
      for (int job = 0; job < 3; job++) {
        send(worker, "l.get");
        Frame call = call(worker);
        numbers.add(number(call));
        answer(worker, call, "", Objects.toString(job));
        assertThat(worker.answer(1, 0).values()).isEqualTo("[" + job + "]");
        worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"," + OBJECTS + "}");
      }
      assertThat(numbers).doesNotHaveDuplicates();
    }
  }
}
