package dev.manyhands.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** The workers that speak the protocol, and how each learns which function to run. */
enum Workers {
  PYTHON,
  JAVA,
  PERL;

  static final int MAX_RESULT_BYTES = 20_000;
  static final int MAX_FRAME_BYTES = 200_000;

  private static final String PYTHON_START = "src/main/python/manyhands_worker/start.py";

  /** Started, and `ready`. */
  WorkerProcess start() throws IOException {
    return ready(WorkerProcess.start(command()));
  }

  /** Started with this {@code TMPDIR}, and `ready`. */
  WorkerProcess start(Path home) throws IOException {
    return ready(WorkerProcess.start(command(), home));
  }

  private static WorkerProcess ready(WorkerProcess worker) {
    var ready = worker.next();
    if (!ready.op().equals("ready") || ready.header().path("protocol").asInt() != 1) {
      throw new AssertionError("not ready: " + ready);
    }
    return worker;
  }

  private List<String> command() {
    return switch (this) {
      case PYTHON -> List.of(program("python3"), "-s", PYTHON_START);
      case PERL -> List.of(program("perl"), "src/test/workers/worker.pl");
      case JAVA ->
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-XX:+UseSerialGC",
              "-Xmx128m",
              "-cp",
              "target/classes/manyhands/java/manyhands-worker.jar"
                  + File.pathSeparator
                  + "target/test-classes",
              WorkerMain.class.getName());
    };
  }

  private static String program(String name) {
    boolean found =
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(directory -> new File(directory, name).canExecute());
    assumeTrue(found, () -> "SKIPPED, AND THE WORKER IS NOT TESTED: there is no " + name);
    return name;
  }

  /** A Python worker that has loaded a function {@code f}. */
  static WorkerProcess python(String code) throws IOException {
    return python(code, "f");
  }

  static WorkerProcess python(String code, String entry) throws IOException {
    var worker = PYTHON.start();
    worker.send(loadPython(code, entry));
    return loaded(worker);
  }

  /** A Python worker with a function {@code f}, whose values and locks are in this file. */
  static WorkerProcess pythonSharing(Path shared, String code) throws IOException {
    var worker = ready(WorkerProcess.startSharing(PYTHON.command(), shared));
    worker.send(loadPython(code, "f"));
    return loaded(worker);
  }

  /** A Python worker of another interpreter, with a function {@code f}. */
  static WorkerProcess pythonOf(String interpreter, String code) throws IOException {
    var worker = ready(WorkerProcess.start(List.of(interpreter, "-s", PYTHON_START)));
    worker.send(loadPython(code, "f"));
    return loaded(worker);
  }

  static String loadPython(String code, String entry) {
    String text = JsonMapper.shared().writeValueAsString(code);
    return load("\"code\":" + text + ",\"entry\":\"" + entry + "\"");
  }

  static WorkerProcess java(Class<?> function) throws IOException {
    return java(function.getName());
  }

  /** A Java worker with this function, whose values and locks are in this file. */
  static WorkerProcess javaSharing(Path shared, Class<?> function) throws IOException {
    var worker = ready(WorkerProcess.startSharing(JAVA.command(), shared));
    worker.send(loadJava(function.getName()));
    return loaded(worker);
  }

  static WorkerProcess java(String className) throws IOException {
    var worker = JAVA.start();
    worker.send(loadJava(className));
    return loaded(worker);
  }

  static String loadJava(String className) {
    return load("\"class\":\"" + className + "\"");
  }

  private static String load(String what) {
    return "{\"op\":\"load\",\"maxResultBytes\":%d,\"maxFrameBytes\":%d,%s}"
        .formatted(MAX_RESULT_BYTES, MAX_FRAME_BYTES, what);
  }

  /** A worker of this kind that doubles numbers; some wait in item -1 until they are stopped. */
  WorkerProcess doubling() throws IOException {
    return switch (this) {
      case PYTHON ->
          python(
              """
              import manyhands
              def f(x):
                  while x < 0 and not manyhands.stopped():
                      pass
                  return 2 * x
              """);
      case JAVA -> java(TestFunctions.Twice.class);
      case PERL -> {
        var worker = PERL.start();
        worker.send(load("\"runtime\":\"command\""));
        yield loaded(worker);
      }
    };
  }

  /** A worker of this kind that gives items back, and fails long-windedly at {@code "fail"}. */
  WorkerProcess echo() throws IOException {
    return this == JAVA
        ? java(TestFunctions.Echo.class)
        : python(
            """
            def f(x):
                if x == 'fail': raise ValueError('x' * 12000)
                return x
            """);
  }

  /** A worker of this kind that grants wishes, see {@link TestFunctions.Wishes}. */
  WorkerProcess wishes() throws IOException {
    return this == JAVA ? java(TestFunctions.Wishes.class) : python(WISHES);
  }

  private static final String WISHES =
      """
      import collections, manyhands, os, random, threading, time
      barriers = collections.defaultdict(lambda: threading.Barrier(4))
      def f(wish):
          if wish.startswith('meet'):
              barriers[wish].wait(60)
          elif wish == 'thread':
              barriers[wish].wait(60)
              return threading.get_ident()
          elif wish == 'nap':
              time.sleep(random.random() / 50)
          elif wish in ('hold', 'hold2'):
              while not os.path.exists(os.environ['TMPDIR'] + '/go' + wish[4:]):
                  time.sleep(.001)
          elif wish == 'spin':
              while not manyhands.stopped():
                  time.sleep(.001)
          elif wish == 'crash':
              f('hold')
              os._exit(9)
          elif wish == 'fail':
              f('nap')
              raise ValueError('on purpose')
          elif wish == 'oom':
              raise MemoryError('heap')
          elif wish == 'object':
              return threading
          elif wish == 'nan':
              return float('nan')
          elif wish == 'large':
              return 'x' * 10_000
          elif wish == 'huge':
              return 'x' * 20_000
          elif wish == 'random':
              f('nap')
              rng = manyhands.rng()
              return [rng.random(), rng.getrandbits(48), manyhands.rng() is rng]
          elif wish == 'list':
              f('nap')
              return [manyhands.item_index(), {'wish': wish}]
          elif wish == 'index':
              f('nap')
              return manyhands.item_index()
          return wish
      """;

  private static WorkerProcess loaded(WorkerProcess worker) {
    var frame = worker.next();
    if (!frame.op().equals("loaded")) {
      throw new AssertionError("not loaded: " + frame);
    }
    return worker;
  }
}
