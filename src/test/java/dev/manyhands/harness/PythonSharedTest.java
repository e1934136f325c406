package dev.manyhands.harness;

import static dev.manyhands.harness.WorkerProcess.ATTENTION;
import static dev.manyhands.harness.WorkerProcess.STOP;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.harness.WorkerProcess.Frame;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Dicts, lists, queues and semaphores of a job in Python: calls and answers over the pipes. */
class PythonSharedTest {
  private static final String OBJECTS =
      "\"shared\":{\"worker\":12,\"objects\":{\"d\":{\"kind\":\"dict\"},\"l\":{\"kind\":\"list\"},"
          + "\"q\":{\"kind\":\"queue\",\"size\":3},\"s\":{\"kind\":\"semaphore\"}}}";

  private static String job(String more) {
    return "{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"%s,%s}".formatted(more, OBJECTS);
  }

  /** A function that evaluates its item. */
  private static final String EVALUATING =
      """
      import manyhands, queue
      def f(text):
          names = {name: manyhands.shared(name) for name in 'dlqs'}
          return eval(text, {**names, 'queue': queue, 'manyhands': manyhands})
      """;

  private static WorkerProcess evaluating(String more) throws Exception {
    var worker = Workers.python(EVALUATING);
    worker.send(job(more));
    return worker;
  }

  private static void evaluate(WorkerProcess worker, String... texts) {
    worker.sendChunk(1, 0, texts.length, JsonMapper.shared().writeValueAsString(texts));
  }

  private static Frame call(WorkerProcess worker) {
    Frame frame = worker.nextCall();
    int count = frame.header().path("count").asInt();
    assertThat(JsonMapper.shared().readTree(frame.body()).size()).isEqualTo(count);
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
          d['a']                          | d | get           | ["a"]             | ``              | [1]           | [1]
          d[True]                         | d | get           | [1]               | ``              | null          | null
          d.get('b', 5)                   | d | get           | ["b"]             | ,"missing":true | ``            | 5
          d.get(-3)                       | d | get           | [-3]              | ,"missing":true | ``            | null
          d.__setitem__('a"é', {1: 2})    | d | set           | ["a\\"é",{"1":2}] | ``              | ``            | null
          d.__delitem__('a')              | d | pop           | ["a"]             | ``              | 4             | null
          'a' in d                        | d | contains      | ["a"]             | ``              | true          | true
          'a' in d                        | d | contains      | ["a"]             | ``              | false         | false
          len(d)                          | d | length        | []                | ``              | 7             | 7
          d.setdefault('a', 1)            | d | setdefault    | ["a",1]           | ``              | 2             | 2
          d.pop('a', 8)                   | d | pop           | ["a"]             | ,"missing":true | ``            | 8
          d.pop('a')                      | d | pop           | ["a"]             | ``              | "x"           | "x"
          d.update({'a': 1}, b=2)         | d | update        | ["a",1,"b",2]     | ``              | ``            | null
          d.add('a')                      | d | add           | ["a",1]           | ``              | 3             | 3
          d.add('a', 0.5)                 | d | add           | ["a",0.5]         | ``              | 3.5           | 3.5
          d.compare_and_set('a', None, 1) | d | compareAndSet | ["a",null,1]      | ``              | true          | true
          d.keys()                        | d | keys          | []                | ``              | ["a",1]       | ["a",1]
          [k for k in d]                  | d | keys          | []                | ``              | ["a"]         | ["a"]
          d.items()                       | d | items         | []                | ``              | [["a",1]]     | [["a",1]]
          d.values()                      | d | items         | []                | ``              | [["a",[1]]]   | [[1]]
          d.clear()                       | d | clear         | []                | ``              | ``            | null
          l.append({2})                   | l | append        | [[2]]             | ``              | 1             | null
          l.extend(range(3))              | l | extend        | [0,1,2]           | ``              | 3             | null
          l[-1]                           | l | get           | [-1]              | ``              | 5             | 5
          l[2:]                           | l | slice         | [2,4611686018427387904] | ``        | [3]           | [3]
          l[:2]                           | l | slice         | [0,2]             | ``              | [3,4]         | [3,4]
          l[-2:]                          | l | slice         | [0,4611686018427387904] | ``        | [1,2,3]       | [2,3]
          l[::2]                          | l | slice         | [0,4611686018427387904] | ``        | [1,2,3]       | [1,3]
          l.__setitem__(0, 'x')           | l | set           | [0,"x"]           | ``              | ``            | null
          l.pop()                         | l | pop           | [-1]              | ``              | 1             | 1
          [e for e in l]                  | l | slice         | [0,4611686018427387904] | ``        | [1]           | [1]
          len(l)                          | l | length        | []                | ``              | 0             | 0
          q.put(1)                        | q | put           | [1]               | ``              | 1             | null
          q.get()                         | q | get           | []                | ``              | 1             | 1
          q.qsize()                       | q | length        | []                | ``              | 2             | 2
          q.empty()                       | q | length        | []                | ``              | 0             | true
          q.full()                        | q | length        | []                | ``              | 3             | true
          s.acquire()                     | s | acquire       | []                | ``              | true          | true
          s.acquire(timeout=0.5)          | s | acquire       | []                | ,"late":true    | ``            | false
          s.__enter__()                   | s | acquire       | []                | ``              | true          | true
          s.release()                     | s | release       | []                | ``              | ``            | null
          s.get_value()                   | s | length        | []                | ``              | 2             | 2
          """)
  void aCallOfUserCodeIsACallOfTheService(
      String text,
      String object,
      String operation,
      String arguments,
      String more,
      String answer,
      String result)
      throws Exception {
    try (var worker = evaluating("")) {
      evaluate(worker, text);
      Frame call = call(worker);
      assertThat(call.header().path("object").asString()).isEqualTo(object);
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
          d['a']                    | ,"missing":true                      | KeyError      | 'a'
          d.pop('a')                | ,"missing":true                      | KeyError      | 'a'
          d.__delitem__('a')        | ,"missing":true                      | KeyError      | 'a'
          l[9]                      | ,"missing":true                      | IndexError    | out of range
          l.__setitem__(9, 1)       | ,"missing":true                      | IndexError    | out of range
          l.pop()                   | ,"missing":true                      | IndexError    | empty
          q.get(timeout=2)          | ,"late":true                         | Empty         | ``
          q.get_nowait()            | ,"late":true                         | Empty         | ``
          q.put(1, timeout=2)       | ,"late":true                         | Full          | ``
          d.update(a=1)             | ,"error":"full","message":"no room"  | SharedFull    | 'd': no room
          d.add('a')                | ,"error":"type","message":"no sum"   | TypeError     | 'd': no sum
          s.release()               | ,"error":"type","message":"none"     | ValueError    | 's': none
          len(d)                    | ,"error":"unknown","message":"what"  | UnknownShared | 'd': what
          len(d)                    | ,"error":"ended","message":"over"    | RuntimeError  | 'd': over
          len(d)                    | ,"error":"failed","message":"oh"     | RuntimeError  | 'd': oh
          """)
  void anErrorIsThatOfTheStandardLibrary(String text, String more, String type, String message)
      throws Exception {
    try (var worker = evaluating("")) {
      evaluate(worker, text, "1");
      answer(worker, call(worker), more, "");
      var outcome = worker.answer(1, 0);
      assertThat(outcome.values()).isEqualTo("[null,1]");
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
          d[1.5]                        | TypeError     | use str(key) or repr(key)
          d.get(None)                   | TypeError     | use str(key) or repr(key)
          d.update({'a': b''})          | TypeError     | 'd': the value is of type bytes, which has no JSON form; share .decode()
          d.__setitem__('a', [{1j}])    | TypeError     | value[0]
          d.__setitem__('a', 1e999)     | TypeError     | the value is inf
          l.append('\\ud800')           | TypeError     | lone surrogate
          l['a']                        | TypeError     | integer
          l.__setitem__(slice(1), [1])  | TypeError     | set elements, or extend
          q.get(timeout=-1)             | ValueError    | must not be negative
          manyhands.shared('e')         | UnknownShared | no shared object 'e'; it declares d, l, q, s
          manyhands.shared([])          | UnknownShared | no shared object []
          """)
  void aMistakeIsReportedWithoutACall(String text, String type, String message) throws Exception {
    try (var worker = evaluating("")) {
      evaluate(worker, text, "1");
      var outcome = worker.answer(1, 0);
      assertThat(outcome.values()).isEqualTo("[null,1]");
      assertThat(outcome.error(0).path("type").asString()).isEqualTo(type);
      assertThat(outcome.error(0).path("message").asString()).contains(message);
    }
  }

  @Test
  void nothingIsCalledForNothing() throws Exception {
    try (var worker = evaluating("")) {
      evaluate(worker, "d.update()", "l.extend([])", "repr([d, l, q, s])", "d");
      var outcome = worker.answer(1, 0);
      assertThat(outcome.values()).startsWith("[null,null,\"[<manyhands.shared('d'): dict>");
      assertThat(outcome.error(3).path("message").asString()).contains("manyhands.SharedDict");
    }
  }

  @Test
  void aJobWithoutSharedObjectsSaysHowToDeclareThem() throws Exception {
    try (var worker = Workers.python("import manyhands\ndef f(x): return manyhands.shared(x)")) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}");
      var error = worker.run(1, 0, "[\"seen\"]").error(0);
      assertThat(error.path("type").asString()).isEqualTo("UnknownShared");
      assertThat(error.path("message").asString())
          .contains("\"shared\": {\"seen\": {\"dict\": {}}}");
    }
  }

  @Test
  void objectsAreThereOnceAnItemRuns() throws Exception {
    try (var worker = Workers.PYTHON.start()) {
      worker.send(Workers.loadPython("import manyhands\nd = manyhands.shared('d')\nd['a']", "f"));
      Frame failed = worker.next();
      assertThat(failed.op()).isEqualTo("failed");
      assertThat(failed.header().path("message").asString())
          .contains("use manyhands.shared('d') in the function");
    }
  }

  /** Code may ask for objects while it is loaded, and use them when the job has begun. */
  @Test
  void anObjectThatTheCodeHasAskedForIsTheOneOfTheJob() throws Exception {
    String code =
        """
        import manyhands
        names = ('d', 'l', 'q', 's')
        early = [manyhands.shared(name) for name in names]
        absent = manyhands.shared('absent')
        def f(x):
            if x == 1:
                absent['a']
            same = [one is manyhands.shared(name) for one, name in zip(early, names)]
            return same + [repr(early[0])]
        """;
    try (var worker = Workers.PYTHON.start()) {
      worker.send(Workers.loadPython(code, "f"));
      assertThat(worker.next().op()).isEqualTo("loaded");
      worker.send(job(""));
      worker.sendChunk(1, 0, 2, "[0,1]");
      var outcome = worker.answer(1, 0);
      assertThat(outcome.values())
          .startsWith("[[true,true,true,true,\"<manyhands.shared('d'): dict>\"]");
      assertThat(outcome.error(1).path("message").asString())
          .contains("declares no shared object 'absent'");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          q.get()                            | -
          q.get(timeout=None)                | -
          q.get(timeout=float('inf'))        | -
          q.get(timeout=1.5)                 | 1.5
          q.get(False)                       | 0
          q.get_nowait()                     | 0
          q.put_nowait(1)                    | 0
          q.put(1, True, 3)                  | 3.0
          s.acquire(False)                   | 0
          s.acquire(blocking=True, timeout=2) | 2.0
          """)
  void aCallThatMayWaitSaysHowLongAndForWhichChunk(String text, String wait) throws Exception {
    try (var worker = evaluating("")) {
      worker.sendChunk(7, 0, 1, JsonMapper.shared().writeValueAsString(List.of(text)));
      Frame call = call(worker);
      assertThat(call.header().path("chunk").asLong()).isEqualTo(7);
      assertThat(call.header().has("wait") ? call.header().path("wait").toString() : "-")
          .isEqualTo(wait);
    }
  }

  private static final String WAITING =
      """
      import manyhands
      def f(x):
          if x == 'wait':
              try:
                  manyhands.shared('q').get()
              except BaseException:
                  if %s: raise
              manyhands.shared('l').append('after')
          return x
      """;

  /** Code that catches everything returns a value, which must not count. */
  @ParameterizedTest
  @CsvSource({"True, 1", "False, 1", "True, 3", "False, 3"})
  void anItemIsHandedBackWhenItsWaitIsStopped(String raises, int threads) throws Exception {
    try (var worker = Workers.python(WAITING.formatted(raises))) {
      worker.send(job(",\"threads\":" + threads));
      worker.sendChunk(5, 10, 2, "[\"first\",\"wait\"]");
      Frame call = call(worker);
      worker.word(STOP, 5);
      worker.word(ATTENTION, 1);
      answer(worker, call, ",\"error\":\"stopped\",\"message\":\"no\"", "");
      if (raises.equals("False")) {
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
    try (var worker = Workers.python(WAITING.formatted("True"))) {
      worker.send(job(""));
      worker.sendChunk(5, 10, 3, "[\"first\",\"wait\",\"last\"]");
      answer(worker, call(worker), ",\"error\":\"stopped\",\"message\":\"no\"", "");
      var outcome = worker.answer(5, 10);
      assertThat(outcome.values()).isEqualTo("[\"first\"]");
      assertThat(outcome.returnedFrom()).isEqualTo(11);
    }
  }

  @Test
  void aStoppedItemBeginsNoWait() throws Exception {
    String code =
        """
        import manyhands
        def f(x):
            manyhands.shared('l').append(x)
            manyhands.shared('s').acquire()
        """;
    try (var worker = Workers.python(code)) {
      worker.send(job(""));
      worker.sendChunk(2, 0, 1, "[1]");
      Frame append = call(worker);
      worker.word(STOP, 2);
      worker.word(ATTENTION, 1);
      answer(worker, append, "", "1");
      assertThat(worker.answer(2, 0).returnedFrom()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aChunkThatWasSentAheadWaitsForItsTurn(int threads) throws Exception {
    try (var worker = evaluating(",\"threads\":" + threads)) {
      worker.sendChunk(1, 0, 1, "[\"d['a']\"]");
      Frame call = call(worker);
      worker.sendChunk(2, 1, 1, "[\"'ahead'\"]");
      answer(worker, call, "", "3");
      assertThat(worker.answer(1, 0).values()).isEqualTo("[3]");
      assertThat(worker.answer(2, 1).values()).isEqualTo("[\"ahead\"]");
      worker.sendChunk(3, 2, 1, "[\"'later'\"]");
      assertThat(worker.answer(3, 2).values()).isEqualTo("[\"later\"]");
    }
  }

  @Test
  void answersMayBeLarge() throws Exception {
    try (var worker = evaluating("")) {
      evaluate(worker, "len(l[:])", "len(q.get())");
      String large = "x".repeat(1_000_000);
      answer(worker, call(worker), "", "[" + "\"yyyyyyy\",".repeat(300_000) + "1]");
      answer(worker, call(worker), "", "\"" + large + "\"");
      assertThat(worker.answer(1, 0).values()).isEqualTo("[300001,1000000]");
    }
  }

  @Test
  void aCallThatIsTooLongForAFrameIsRefused() throws Exception {
    try (var worker = evaluating("")) {
      evaluate(worker, "l.extend(['x' * 100_000] * 3)", "d.get('x' * 300_000)", "1");
      var outcome = worker.answer(1, 0);
      assertThat(outcome.errors())
          .hasSize(2)
          .allSatisfy(error -> {
            assertThat(error.path("type").asString()).isEqualTo("SharedFull");
            assertThat(error.path("message").asString()).contains("200000 are allowed");
          });
    }
  }

  @Test
  void itemsThatRunAtOnceGetTheirOwnAnswers() throws Exception {
    try (var worker = evaluating(",\"threads\":3")) {
      evaluate(worker, "q.get()", "d.get('a')", "l[0]", "s.get_value()");
      var calls = new ArrayList<>(List.of(call(worker), call(worker), call(worker)));
      Collections.reverse(calls);
      for (Frame call : calls) {
        answer(worker, call, "", "\"" + call.header().path("do").asString() + "\"");
        if (call == calls.getFirst()) {
          answer(worker, call(worker), "", "4");
        }
      }
      assertThat(worker.answer(1, 0).values()).isEqualTo("[\"get\",\"get\",\"get\",4]");
    }
  }

  /** In an item of one thread, the threads of the function read for each other. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void threadsOfTheFunctionGetTheirOwnAnswers(int threads) throws Exception {
    String code =
        """
        import manyhands
        from concurrent.futures import ThreadPoolExecutor
        def f(n):
            d = manyhands.shared('d')
            with ThreadPoolExecutor(n) as pool:
                return list(pool.map(lambda i: d.setdefault(i, 'x' * 30_000)[0], range(n)))
        """;
    try (var worker = Workers.python(code)) {
      worker.send(job(",\"threads\":" + threads));
      worker.sendChunk(1, 0, 1, "[8]");
      for (int round = 0; round < 4; round++) {
        var two = new ArrayList<>(List.of(call(worker), call(worker)));
        Collections.reverse(two);
        for (Frame call : two) {
          String key = JsonMapper.shared().readTree(call.body()).get(0).toString();
          answer(worker, call, "", "[" + key + ",\"" + "y".repeat(70_000) + "\"]");
        }
      }
      assertThat(worker.answer(1, 0).values()).isEqualTo("[[0,1,2,3,4,5,6,7]]");
    }
  }

  @Test
  void aThreadThatWaitsReadsWhatTheNextChunksAreSentFor() throws Exception {
    String code =
        """
        import manyhands, threading
        taken = []
        def f(x):
            if x == 'start':
                begun = threading.Event()
                def take():
                    manyhands.shared('d').get('begun')
                    begun.set()
                    taken.append(manyhands.shared('q').get())
                    taken.append(manyhands.shared('q').get())
                threading.Thread(target=take, daemon=True).start()
                begun.wait()
            if x == 'call':
                return manyhands.shared('d').get('a')
            while x == 'await' and len(taken) < 2: pass
            return taken
        """;
    try (var worker = Workers.python(code)) {
      worker.send(job(""));
      worker.sendChunk(1, 0, 1, "[\"start\"]");
      answer(worker, call(worker), "", "");
      Frame first = worker.next();
      Frame second = worker.next();
      Frame waiting = first.op().equals("shared") ? first : second;
      worker.sendChunk(2, 1, 1, "[\"look\"]");
      assertThat(worker.answer(2, 1).values()).isEqualTo("[[]]");
      worker.sendChunk(3, 2, 1, "[\"call\"]");
      answer(worker, call(worker), "", "8");
      assertThat(worker.answer(3, 2).values()).isEqualTo("[8]");
      worker.sendChunk(4, 3, 1, "[\"await\"]");
      answer(worker, waiting, "", "1");
      answer(worker, call(worker), "", "2");
      assertThat(worker.answer(4, 3).values()).isEqualTo("[[1,2]]");
      worker.closeInput();
      assertThat(worker.exitCode()).isZero();
    }
  }

  @Test
  void aForkedProcessCannotCall() throws Exception {
    String code =
        """
        import manyhands, os
        def f(x):
            d = manyhands.shared('d')
            r, w = os.pipe()
            if os.fork() == 0:
                try:
                    d['a'] = 1
                except RuntimeError as e:
                    os.write(w, str(e).encode())
                os._exit(0)
            os.wait()
            d['b'] = 2
            return os.read(r, 1000).decode()
        """;
    try (var worker = Workers.python(code)) {
      worker.send(job(""));
      worker.sendChunk(1, 0, 1, "[1]");
      Frame call = call(worker);
      assertThat(call.body()).isEqualTo("[\"b\",2]");
      answer(worker, call, "", "");
      assertThat(worker.answer(1, 0).values()).contains("this process was forked");
    }
  }

  @Test
  void aProcessThatTheFunctionStartsSaysThatItHasNoSharedObjects() throws Exception {
    String code =
        """
        import manyhands, multiprocessing
        def child(x):
            try:
                return manyhands.shared('d')
            except RuntimeError as e:
                return str(e)
        def f(x):
            with multiprocessing.get_context('spawn').Pool(1) as pool:
                return pool.map(child, [1])[0]
        """;
    try (var worker = Workers.python(code)) {
      worker.send(job(""));
      assertThat(worker.run(1, 0, "[1]").values()).contains("only the worker reaches shared");
    }
  }

  /** A signal handler interrupts calls at any point. No byte of the pipes may be lost. */
  @Test
  void anExceptionOfASignalHandlerCostsNoOtherCall() throws Exception {
    String code =
        """
        import manyhands, signal
        class Late(TimeoutError): pass
        def late(*_): raise Late
        signal.signal(signal.SIGALRM, late)
        def f(n):
            d, interrupted = manyhands.shared('d'), 0
            for i in range(n):
                try:
                    signal.setitimer(signal.ITIMER_REAL, 1e-6 * (1 + 7 * i % 150))
                    try:
                        found = d.setdefault(i, 'x' * (i % 7 * 2000))
                    finally:
                        signal.setitimer(signal.ITIMER_REAL, 0)
                    if found[0] != i: raise ValueError('%r is not %r' % (found[0], i))
                except Late:
                    interrupted += 1
            return interrupted > 0
        """;
    try (var worker = Workers.python(code)) {
      worker.send(job(""));
      worker.sendChunk(1, 0, 1, "[3000]");
      while (true) {
        Frame frame = worker.next();
        if (!frame.op().equals("shared")) {
          assertThat(frame.header().path("errors").toString()).isEqualTo("");
          assertThat(frame.body()).isEqualTo("[true]");
          break;
        }
        // A large answer is read in pieces. A piece that is lost breaks all answers after it.
        int key = JsonMapper.shared().readTree(frame.body()).get(0).asInt();
        String text = "y".repeat(key % 5 == 0 ? 300_000 : 1);
        answer(worker, frame, "", "[" + key + ",\"" + text + "\"]");
      }
      worker.sendChunk(2, 1, 1, "[0]");
      assertThat(worker.answer(2, 1).values()).isEqualTo("[false]");
    }
  }

  private static final String TUPLE = "{\"p\":\"gARLAUsChpQu\"}"; // (1, 2)

  @Test
  void pythonValuesAreEnvelopesBothWays() throws Exception {
    try (var worker = evaluating(",\"values\":\"python\"")) {
      evaluate(worker, "d['a'] == (1, 2)", "l.append((1, 2))", "[v for _, v in d.items()][1]");
      answer(worker, call(worker), "", TUPLE);
      Frame append = call(worker);
      assertThat(append.body()).matches("\\[\\{\"p\":\"gA[A-Za-z0-9+/=]+\",\"s\":\"\\(1, 2\\)\"}]");
      answer(worker, append, "", "1");
      answer(worker, call(worker), "", "[[\"a\",1],[\"b\"," + TUPLE + "]]");
      assertThat(worker.answer(1, 0).values())
          .startsWith("[true,null,{")
          .endsWith("\"s\":\"(1, 2)\"}]");
    }
  }

  @Test
  void errorsOfSharedObjectsAreSentAsValues() throws Exception {
    try (var worker = evaluating(",\"values\":\"python\"")) {
      evaluate(worker, "manyhands.shared('no')", "d.clear()", "q.get_nowait()");
      answer(worker, call(worker), ",\"error\":\"full\",\"message\":\"no\"", "");
      answer(worker, call(worker), ",\"late\":true", "");
      assertThat(worker.answer(1, 0).errors())
          .extracting(error -> name(error.path("data").asString()))
          .containsExactly("builtins KeyError", "manyhands SharedFull", "_queue Empty");
    }
  }

  /** Returns module and name of the class in a pickle of an exception. */
  private static String name(String pickle) {
    byte[] bytes = Base64.getDecoder().decode(pickle);
    var names = Pattern.compile("[A-Za-z_]{4,}").matcher(new String(bytes, ISO_8859_1)).results();
    return names.map(MatchResult::group).limit(2).collect(Collectors.joining(" "));
  }

  /** Equal values may have different pickles. The value that another item sets meanwhile counts. */
  @Test
  void pythonValuesAreComparedByTheWorker() throws Exception {
    try (var worker = evaluating(",\"values\":\"python\"")) {
      evaluate(worker, "d.compare_and_set('a', (1.0, 2.0), 3)", "d.compare_and_set('a', 1, 2)");
      answer(worker, call(worker), "", TUPLE);
      Frame set = call(worker);
      assertThat(set.body()).isEqualTo("[\"a\"," + TUPLE + ",3]");
      answer(worker, set, "", "false");
      answer(worker, call(worker), "", TUPLE);
      answer(worker, call(worker), "", "true");
      answer(worker, call(worker), "", TUPLE);
      assertThat(worker.answer(1, 0).values()).isEqualTo("[true,false]");
    }
  }

  @Test
  void theFormOfValuesIsThatOfResults() throws Exception {
    try (var worker = evaluating(",\"nonFinite\":\"string\"")) {
      evaluate(worker, "l.append([float('nan'), range(2), frozenset('a')])");
      Frame append = call(worker);
      assertThat(append.body()).isEqualTo("[[\"NaN\",[0,1],[\"a\"]]]");
    }
  }

  @Test
  void callsHaveNumbersOfTheirOwn() throws Exception {
    try (var worker = evaluating("")) {
      evaluate(
          worker, IntStream.range(0, 20).mapToObj(i -> "d.get(" + i + ")").toArray(String[]::new));
      var numbers = new ArrayList<Long>();
      for (int i = 0; i < 20; i++) {
        Frame call = call(worker);
        numbers.add(number(call));
        answer(worker, call, "", Integer.toString(i));
      }
      assertThat(numbers).doesNotHaveDuplicates();
      assertThat(worker.answer(1, 0).errors()).isEmpty();
    }
  }
}
