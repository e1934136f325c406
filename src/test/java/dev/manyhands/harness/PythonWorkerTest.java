package dev.manyhands.harness;

import static dev.manyhands.harness.WorkerProcess.ITEM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PythonWorkerTest {
  private static final String MAP = "{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}";
  private static final String STARMAP = "{\"op\":\"job\",\"job\":\"a\",\"call\":\"starmap\"}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          def f(x) return x           | SyntaxError       | line 1
          def g(x): return x          | LookupError       | it defines g
          f = 3                       | LookupError       | 'f' is a int
          x = 1                       | LookupError       | nothing that can be called
          import no_such_module       | ModuleNotFoundError | no_such_module
          import sys; sys.exit('bye') | SystemExit        | bye
          """)
  void aFunctionThatDoesNotLoadSaysWhy(String code, String type, String message) throws Exception {
    try (var worker = Workers.PYTHON.start()) {
      worker.send(Workers.loadPython(code, "f"));
      worker.send(MAP);
      worker.sendChunk(1, 0, 1, "[1]");
      var failed = worker.next();
      assertThat(failed.op()).isEqualTo("failed");
      assertThat(failed.header().path("type").asString()).isEqualTo(type);
      assertThat(failed.header().path("message").asString()).contains(message);
      worker.closeInput();
      assertThat(worker.exitCode()).isZero();
    }
  }

  @Test
  void itemsAndCommonArgumentsBecomeArguments() throws Exception {
    try (var worker = Workers.python("def f(a, b=10, c=100): return [a, b, c]")) {
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[1,[2]]").values()).isEqualTo("[[1,10,100],[[2],10,100]]");
      worker.send(MAP, "{\"b\":\"é\"}");
      assertThat(worker.run(2, 0, "[1]").values()).isEqualTo("[[1,\"é\",100]]");
      worker.send(STARMAP, "{\"c\":0}");
      var answer = worker.run(3, 0, "[[1],[1,2],{\"a\":3},{\"a\":3,\"c\":4},5]");
      assertThat(answer.values()).isEqualTo("[[1,10,0],[1,2,0],[3,10,0],[3,10,4],null]");
      assertThat(answer.error(4).path("type").asString()).isEqualTo("TypeError");
      assertThat(answer.error(4).path("message").asString()).contains("this item is a number");
    }
  }

  @Test
  void anErrorShowsTheUsersLinesAndNoneOfOurs() throws Exception {
    try (var worker = Workers.python("def g(x):\n    return 1 // x\ndef f(x): return g(x)")) {
      worker.send(MAP);
      var error = worker.run(1, 0, "[1,0]").error(1);
      assertThat(error.path("type").asString()).isEqualTo("ZeroDivisionError");
      assertThat(error.path("traceback").asString())
          .contains("return 1 // x", "line 2, in g")
          .doesNotContain("manyhands_worker");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          b'ab'                    | bytes        | base64
          float('inf')             | float        | inf
          [float('nan')]           | list         | JSON
          '\\ud800'                | str          | surrogate
          {'x': b''}               | dict         | bytes
          cycle                    | list         | contains itself
          'x' * 30000              | str          | 20000 are allowed
          [0] * 30000              | list         | 20000 are allowed
          (n for n in [])          | generator    | list(...)
          """)
  void aResultWithoutJsonFormFailsAlone(String result, String type, String message)
      throws Exception {
    String code = "cycle = []\ncycle.append(cycle)\ndef f(x): return %s if x else 0";
    try (var worker = Workers.python(code.formatted(result))) {
      worker.send(MAP);
      var answer = worker.run(1, 0, "[0,1,0]");
      assertThat(answer.values()).isEqualTo("[0,null,0]");
      assertThat(answer.errors()).hasSize(1);
      assertThat(answer.error(1).path("kind").asString()).isEqualTo("UNSERIALIZABLE");
      assertThat(answer.error(1).path("type").asString()).isEqualTo(type);
      assertThat(answer.error(1).path("message").asString()).contains(message);
    }
  }

  @Test
  void whatAFunctionKeepsAndChangesDoesNotChangeEarlierResults() throws Exception {
    try (var worker = Workers.python("kept = []\ndef f(x):\n  kept.append(x)\n  return kept")) {
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[1,2,3]").values()).isEqualTo("[[1],[1,2],[1,2,3]]");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          import sys; sys.exit(3)                        | SystemExit
          raise KeyboardInterrupt                        | KeyboardInterrupt
          raise type('E', (Exception,), {'__str__': 0})()  | E
          f(x)                                           | RecursionError
          """)
  void whateverIsRaisedIsTheItemsOwn(String statement, String type) throws Exception {
    try (var worker = Workers.python("def f(x):\n  if x:\n    " + statement + "\n  return 0")) {
      worker.send(MAP);
      var answer = worker.run(1, 0, "[0,1,0]");
      assertThat(answer.values()).isEqualTo("[0,null,0]");
      assertThat(answer.error(1).path("kind").asString()).isEqualTo("ERROR");
      assertThat(answer.error(1).path("type").asString()).isEqualTo(type);
    }
  }

  @ParameterizedTest
  @CsvSource({"input(), EOFError", "breakpoint(), RuntimeError"})
  void whatNeedsATerminalNamesTheScriptOfTheItem(String call, String type) throws Exception {
    try (var worker = Workers.python("def f(x): return " + call + " if x else 0")) {
      worker.send(MAP);
      var answer = worker.run(1, 6, "[0,1,0]");
      assertThat(answer.values()).isEqualTo("[0,null,0]");
      assertThat(answer.error(7).path("type").asString()).isEqualTo(type);
      assertThat(answer.error(7).path("message").asString())
          .contains("/api/v1/jobs/a/items/7/script", "python3 -m pdb item-7.py");
    }
  }

  @Test
  void wantOfMemoryIsTold() throws Exception {
    try (var worker = Workers.python("def f(x): raise MemoryError()")) {
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[0]").error(0).path("kind").asString()).isEqualTo("OOM");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "print('printed', flush=True)",
        "import os; os.write(1, b'\\0\\0\\0\\1')",
        "import os; os.close(0); os.close(1); os.close(2)",
        "import os; os.closerange(0, 100)",
        "import sys; sys.stdout.close(); sys.stderr.close(); del sys.stdout",
        "import sys; sys.stdin.read()",
        "import json; json.dumps = json.JSONEncoder.encode = json.JSONDecoder.decode = None",
        "import builtins; builtins.len = builtins.type = builtins.enumerate = None",
        "import builtins; builtins.__import__ = None",
        "import __main__; vars(__main__).clear()",
        "import __main__\n  for name in list(vars(__main__)): setattr(__main__, name, None)",
        "import manyhands\n  own = manyhands.stopped.__func__.__globals__\n"
            + "  for name in list(own): own[name] = own[name] if name[0] == '_' else None",
        "import sys\n  own = sys.stdout.write.__func__.__globals__\n"
            + "  for name in list(own): own[name] = own[name] if name[0] == '_' else None",
        "import sys; sys.path.clear(); sys.meta_path.clear(); sys.path_hooks.clear()",
        "import os, time; os.write = os.read = time.perf_counter = None",
        "import sys; sys.modules.clear()",
        "import sys\n  for name in list(sys.modules): sys.modules[name] = None",
        "import os; os.fork()",
        "import threading; threading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()",
        "import atexit; atexit.register(lambda: [0 for _ in iter(int, 1)])",
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
      })
  void noUserCodeBreaksTheChannelOrOutlivesIt(String statement) throws Exception {
    try (var worker = Workers.python("def f(x):\n  " + statement + "\n  return x")) {
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[1]").values()).isEqualTo("[1]");
      assertThat(worker.run(2, 1, "[[2]]").frames()).hasSize(1);
      worker.closeInput();
      assertThat(worker.exitCode()).isZero();
    }
  }

  /** No name of a module of the worker is taken, and nothing of them can be imported. */
  @Test
  void theModulesOfTheWorkerAreOutOfSight() throws Exception {
    String code =
        """
        import importlib, sys, types
        def f(names):
            seen = [name for name in names if name in sys.modules]
            for name in names:
                try:
                    importlib.import_module(name)
                    seen.append(name)
                except ImportError:
                    pass
                sys.modules[name] = types.ModuleType(name)
            return seen
        """;
    try (var worker = Workers.python(code)) {
      worker.send(MAP);
      String names =
          pythonModules().stream()
              .flatMap(name -> Stream.of(name, "manyhands_worker." + name))
              .map(name -> '"' + name + '"')
              .collect(Collectors.joining(","));
      assertThat(worker.run(1, 0, "[[\"manyhands_worker\"," + names + "]]").values())
          .isEqualTo("[[]]");
      assertThat(worker.run(2, 1, "[[],[]]").values()).isEqualTo("[[],[]]");
    }
  }

  @Test
  void aBundleMayHaveModulesOfTheSameNames(@TempDir Path bundle) throws Exception {
    var imports = new StringBuilder();
    for (String name : pythonModules()) {
      Files.writeString(bundle.resolve(name + ".py"), "name = '" + name + "'\n");
      imports.append("import ").append(name).append('\n');
    }
    Path same = Files.createDirectories(bundle.resolve("manyhands_worker"));
    Files.writeString(same.resolve("__init__.py"), imports + "def f(x): return worker.name\n");
    try (var worker = Workers.PYTHON.start()) {
      worker.send(
          "{\"op\":\"load\",\"path\":\"%s\",\"entry\":\"manyhands_worker:f\"}".formatted(bundle));
      assertThat(worker.next().op()).isEqualTo("loaded");
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[1]").values()).isEqualTo("[\"worker\"]");
    }
  }

  private static List<String> pythonModules() throws IOException {
    try (var files = Files.list(Path.of("src/main/python/manyhands_worker"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".py"))
          .map(name -> name.replace(".py", ""))
          .toList();
    }
  }

  /** A spawned process runs the main program of its parent once more, by another name. */
  @Test
  void processesOfASpawnedPoolRunWhatTheyAreGiven(@TempDir Path bundle) throws Exception {
    Files.writeString(
        bundle.resolve("shared.py"),
        """
        import multiprocessing
        def double(x):
            return 2 * x
        def f(x):
            with multiprocessing.get_context('spawn').Pool(1) as pool:
                return pool.map(double, [x, x + 1])
        """);
    try (var worker = Workers.PYTHON.start()) {
      worker.send("{\"op\":\"load\",\"path\":\"%s\",\"entry\":\"shared:f\"}".formatted(bundle));
      assertThat(worker.next().op()).isEqualTo("loaded");
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[1]").values()).isEqualTo("[[2,4]]");
    }
  }

  /** It is waited for, so that all that it does is done before its parent goes on. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          2 | pass                      | ``
          2 | raise ValueError          | ``
          2 | import sys; sys.exit(7)   | ``
          9 | pass                      | ``
          9 | raise ValueError          | ``
          2 | pass                      | ,"threads":3
          2 | raise ValueError          | ,"threads":3
          9 | raise Failing             | ,"threads":3
          2 | raise Failing             | ``
          2 | pass                      | ,"match":"falsy","reduce":"find"
          2 | pass                      | ,"match":"equals","equals":-1
          2 | pass                      | ,"seed":7
          """)
  void aForkedProcessRunsNoMoreItems(int forking, String end, String header) throws Exception {
    String code =
        """
        import manyhands, os
        class Failing(Exception):
            def __str__(self):
                return 'unlucky'
        def f(x):
            with open(os.environ['TMPDIR'] + '/calls', 'a') as calls:
                calls.write('%%d ' %% x)
            if x == %d:
                child = os.fork()
                if child == 0:
                    %s
                elif os.waitpid(child, 0)[1] != 0:
                    raise ValueError('the forked process has failed')
            return 1 + manyhands.item_index()
        """
            .formatted(forking, end);
    try (var worker = Workers.python(code)) {
      worker.send(MAP.replace("}", header + "}"));
      var answer = worker.run(1, 0, "[0,1,2,3,4,5,6,7,8,9]");
      assertThat(answer.errors()).isEmpty();
      if (!header.contains("reduce")) {
        assertThat(answer.values()).isEqualTo("[1,2,3,4,5,6,7,8,9,10]");
      }
      assertThat(calls(worker)).hasSize(10).doesNotHaveDuplicates();
      assertThat(worker.run(2, 10, "[10,11]").errors()).isEmpty();
      assertThat(calls(worker)).hasSize(12).doesNotHaveDuplicates();
    }
  }

  private static List<String> calls(WorkerProcess worker) throws Exception {
    return List.of(Files.readString(worker.directory().resolve("calls")).strip().split(" "));
  }

  /** An exception that forks while its message is asked for. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void whatForksBehindItsItemRunsNoMoreEither(int threads) throws Exception {
    String code =
        """
        import os
        class Forking(Exception):
            def __str__(self):
                child = os.fork()
                if child: os.waitpid(child, 0)
                return 'forked'
        def f(x):
            with open(os.environ['TMPDIR'] + '/calls', 'a') as calls:
                calls.write('%d ' % x)
            if x == 2: raise Forking
            return x
        """;
    try (var worker = Workers.python(code)) {
      worker.send(MAP.replace("}", ",\"threads\":" + threads + "}"));
      assertThat(worker.run(1, 0, "[0,1,2,3,4,5]").values()).isEqualTo("[0,1,null,3,4,5]");
      assertThat(calls(worker)).hasSize(6).doesNotHaveDuplicates();
    }
  }

  /** The child opens files where the pipes were. */
  @ParameterizedTest
  @ValueSource(strings = {"pass", "raise ValueError"})
  void aProcessThatIsForkedByTheModuleDoesNotAnswer(String end) throws Exception {
    String code =
        """
        import os
        name = os.environ['TMPDIR'] + '/calls'
        child = os.fork()
        if child == 0:
            files = [open(name, 'a') for _ in range(300)]
            %s
        else:
            os.waitpid(child, 0)
        def f(x):
            with open(name, 'a') as calls: calls.write('%%d ' %% x)
            return x
        """
            .formatted(end);
    try (var worker = Workers.python(code)) {
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[0,1]").values()).isEqualTo("[0,1]");
      assertThat(calls(worker)).containsExactly("0", "1");
    }
  }

  @Test
  void processesOfAPoolRunWhatTheyAreGiven() throws Exception {
    String code =
        """
        import manyhands, multiprocessing
        def work(x):
            return [2 * x, manyhands.stopped()]
        def f(x):
            with multiprocessing.get_context('fork').Pool(2) as pool:
                return pool.map(work, [x, x + 1])
        """;
    try (var worker = Workers.python(code)) {
      worker.send(MAP);
      assertThat(worker.run(1, 0, "[0,1]").values())
          .isEqualTo("[[[0,false],[2,false]],[[2,false],[4,false]]]");
    }
  }

  @Test
  void printsGoToStderrBeforeTheOutcomes() throws Exception {
    try (var worker = Workers.python("def f(x): print('item', x, end='')")) {
      worker.send(MAP);
      worker.run(1, 0, "[1]");
      assertThat(worker.stderr()).contains("item 1");
    }
  }

  @Test
  void whatIsPrintedIsMarkedWithItsItem() throws Exception {
    String code =
        """
        import os, sys
        print('loaded')
        def f(x):
            print('out', x, end='')
            print('err', x, file=sys.stderr)
            os.write(2, b'raw\\n')
            if x == 1 and os.fork() == 0:
                print('child')
                os._exit(0)
            if x == 1: os.wait()
        """;
    try (var worker = Workers.python(code)) {
      worker.send(MAP);
      worker.run(7, 16, "[0,1]");
      assertThat(worker.stderr().replace('\u001e', '^'))
          .isEqualTo(
              """
              loaded
              ^7 16
              err 0
              ^
              raw
              ^7 16
              out 0^
              ^7 17
              err 1
              ^
              raw
              ^7 17
              out 1child
              ^
              ^7 17
              out 1^
              """);
    }
  }

  @Test
  void aLongErrorHasTheBeginningOfItsMessageAndTheEndOfItsTraceback() throws Exception {
    try (var worker = Workers.python("def f(x): raise ValueError('é' * x + 'end')")) {
      worker.send(MAP);
      var answer = worker.run(1, 0, "[12000,40000]");
      assertThat(answer.error(0).path("message").asString()).hasSize(12_003).endsWith("éend");
      String message = answer.error(1).path("message").asString();
      String traceback = answer.error(1).path("traceback").asString();
      assertThat(message).startsWith("éé").endsWith("é…");
      assertThat(message.getBytes(UTF_8)).hasSizeBetween(32_760, 32_768);
      assertThat(traceback).startsWith("…é").endsWith("éend\n");
      assertThat(traceback.getBytes(UTF_8)).hasSizeBetween(32_760, 32_768);
    }
  }

  @Test
  void framesAreSplitAtTheirLimit() throws Exception {
    try (var worker = Workers.python("def f(x): return 'x' * 15000 if x else [0, 1 / 0]")) {
      worker.send(MAP);
      var items = "[" + String.join(",", Collections.nCopies(50, "1,0")) + "]";
      var answer = worker.run(1, 0, items);
      assertThat(answer.errors()).hasSize(50);
      assertThat(answer.frames())
          .hasSizeGreaterThan(3)
          .allSatisfy(
              frame -> assertThat(frame.bytes()).isLessThanOrEqualTo(Workers.MAX_FRAME_BYTES));
    }
  }

  @Test
  void aReportTellsTheMostMemoryThatItsItemsHeld() throws Exception {
    try (var worker = Workers.python("def f(x): return len(bytearray(x))")) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}");
      long large = peak(worker.run(1, 0, "[10,100000000,10]"));
      worker.send("{\"op\":\"job\",\"job\":\"b\",\"call\":\"map\"}");
      long small = peak(worker.run(2, 0, "[10]"));
      assertThat(large).isBetween(100_000_000L, 200_000_000L);
      assertThat(small).isBetween(1_000_000L, 60_000_000L);
    }
  }

  /** Peaks that are not read anew must be true as well. */
  @Test
  void tinyJobsAfterALargeResultReportWhatTheyHold() throws Exception {
    String code =
        "kept = []\ndef f(x):\n    if x < 0: kept.append(bytearray(-x))\n"
            + "    return 'x' * x if x > 0 else None";
    try (var worker = Workers.python(code)) {
      var peaks = new ArrayList<Long>();
      for (String items : List.of("[0]", "[0]", "[12000000]", "[0]", "[0]", "[-60000000]", "[0]")) {
        worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}");
        peaks.add(peak(worker.run(peaks.size() + 1L, 0, items)));
      }
      long alone = peaks.get(1);
      assertThat(peaks.get(2)).isGreaterThan(alone + 24_000_000); // the result, and its frame
      assertThat(peaks.get(4)).isBetween(alone - 2_000_000, alone + 16_000_000);
      assertThat(peaks.get(5)).isGreaterThan(alone + 55_000_000);
      assertThat(peaks.get(6)).isGreaterThan(alone + 55_000_000);
    }
  }

  @Test
  void aReportSaysForHowLongItsItemsHadAProcessor() throws Exception {
    String code =
        "import time\ndef f(x):\n    end = time.process_time() + x\n"
            + "    while time.process_time() < end: pass\n    time.sleep(0.05)";
    try (var worker = Workers.python(code)) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\"}");
      var waits = worker.run(1, 0, "[0,0]").frames().getLast().header();
      var computes = worker.run(2, 0, "[0.1]").frames().getLast().header();
      assertThat(waits.path("run").asDouble()).isGreaterThanOrEqualTo(0.1);
      assertThat(waits.path("cpu").asDouble()).isLessThan(0.1);
      assertThat(computes.path("cpu").asDouble()).isGreaterThanOrEqualTo(0.1);
    }
  }

  private static long peak(WorkerProcess.Answer answer) {
    return answer.frames().getFirst().header().path("rss").asLong();
  }

  @Test
  void aLongChunkIsReportedInParts() throws Exception {
    String busy =
        "import time\ndef f(x):\n  end = time.time() + .4\n  while time.time() < end: pass";
    try (var worker = Workers.python(busy)) {
      worker.send(MAP);
      var answer = worker.run(1, 0, "[0,0,0,0]");
      assertThat(answer.frames()).hasSizeGreaterThan(1);
      double run =
          answer.frames().stream().mapToDouble(f -> f.header().path("run").asDouble()).sum();
      assertThat(run).isGreaterThan(1.6);
    }
  }

  @Test
  void anItemDrawsTheSameNumbersWhenItIsTriedAgainAndOnlyThoseOfItsJob() throws Exception {
    String code = "import manyhands\ndef f(x): return manyhands.rng().random()";
    try (var worker = Workers.python(code)) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\",\"seed\":42}");
      String first = worker.run(1, 0, "[0]").values();
      assertThat(worker.run(2, 0, "[0]").values()).isEqualTo(first);
      worker.send("{\"op\":\"job\",\"job\":\"b\",\"call\":\"map\",\"seed\":43}");
      String other = worker.run(3, 0, "[0]").values();
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\",\"seed\":42}");
      assertThat(worker.run(4, 0, "[0]").values()).isEqualTo(first).isNotEqualTo(other);
    }
  }

  @Test
  void aSeedGivesTheSameNumbersForAnyChunking() throws Exception {
    String code =
        """
        import random, manyhands
        def f(x):
            return [random.random(), manyhands.rng().random(), manyhands.item_index()]
        """;
    String together;
    try (var worker = Workers.python(code)) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\",\"seed\":42}");
      together = worker.run(1, 0, "[0,0,0,0]").values();
    }
    try (var worker = Workers.python(code)) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\",\"seed\":42}");
      String last = worker.run(1, 2, "[0,0]").values();
      String first = worker.run(2, 0, "[0,0]").values();
      assertThat(joined(first, last)).isEqualTo(together);
      worker.send("{\"op\":\"job\",\"job\":\"b\",\"call\":\"map\",\"seed\":-42}");
      assertThat(worker.run(3, 0, "[0,0,0,0]").values()).isNotEqualTo(together);
      worker.send(MAP);
      assertThat(worker.run(4, 0, "[0,0,0,0]").values()).isNotEqualTo(together);
    }
  }

  /** Otherwise each run of a job with a seed would fix the numbers of the jobs after it. */
  @ParameterizedTest
  @ValueSource(strings = {"random", "numpy.random"})
  void theSeedOfAJobDoesNotDecideTheNumbersOfTheNext(String module) throws Exception {
    String code =
        """
        def f(x):
            try:
                import %s as module
            except ImportError:
                import random as module
            return module.random()
        """
            .formatted(module);
    var numbers = new ArrayList<String>();
    try (var worker = Workers.python(code)) {
      for (int i = 0; i < 4; i += 2) {
        worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\",\"seed\":42}");
        worker.run(i, 0, "[0]").values();
        worker.send(MAP);
        numbers.add(worker.run(i + 1, 0, "[0]").values());
      }
    }
    assertThat(numbers).doesNotHaveDuplicates();
  }

  /**
   * Both are Mersenne Twisters: with one seed for both, a simulation would use each number twice.
   */
  @Test
  void numpyDrawsOtherNumbersThanRandom() throws Exception {
    String code =
        """
        import random, manyhands
        def f(x):
            try:
                import numpy
            except ImportError:
                return 3
            mine = [random.random(), manyhands.rng().random(), float(numpy.random.random())]
            return len(set(mine))
        """;
    try (var worker = Workers.python(code)) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\",\"seed\":7}");
      assertThat(worker.run(1, 0, "[0,0,0]").values()).isEqualTo("[3,3,3]");
    }
  }

  @Test
  void numpyIsSeededEvenWhenAnItemImportsIt() throws Exception {
    String code =
        """
        def f(x):
            try:
                import numpy
            except ImportError:
                return 'no numpy'
            return numpy.random.random()
        """;
    String together;
    try (var worker = Workers.python(code)) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\",\"seed\":-1}");
      together = worker.run(1, 0, "[0,0]").values();
    }
    try (var worker = Workers.python(code)) {
      worker.send("{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\",\"seed\":-1}");
      String last = worker.run(1, 1, "[0]").values();
      assertThat(joined(worker.run(2, 0, "[0]").values(), last)).isEqualTo(together);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "import os; os._exit(9)",
        "import os; os.abort()",
        "import ctypes; ctypes.string_at(0)"
      })
  void aCrashLeavesItsItemOnThePage(String statement) throws Exception {
    try (var worker = Workers.python("def f(x):\n  if x:\n    " + statement)) {
      worker.send(MAP);
      worker.sendChunk(1, 40, 3, "[0,1,0]");
      assertThat(worker.exitCode()).isNotZero();
      assertThat(worker.word(ITEM)).isEqualTo(41);
    }
  }

  @Test
  void anItemThatCannotBeDecodedFailsAlone() throws Exception {
    try (var worker = Workers.python("def f(x): return x")) {
      worker.send(MAP);
      String deep = "[".repeat(100_000) + "]".repeat(100_000);
      worker.sendChunk(1, 0, 3, "[1," + deep + ",\"],[\\\"\"]");
      var answer = worker.answer(1, 0);
      assertThat(answer.values()).isEqualTo("[1,null,\"],[\\\"\"]");
      assertThat(answer.error(1).path("message").asString()).contains("cannot be decoded");
    }
  }

  @Test
  void numbersOfAnySizeComeThrough() throws Exception {
    try (var worker = Workers.python("def f(x): return x")) {
      worker.send(MAP);
      for (String items : List.of("[" + "9".repeat(10_000) + "]", "[1e-300,-0.0,0.1]")) {
        assertThat(worker.run(1, 0, items).values()).isEqualTo(items);
      }
    }
  }

  private static String joined(String first, String second) {
    return first.substring(0, first.length() - 1) + "," + second.substring(1);
  }
}
