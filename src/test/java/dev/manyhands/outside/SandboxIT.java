package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Functions that go for the service's own data, in every runtime, in the default sandbox. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SandboxIT {
  private static final String DONE = "done";
  private static final String REFUSED = "refused";
  private static final Duration ONE_MINUTE = Duration.ofMinutes(1);

  private Service service;

  @TempDir private static Path directory;

  @BeforeAll
  void start() throws IOException {
    Requirements.python();
    Requirements.landlock(3);
    // For the tests in which the service runs as another user.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Probe.buildJar(directory);
    service = started(Service.newDirectory(), List.of(), "--manyhands.workers.sandbox=process");
  }

  @AfterAll
  void stop() {
    if (service != null) {
      service.close();
    }
  }

  /** With the jar, and a warm worker beside the one that will probe. */
  private Service started(Path home, List<String> launcher, String... settings) {
    var all = new ArrayList<>(List.of(settings));
    all.add("--manyhands.java.jars=" + directory);
    var started = Service.startBy(launcher, home, all.toArray(String[]::new));
    var beside = started.job().python("def beside(x): return x").inputs(1).run();
    assertThat(beside).hasState(SUCCEEDED);
    return started;
  }

  @Test
  void whatIsInForceIsShown() {
    var limits = service.get("/api/v1/limits").json();
    assertThat(limits.get("sandbox").stringValue()).isEqualTo("process");
    assertThat(limits.get("dataDirectory").stringValue()).isEqualTo("hidden");
    assertThat(service.log())
        .contains("workers run with sandbox=process dataDirectory=hidden")
        .doesNotContain("WARNING");
  }

  @ParameterizedTest
  @EnumSource
  void dataIsNotForFunctions(Probe probe) throws IOException {
    Path data = service.directory.resolve("data");
    assertAll(REFUSED, service, probe, attemptsOn(service, data));
    assertThat(data.resolve("new")).doesNotExist();
    assertThat(data.resolve("lock")).exists();
  }

  private static Path compiledIn(Path data) {
    return data.resolve("scratch/harness/manyhands_worker/compiled");
  }

  /** Also waits until Python workers have their byte code. */
  private List<String> attemptsOn(Service of, Path data) throws IOException {
    var attempts = new ArrayList<String>();
    Awaitility.await().atMost(ONE_MINUTE).until(() -> Files.exists(compiledIn(data)));
    Path link = directory.resolve("link-" + Math.abs(data.hashCode()));
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, data);
    String archive = onlyFileIn(data.resolve("archives"));
    for (String way :
        List.of(
            data.toString(),
            data + "/../" + data.getFileName(),
            "../../..",
            link.toString(),
            "/proc/self/root" + data,
            "/proc/self/cwd/../../..")) {
      attempts.add("list " + way + "/");
      attempts.add("list " + way + "/scratch");
      attempts.add("read " + way + "/manyhands.db");
      attempts.add("read " + way + "/manyhands.db-wal");
      attempts.add("write " + way + "/manyhands.db");
      attempts.add("cut " + way + "/manyhands.db");
      attempts.add("create " + way + "/new");
      attempts.add("create " + way + "/bundles/new");
      attempts.add("create " + way + "/scratch/harness/new");
      for (String file : List.of("compiled", "start.py")) {
        String module = way + "/scratch/harness/manyhands_worker/" + file;
        attempts.add("write " + module);
        attempts.add("cut " + module);
        attempts.add("remove " + module);
      }
      attempts.add("create " + way + "/scratch/harness/manyhands_worker/new");
      attempts.add("create " + way + "/archives/new");
      for (String change : List.of("write", "cut", "remove")) {
        attempts.add(change + " " + way + "/archives/" + archive);
      }
      attempts.add("remove " + way + "/lock");
      attempts.add("move " + way + "/lock");
    }
    Path beside = otherWorker(of);
    attempts.add("list " + beside);
    attempts.add("read " + beside + "/control");
    attempts.add("write " + beside + "/control");
    attempts.add("create " + beside + "/home/new");
    return attempts;
  }

  /**
   * Returns the directory of an idle worker whose function no probe has. It was used last, so that
   * it makes room for another one last.
   */
  private static Path otherWorker(Service service) {
    String code = "import os # %d%ndef beside(x): return os.getcwd()".formatted(System.nanoTime());
    var beside = service.job().python(code).inputs(1).run();
    return Path.of(beside.results().getFirst().stringValue()).getParent();
  }

  /** An installed service has its class archive from the start. */
  private static String onlyFileIn(Path archives) throws IOException {
    try (Stream<Path> files = Files.list(archives)) {
      List<Path> all = files.toList();
      assertThat(all).hasSize(1);
      return all.getFirst().getFileName().toString();
    }
  }

  @Test
  void workersRunWhatTheServiceHasCompiled() throws IOException {
    Path compiled = compiledIn(service.directory.resolve("data"));
    Awaitility.await().atMost(ONE_MINUTE).until(() -> Files.exists(compiled));
    Path source = compiled.resolveSibling("main.py");
    Path away = Files.move(source, compiled.resolveSibling("away"));
    try {
      var job = service.job().python("def without_sources(x): return x").inputs(1).run();
      assertThat(job).hasState(SUCCEEDED);
    } finally {
      Files.move(away, source);
    }
  }

  @ParameterizedTest
  @EnumSource
  void norIsTheMemoryOfTheService(Probe probe) throws IOException {
    var attempts = attemptsOnMemoryOf(service.pid());
    // A thread may end before it is tried. A thread that is still there must be closed to all.
    assertThat(othersThan(REFUSED, service, probe, attempts))
        .filteredOn(other -> Files.exists(threadOf(other)))
        .isEmpty();
  }

  /** The directory of the process or thread that an attempt is about. */
  private static Path threadOf(String attempt) {
    var numbered = Pattern.compile("(/proc/\\d+(/task/\\d+)?)/").matcher(attempt);
    assertThat(numbered.find()).as(attempt).isTrue();
    return Path.of(numbered.group(1));
  }

  @ParameterizedTest
  @EnumSource(names = {"PYTHON", "COMMAND"})
  void norDoSignalsReachIt(Probe probe) {
    Requirements.landlock(6);
    assertAll(REFUSED, service, probe, List.of("signal " + service.pid()));
    assertAll(DONE, service, probe, List.of("end-child 1"));
  }

  /** By way of each thread: those that start workers are under the workers' rules. */
  private static List<String> attemptsOnMemoryOf(long pid) throws IOException {
    Path process = Path.of("/proc/" + pid);
    var ways = new ArrayList<Path>();
    ways.add(process);
    try (Stream<Path> threads = Files.list(process.resolve("task"))) {
      threads.forEach(thread -> {
        ways.add(thread);
        ways.add(Path.of("/proc").resolve(thread.getFileName()));
      });
    }
    var attempts = new ArrayList<String>();
    for (Path way : ways) {
      attempts.add("read " + way + "/environ");
      attempts.add("read " + way + "/mem");
      attempts.add("write " + way + "/mem");
      attempts.add("read " + way + "/fd/1");
      attempts.add("list " + way + "/root/etc");
      attempts.add("list " + way + "/cwd/");
    }
    return attempts;
  }

  @ParameterizedTest
  @EnumSource
  void allElseIsAsItWas(Probe probe) {
    var allowed = new ArrayList<String>();
    for (String place : List.of(".", "/tmp", "/dev/shm", directory.toString())) {
      String file = place + "/manyhands-test-" + probe;
      for (String way : List.of("create", "read", "write", "cut", "move")) {
        allowed.add(way + " " + file);
      }
      allowed.add("list " + place);
      allowed.add("remove moved");
    }
    Path data = service.directory.resolve("data");
    allowed.addAll(
        List.of(
            "list " + data + "/bundles",
            "list " + data + "/archives",
            "list " + data + "/scratch/harness",
            "read " + data + "/scratch/harness/manyhands_worker/start.py",
            "list /etc",
            "read /etc/passwd",
            "read /proc/self/environ",
            "start true",
            "connect " + service.uri("/").getPort()));
    if (probe == Probe.PYTHON) {
      allowed.addAll(List.of("import sqlite3+numpy+ssl", "pool 2"));
    }
    assertAll(DONE, service, probe, allowed);
  }

  @Test
  void aLinkOnTheWayToTheDataOpensNothing() throws IOException {
    Path home = Service.newDirectory();
    Path link = Files.createSymbolicLink(directory.resolve("linked"), home);
    try (var linked = started(home, List.of(), "--manyhands.data-dir=" + link.resolve("a/b"))) {
      assertAll(REFUSED, linked, Probe.PYTHON, attemptsOn(linked, home.resolve("a/b")));
      assertAll(DONE, linked, Probe.JAVA, List.of("create mine", "read mine"));
    }
  }

  @Test
  void norDoesAMountThatShowsThemElsewhere() throws IOException {
    assumeTrue(SmallDisk.isPossible(directory), "nothing can be mounted here");
    Path home = Service.newDirectory();
    Files.createDirectories(home.resolve("data"));
    Path outer = Service.newDirectory();
    Path inner = Service.newDirectory();
    String script =
        "mount --bind %1$s %2$s && mount --bind %1$s/data %3$s && exec \"$@\""
            .formatted(home, outer, inner);
    var launcher = List.of("unshare", "--mount", "sh", "-c", script, "sh");
    try (var mounted = started(home, launcher)) {
      var attempts =
          List.of(
              "list " + outer.resolve("data"),
              "read " + outer.resolve("data/manyhands.db"),
              "write " + outer.resolve("data/manyhands.db"),
              "list " + inner,
              "read " + inner.resolve("manyhands.db"),
              "list " + inner.resolve("scratch/worker-1"));
      assertAll(REFUSED, mounted, Probe.PYTHON, attempts);
    }
  }

  @Test
  void aServiceWithoutPrivilegesIsAsClosed() throws IOException {
    Nobody.require();
    Path home = Nobody.newDirectory();
    try (var nobodys = started(home, Nobody.LAUNCHER)) {
      assertThat(nobodys.get("/api/v1/limits").json().get("dataDirectory").stringValue())
          .isEqualTo("hidden");
      assertAll(REFUSED, nobodys, Probe.PYTHON, attemptsOn(nobodys, home.resolve("data")));
      assertAll(REFUSED, nobodys, Probe.PYTHON, attemptsOnMemoryOf(nobodys.pid()));
      assertAll(DONE, nobodys, Probe.JAVA, List.of("create mine", "read mine"));
    }
  }

  @Test
  void aServiceThatCannotHideItSaysSo() throws Exception {
    Requirements.bubblewrap();
    List<String> launcher = withoutLandlock(directory.resolve("filter"));
    try (var open = started(Service.newDirectory(), launcher)) {
      var limits = open.get("/api/v1/limits").json();
      assertThat(limits.get("sandbox").stringValue()).isEqualTo("process");
      assertThat(limits.get("dataDirectory").stringValue()).isEqualTo("readable");
      assertThat(open.log())
          .contains("workers can read and change the data directory", "no Landlock", "namespace");
      Path store = open.directory.resolve("data/manyhands.db");
      assertAll(DONE, open, Probe.PYTHON, List.of("create mine", "read " + store));
      // A function could write there, so no byte code is read from there.
      assertThat(compiledIn(open.directory.resolve("data"))).doesNotExist();
    }
    String asked = "--manyhands.workers.sandbox=process";
    assertThat(Service.refusalToStartBy(launcher, Service.newDirectory(), asked))
        .contains("manyhands.workers.sandbox=process", "no Landlock");
  }

  /** A program that becomes the service, for which the first of Landlock's calls is not there. */
  private static List<String> withoutLandlock(Path filter) throws IOException {
    var program = ByteBuffer.allocate(4 * 8).order(ByteOrder.nativeOrder());
    instruction(program, 0x20, 0, 0); // load the number of the call
    instruction(program, 0x15, 1, 444); // unless it is landlock_create_ruleset, skip one
    instruction(program, 0x06, 0, 0x0005_0000 | 38); // ENOSYS
    instruction(program, 0x06, 0, 0x7fff_0000); // as ever
    Files.write(filter, program.array());
    String script = "exec bwrap --dev-bind / / --die-with-parent --seccomp 9 \"$@\" 9<" + filter;
    return List.of("bash", "-c", script, "bash");
  }

  private static void instruction(ByteBuffer program, int code, int otherwise, int operand) {
    program.putShort((short) code).put((byte) 0).put((byte) otherwise).putInt(operand);
  }

  private static void assertAll(
      String outcome, Service service, Probe probe, List<String> attempts) {
    assertThat(othersThan(outcome, service, probe, attempts))
        .as("all but these are " + outcome)
        .isEmpty();
  }

  /** Returns the attempts with another outcome, each with its outcome behind a colon. */
  private static List<String> othersThan(
      String outcome, Service service, Probe probe, List<String> attempts) {
    var job =
        service
            .job()
            .optionAsWritten("function", probe.function())
            .inputs(attempts.toArray())
            .workers(1)
            .run();
    assertThat(job).hasState(SUCCEEDED);
    var values = job.results();
    var others = new ArrayList<String>();
    for (int i = 0; i < attempts.size(); i++) {
      String value = values.get(i).stringValue();
      if (!value.equals(outcome)) {
        others.add(attempts.get(i) + ": " + value);
      }
    }
    return others;
  }
}
