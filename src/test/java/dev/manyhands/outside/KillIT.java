package dev.manyhands.outside;

import static dev.manyhands.outside.Service.quote;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * No process that a function has started survives its worker, however the function hides it, and no
 * file of it remains.
 */
@RunningService("manyhands.workers.slots=2")
class KillIT {
  /**
   * A family of processes that resist their end. They ignore SIGTERM, write to scratch and shared
   * memory, and hold all pipes. Each makes a file whose name is its number. If they are not killed,
   * they end after a minute.
   */
  private static final String FAMILY =
      """
      import ctypes, os, signal, subprocess, sys, time
      PIDS = %s
      HOME = os.getcwd()

      def stay():
          signal.signal(signal.SIGTERM, signal.SIG_IGN)
          signal.signal(signal.SIGHUP, signal.SIG_IGN)
          name = str(os.getpid())
          open(os.path.join(PIDS, name), "w").close()
          end = time.time() + 60
          while time.time() < end:
              with open(os.path.join(HOME, "junk-" + name), "a") as junk: junk.write("x")
              with open(os.path.join("/dev/shm", "manyhands-test-" + name), "w") as junk: junk.write("x")
              time.sleep(0.01)
          os._exit(0)

      def child():
          if os.fork() == 0: stay()

      def grandchild():
          if os.fork() == 0:
              if os.fork() == 0: stay()
              stay()

      def leader():
          if os.fork() == 0:
              os.setsid()
              stay()

      def daemon():
          if os.fork() == 0:
              os.setsid()
              if os.fork() == 0:
                  os.chdir("/")
                  stay()
              os._exit(0)
          os.wait()

      def cleaned():
          script = "import os, time; open(%%r + '/' + str(os.getpid()), 'w').close(); time.sleep(60)" %% PIDS
          subprocess.Popen([sys.executable, "-c", script], env={}, start_new_session=True)

      def f(x):
          child(); grandchild(); leader(); daemon(); cleaned()
          while len(os.listdir(PIDS)) < MEMBERS: time.sleep(0.005)
          if x == "die": os._exit(3)
          if x == "return": return x
          signal.signal(signal.SIGTERM, signal.SIG_IGN)
          while True: pass

      MEMBERS = 6
      """;

  private static final int MEMBERS = 6;
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  /** For tests that do not end it. */
  private final Service service;

  @TempDir private Path directories;

  KillIT(Service service) {
    this.service = service;
  }

  @BeforeAll
  static void need() {
    assumeTrue(Files.isDirectory(Path.of("/proc/self")), "there is no /proc");
  }

  @AfterEach
  void clearSharedMemory() throws IOException {
    try (var files = Files.newDirectoryStream(SHARED_MEMORY, "manyhands-test-*")) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  @Test
  void nothingLivesOnAfterACancel() throws Exception {
    var pids = newFamily();
    var job = family(service, pids, "hang").submit();
    var family = awaitFamily(pids);
    job.cancelled();
    assertGone(family);
    assertScratchIsClear(service);
  }

  @Test
  void norAfterAnItemThatTookTooLong() throws Exception {
    var pids = newFamily();
    var job = family(service, pids, "hang").itemTimeout(2).submit();
    var family = awaitFamily(pids);
    assertThat(job.await()).hasFailed(1);
    assertGone(family);
    assertScratchIsClear(service);
  }

  @Test
  void norAfterAWorkerThatDied() throws Exception {
    var pids = newFamily();
    var job = family(service, pids, "die").retryCrash(1).submit();
    var family = awaitFamily(pids);
    job.await();
    assertGone(family);
    assertScratchIsClear(service);
  }

  @Test
  void norAfterAGracefulStop() throws Exception {
    var pids = newFamily();
    var doomed = Service.start(Service.newDirectory());
    family(doomed, pids, "return").run();
    var family = awaitFamily(pids);
    assertThat(doomed.terminate()).isEqualTo(143);
    assertGone(family);
    assertThat(workerDirectories(doomed)).isEmpty();
  }

  @Test
  void norAfterTheServiceWasKilledAndIsBack() throws Exception {
    var pids = newFamily();
    var doomed = Service.start(Service.newDirectory());
    var job = family(doomed, pids, "hang").submit();
    var family = awaitFamily(pids);
    doomed.killMinus9();
    try (var again = doomed.again()) {
      assertThat(again.log()).contains("processes that functions of an earlier service had left");
      assertGone(family);
      // The item runs again, and has another family.
      job.on(again).cancelled();
      assertGone(members(pids));
      assertScratchIsClear(again);
    }
  }

  /** At once, and not only when another service starts. */
  @Test
  void aWorkerThatIsBusyEndsWithItsService() throws Exception {
    var pids = newFamily();
    String code =
        "import os\ndef f(x):\n  open(%s + '/' + str(os.getpid()), 'w').close()\n  while True: pass"
            .formatted(quote(pids.toString()));
    var doomed = Service.start(Service.newDirectory());
    doomed.job().python(code).inputs(1).submit();
    var worker = awaitMembers(pids, 1);
    doomed.killMinus9();
    assertGone(worker);
  }

  @Test
  void theThreadThatStartedAWorkerEndsWithIt() throws Exception {
    String code = "import os\ndef f(x): return os.getpid()  # once";
    long pid = service.job().python(code).inputs(1).run().result().get(0).longValue();
    String thread = null;
    for (JsonNode worker : service.get("/api/v1/workers").json().get("workers")) {
      if (worker.get("pid").longValue() == pid) {
        // The system keeps fifteen characters of a name.
        thread =
            ("worker-" + worker.get("id").longValue() + "-parent     ").substring(0, 15).trim();
      }
    }
    assertThat(threadsOf(service)).contains(thread);
    assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    while (threadsOf(service).contains(thread) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(threadsOf(service)).doesNotContain(thread);
  }

  private static List<String> threadsOf(Service service) throws IOException {
    var names = new ArrayList<String>();
    try (var threads = Files.newDirectoryStream(Path.of("/proc/" + service.pid() + "/task"))) {
      for (Path thread : threads) {
        try {
          names.add(Files.readString(thread.resolve("comm")).strip());
        } catch (IOException ended) {
          // Between the list and the look.
        }
      }
    }
    return names;
  }

  /** Three of ten thousand items end their workers, each in its own way. */
  @Test
  void ofManyItemsThoseThatDieAreTheOnlyOnesToFail() throws Exception {
    String code =
        """
        import ctypes, os, signal, sys
        def f(x):
            if x in (2500, 5000, 7500): print("last words of", x, file=sys.stderr, flush=True)
            if x == 2500: os._exit(7)
            if x == 5000: ctypes.string_at(0)
            if x == 7500: os.kill(os.getpid(), signal.SIGKILL)
            return 3 * x
        """;
    var job = service.job().python(code).range(10_000).run();
    assertThat(job).hasSucceeded(9_997);
    var pages = Told.pages(service, job.id(), new Random(1));
    assertThat(pages.errors()).containsOnlyKeys(2500L, 5000L, 7500L);
    assertCrash(pages.errors().get(2500L), "exit 7");
    assertCrash(pages.errors().get(5000L), "SIGSEGV");
    assertCrash(pages.errors().get(7500L), "SIGKILL");
    assertThat(pages.values()).hasSize(9_997);
    pages.values().forEach((index, value) -> assertThat(value.longValue()).isEqualTo(3 * index));
    for (long index : List.of(0, 2499, 2501, 4999, 5001, 7499, 7501, 9999)) {
      JsonNode item = job.item(index);
      assertThat(item.get("attempts").intValue()).as("%s", item).isEqualTo(1);
    }
    assertPoolIsWhole();
  }

  private static void assertCrash(JsonNode error, String type) {
    assertThat(error.get("kind").stringValue()).as("%s", error).isEqualTo("CRASH");
    assertThat(error.get("type").stringValue()).as("%s", error).isEqualTo(type);
    assertThat(error.get("attempts").intValue()).as("%s", error).isEqualTo(2);
    assertThat(error.get("traceback").stringValue())
        .contains("last words of " + error.get("index").intValue());
  }

  /** Every slot has a worker that works, soon. */
  private void assertPoolIsWhole() {
    String gate = quote(directories.resolve("gate").toString());
    String code =
        "import os, time\ndef f(x):\n    while not os.path.exists(%s): time.sleep(0.005)"
            .formatted(gate);
    var job = service.job().python(code).inputs(1, 2).chunk(1).submit();
    try {
      Awaitility.await("two busy workers")
          .atMost(Duration.ofSeconds(60))
          .until(() -> busyWorkers() == 2);
    } finally {
      job.cancelled(); // or the tests after this one have no slots
    }
  }

  private double busyWorkers() {
    return service
        .get("/actuator/prometheus")
        .body()
        .lines()
        .filter(line -> line.startsWith("manyhands_workers{") && line.contains("\"BUSY\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  // ---- families

  private Path newFamily() throws IOException {
    return Files.createTempDirectory(directories, "pids");
  }

  private static JobBuilder family(Service service, Path pids, String then) {
    String code = FAMILY.formatted(quote(pids.toString()));
    return service.job().python(code, "f").inputs(then);
  }

  /** All of the family, once all of them are there. */
  private static List<ProcessHandle> awaitFamily(Path pids) throws IOException {
    return awaitMembers(pids, MEMBERS);
  }

  private static List<ProcessHandle> awaitMembers(Path pids, int members) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    int found = 0;
    while (found < members && System.nanoTime() < deadline) {
      found = Objects.requireNonNull(pids.toFile().list()).length;
    }
    assertThat(found).as("members of the family").isEqualTo(members);
    return members(pids);
  }

  private static List<ProcessHandle> members(Path pids) throws IOException {
    try (var files = Files.list(pids)) {
      return files
          .map(file -> Long.parseLong(file.getFileName().toString()))
          .flatMap(pid -> ProcessHandle.of(pid).stream())
          .toList();
    }
  }

  private static void assertGone(List<ProcessHandle> family) throws Exception {
    for (ProcessHandle member : family) {
      member.onExit().orTimeout(30, TimeUnit.SECONDS).join();
      assertThat(Path.of("/proc/" + member.pid())).as("a zombie").doesNotExist();
    }
  }

  /** There is nothing but what workers have that live. */
  private static void assertScratchIsClear(Service service) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    Set<String> left;
    do {
      left = workerDirectories(service);
      for (JsonNode worker : service.get("/api/v1/workers").json().get("workers")) {
        left.remove("worker-" + worker.get("id").asString());
      }
    } while (!left.isEmpty() && System.nanoTime() < deadline);
    assertThat(left).as("directories of workers that are gone").isEmpty();
  }

  private static Set<String> workerDirectories(Service service) throws IOException {
    try (var files = Files.list(service.directory.resolve("data/scratch"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("worker-"))
          .collect(Collectors.toCollection(HashSet::new));
    }
  }
}
