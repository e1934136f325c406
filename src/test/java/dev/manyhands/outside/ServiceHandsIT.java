package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static dev.manyhands.outside.Service.quote;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Functions that want the service itself to do harm: by what the service does with files, processes
 * and memory of theirs.
 */
class ServiceHandsIT {
  /**
   * Leaves a process that is hard to find. In its tree, a directory and a link to the service's
   * data are swapped until the tree is gone.
   */
  private static final String SWAPPER =
      """
      import os, subprocess, sys, time
      SCRIPT = '''
      import ctypes, os, sys, time
      swap = ctypes.CDLL(None).renameat2
      tree = os.open(sys.argv[1], os.O_RDONLY)
      open(sys.argv[1] + "/../ready", "w").close()
      end = time.time() + 60
      while time.time() < end and os.fstat(tree).st_nlink and not os.path.exists(sys.argv[2]):
          for i in range(1000): swap(tree, b"directory", tree, b"link", 2)
      '''
      def f(x):
          tree = os.getcwd() + "/tree"
          os.makedirs(tree + "/directory/inner")
          for i in range(300): open(tree + "/directory/" + str(i), "w").close()
          os.symlink(DATA, tree + "/link")
          subprocess.Popen([sys.executable, "-c", SCRIPT, tree, OVER], cwd="/", env={},
              start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
              stderr=subprocess.DEVNULL)
          while not os.path.exists("ready"): time.sleep(0.001)
          while x == "hang": time.sleep(1)
          os._exit(3)
      """;

  private static final String NAMED =
      """
      import ctypes, os
      def f(x):
          ctypes.CDLL(None).prctl(15, b"\\xff\\xfe", 0, 0, 0)
          end = os.times().user + 30
          while os.times().user < end: pass
      """;

  @TempDir private Path signals;

  @BeforeAll
  static void need() {
    Requirements.python();
  }

  @AfterEach
  void endSwappers() throws IOException {
    Files.createFile(signals.resolve("over"));
  }

  private JobBuilder swapper(Service service) {
    String constants =
        "DATA = %s\nOVER = %s\n"
            .formatted(
                quote(service.directory.resolve("data").toString()),
                quote(signals.resolve("over").toString()));
    return service.job().python(constants + SWAPPER);
  }

  @ParameterizedTest
  @EnumSource
  void linksThatAreSwappedInLeadTheServiceNowhere(Level level) throws Exception {
    // For functions of another user, who look whether the test is over.
    Files.setPosixFilePermissions(signals, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (var service = level.start()) {
      Path data = service.directory.resolve("data");
      String kept =
          service.job().python("def f(x):\n  print(x)\n  return x").inputs(1, 2).run().id();
      Awaitility.await().until(() -> logs(data).stream().anyMatch(log -> log.endsWith(kept)));
      List<String> before = content(data);
      var mode = Files.getPosixFilePermissions(data);
      assertThat(before).contains("manyhands.db", "lock", "bundles", "logs");
      var crashed = swapper(service).inputs(1, 2, 3, 4, 5, 6).maxFailures(6).retryCrash(1).run();
      assertThat(crashed).hasFailed(6);
      Awaitility.await("the directories of those workers are gone")
          .atMost(Duration.ofSeconds(30))
          .until(() -> leftBehind(service, data).isEmpty());
      assertThat(content(data)).containsAll(before);
      assertThat(logs(data)).anyMatch(log -> log.endsWith(kept));

      var hanging = swapper(service).inputs("hang").submit();
      Awaitility.await().until(() -> isReady(data));
      service.killMinus9();
      try (var again = service.again()) {
        hanging.on(again).cancelled();
        assertThat(content(data)).containsAll(before);
        assertThat(Files.getPosixFilePermissions(data)).isEqualTo(mode);
        assertThat(again.results(kept)).hasSize(2);
        var after = again.job().python("def f(x): return x").inputs(3).run();
        assertThat(after).hasState(SUCCEEDED);
      }
    }
  }

  /** Names in the data directory, but those in scratch. */
  private static List<String> content(Path data) throws IOException {
    try (var files = Files.find(data, 2, (file, attributes) -> !file.equals(data))) {
      return files
          .map(file -> data.relativize(file).toString())
          .filter(name -> !name.startsWith("scratch"))
          .filter(name -> !name.endsWith("-wal") && !name.endsWith("-shm"))
          .sorted()
          .toList();
    }
  }

  /** The logs of jobs, each in the directory of its database. */
  private static List<Path> logs(Path data) throws IOException {
    Path directory = data.resolve("logs");
    if (!Files.exists(directory)) {
      return List.of();
    }
    try (var logs = Files.walk(directory)) {
      return logs.toList();
    }
  }

  /** Directories of workers that are gone. */
  private static List<Path> leftBehind(Service service, Path data) throws IOException {
    List<Path> left = directoriesOf(data);
    for (JsonNode worker : service.get("/api/v1/workers").json().get("workers")) {
      left.removeIf(own -> own.endsWith("worker-" + worker.get("id").asString()));
    }
    return left;
  }

  private static List<Path> directoriesOf(Path data) throws IOException {
    var found = new ArrayList<Path>();
    try (var workers = Files.newDirectoryStream(data.resolve("scratch"), "worker-*")) {
      workers.forEach(found::add);
    }
    return found;
  }

  private static boolean isReady(Path data) throws IOException {
    return directoriesOf(data).stream().anyMatch(own -> Files.exists(own.resolve("home/ready")));
  }

  /** Functions run as the user whose files these are. */
  @ParameterizedTest
  @ValueSource(strings = {"none", "process"})
  void filesThatTheServiceHasMappedAreNotThereToBeCutShort(String sandbox) throws Exception {
    String code =
        """
        import glob, os
        def f(pattern):
            cut = []
            for name in glob.glob(pattern):
                os.truncate(name, 0)
                cut.append(name)
            return cut
        """;
    Path home = Service.newDirectory();
    try (var service = Service.startJar(home, "--manyhands.workers.sandbox=" + sandbox)) {
      var mapped = new TreeSet<String>();
      for (String line : Files.readAllLines(Path.of("/proc/" + service.pid() + "/maps"))) {
        if (line.contains(" /tmp/") && !line.endsWith(" (deleted)")) {
          mapped.add(line.substring(line.indexOf(" /tmp/") + 1));
        }
      }
      assertThat(mapped).as("what is mapped of /tmp").isEmpty();
      String counters = "/tmp/hsperfdata_*/" + service.pid();
      var job = service.job().python(code).inputs(counters).run();
      assertThat(job).hasState(SUCCEEDED);
      assertThat(job.result().get(0)).isEmpty();
      // The JVM counts twenty times a second.
      var next = service.job().python("def f(x): return x").inputs(1, 2).run();
      assertThat(next).hasState(SUCCEEDED);
    }
  }

  @Test
  void aNameThatIsNoTextHidesNoProcessFromTheWatch() throws Exception {
    try (var service = Service.start(Service.newDirectory())) {
      var job =
          service.job().python(NAMED).inputs(1).cpuTimeout(1).maxFailures(1).retryTimeout(1).run();
      assertThat(job).hasErrorAt(0, "CpuTimeout");
    }
  }
}
