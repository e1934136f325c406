package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Ordinary programs work in each sandbox. Functions may still change themselves and the processes
 * that they have started.
 */
class OrdinaryProgramsIT {
  /** The one that a system's packages of Python libraries are for. */
  private static final String PYTHON = "/usr/bin/python3";

  private static final String SOURCE =
      """
      import asyncio, multiprocessing, os, resource, subprocess, threading

      def shell(script):
          return subprocess.run(["sh", "-ec", script], capture_output=True, text=True, check=True).stdout

      def numpy_threads():
          for library in ("OMP", "OPENBLAS", "MKL", "BLIS"):
              os.environ[library + "_NUM_THREADS"] = "2"
          import numpy
          square = numpy.ones((300, 300))
          return int((square @ square).sum())

      def openmp_with_numpy():
          import ctypes, numpy
          openmp = ctypes.CDLL("libgomp.so.1")
          rows, sums, threads = numpy.ones((4, 1000)), [0] * 4, set()

          @ctypes.CFUNCTYPE(None, ctypes.c_void_p)
          def part(_):
              number = openmp.omp_get_thread_num()
              threads.add(threading.get_native_id())
              sums[number] = int(rows[number].sum())

          openmp.GOMP_parallel(part, None, 4, 0)
          return [len(threads), sum(sums)]

      def asyncio_subprocesses():
          async def both():
              async def one(text):
                  process = await asyncio.create_subprocess_exec("echo", text, stdout=subprocess.PIPE)
                  return (await process.communicate())[0].decode()
              return "".join(await asyncio.gather(one("a"), one("b")))
          return asyncio.run(both())

      def double(x):
          import manyhands
          return None if manyhands.stopped() else 2 * x

      def pool(method, function=abs):
          with multiprocessing.get_context(method).Pool(2) as pool:
              return pool.map(function, [-1, -2])

      def psutil_on_itself():
          import psutil
          me = psutil.Process()
          looks = (me.nice, me.ionice, me.cpu_affinity, me.memory_maps, me.open_files, me.environ, me.threads)
          for look in looks:
              look()
          return me.rlimit(psutil.RLIMIT_NOFILE) == resource.getrlimit(resource.RLIMIT_NOFILE)

      def nice():
          return os.nice(1) == os.getpriority(os.PRIO_PROCESS, 0)

      def own_limits():
          soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
          resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 1, hard))
          return soft - resource.getrlimit(resource.RLIMIT_NOFILE)[0]

      def own_processors():
          some = {min(os.sched_getaffinity(0))}
          os.sched_setaffinity(0, some)
          return os.sched_getaffinity(0) == some

      def own_policy():
          os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
          return os.sched_getscheduler(0) == os.SCHED_BATCH

      def name_of_a_thread():
          names = []
          def look():
              with open("/proc/thread-self/comm") as file: names.append(file.read())
          thread = threading.Thread(target=look)
          thread.start()
          thread.join()
          return len(names)

      WAYS = {
          "numpy": numpy_threads,
          "openmp": openmp_with_numpy,
          "asyncio": asyncio_subprocesses,
          "fork": lambda: pool("fork"),
          "spawn": lambda: pool("spawn"),
          "spawn double": lambda: pool("spawn", double),
          "forkserver double": lambda: pool("forkserver", double),
          "psutil": psutil_on_itself,
          "nice": nice,
          "limits": own_limits,
          "processors": own_processors,
          "policy": own_policy,
          "thread": name_of_a_thread,
          "util-linux": lambda: shell(
              "taskset 1 true; ionice -c 3 true; chrt -b 0 true; prlimit --core=0 true; nice true; echo ok"),
          "coreutils": lambda: shell("timeout 5 true; sleep 60 & kill $!; echo ok"),
          "devices": lambda: shell("echo a > /dev/stdout; echo b > /proc/self/fd/1; echo c > /dev/null"),
          "perl": lambda: shell("perl -e '$0 = \\"x\\"; setpriority(0, 0, 9); print `echo p`'"),
      }

      def run(way):
          return WAYS[way]()
      """;

  private Service service;

  @BeforeAll
  static void needs() {
    Requirements.landlock(3);
    Requirements.perl();
    Requirements.pythonModule(PYTHON, "numpy");
    Requirements.pythonModule(PYTHON, "psutil");
    Requirements.openMp();
  }

  @AfterEach
  void stop() {
    if (service != null) {
      service.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "namespace"})
  void theyGoOn(String sandbox) throws IOException {
    if (sandbox.equals("namespace")) {
      Requirements.bubblewrap();
    }
    service =
        Service.start(
            Files.createDirectories(Service.newDirectory().resolve("d".repeat(80))),
            "--manyhands.workers.sandbox=" + sandbox,
            "--manyhands.python.interpreter=" + PYTHON);
    var expected =
        List.of(
            "numpy: 27000000",
            "openmp: [4,4000]",
            "asyncio: \"a\\nb\\n\"",
            "fork: [1,2]",
            "spawn: [1,2]",
            "spawn double: [-2,-4]",
            "forkserver double: [-2,-4]",
            "psutil: true",
            "nice: true",
            "limits: 1",
            "processors: true",
            "policy: true",
            "thread: 1",
            "util-linux: \"ok\\n\"",
            "coreutils: \"ok\\n\"",
            "devices: \"a\\nb\\n\"",
            "perl: \"p\\n\"");
    List<String> ways = expected.stream().map(line -> line.split(":")[0]).toList();
    var job = service.job().python(SOURCE, "run").inputs(ways.toArray()).maxFailures("100%").run();
    var found = new ArrayList<String>();
    List<JsonNode> values = job.results();
    for (int i = 0; i < ways.size(); i++) {
      found.add(ways.get(i) + ": " + values.get(i));
    }
    assertThat(found).as("%s", job.page()).isEqualTo(expected);
    var java = service.job().named("check_prime").range(1000).reduce("sum").run();
    assertThat(java).hasResult(168);
  }
}
