package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A service of root whose workers are another user. */
class WorkerUserIT {
  private static final String USER = "54322";

  /** The interpreter of the system, which every user can read. */
  private static final String INTERPRETER = "/usr/bin/python3";

  /** Sets itself up to be the last that the kernel would spare, or the first to go. */
  private static final String CODE =
      """
      import os, signal
      def attempt(what):
          try:
              what()
              return "done"
          except OSError:
              return "refused"

      def f(x):
          service = os.getppid()
          open("own", "w").close()
          return [os.getuid(), os.getgid(), os.getgroups(),
                  attempt(lambda: open("/proc/%d/oom_score_adj" % service, "w").write("1000")),
                  attempt(lambda: open("/proc/%d/environ" % service).read()),
                  attempt(lambda: os.kill(service, 0)),
                  attempt(lambda: open(x + "/compiled", "rb").close()),
                  attempt(lambda: open(x + "/compiled", "r+b").close()),
                  attempt(lambda: open(x + "/start.py", "r+b").close()),
                  attempt(lambda: os.rename(x + "/compiled", x + "/away")),
                  attempt(lambda: open(x + "/new", "w").close())]
      """;

  @BeforeEach
  void need() {
    Requirements.thatRun(Stream.of(INTERPRETER, "--version"));
    Requirements.thatRun(
        Stream.of(
            "setpriv",
            "--reuid",
            USER,
            "--regid",
            USER,
            "--clear-groups",
            "--",
            "test",
            "-x",
            "/var/tmp"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "process"})
  void functionsAreAnotherUserAndCannotTouchTheService(String sandbox) throws Exception {
    if (sandbox.equals("process")) {
      Requirements.landlock(3);
    }
    try (var service = started(sandbox)) {
      Path modules = service.directory.resolve("data/scratch/harness/manyhands_worker");
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> Files.exists(modules.resolve("compiled")));
      JsonNode job =
          service.run(
              "{\"function\": {\"runtime\": \"python\", \"code\": %1$s, \"entry\": \"f\"}, \"inputs\": [%2$s, %2$s]}"
                  .formatted(Service.quote(CODE), Service.quote(modules.toString())));
      assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
      for (JsonNode result : job.get("result")) {
        assertThat(result.toString())
            .isEqualTo(
                "[%s,%s,[],\"refused\",\"refused\",\"refused\",\"done\",\"refused\",\"refused\",\"refused\",\"refused\"]"
                    .formatted(USER, USER));
      }
      JsonNode crash =
          service.run(
              python("import os\ndef f(x): os._exit(3)", "[1]", "\"retry\": {\"crash\": 1}"));
      assertThat(crash.get("state").stringValue()).isEqualTo("FAILED");
      JsonNode command =
          service.run(
              "{\"function\": {\"runtime\": \"command\", \"command\": [\"cat\"]}, \"inputs\": [1]}");
      assertThat(command.get("state").stringValue()).isEqualTo("SUCCEEDED");
      Path scratch = service.directory.resolve("data/scratch");
      service.terminate();
      try (var left = Files.newDirectoryStream(scratch, "worker-*")) {
        assertThat(left).isEmpty();
      }
    }
  }

  @Test
  void aUserThatCannotBeHadIsNoReasonToRunAsTheService() throws Exception {
    String wrong =
        Service.refusalToStart(Service.newDirectory(), "--manyhands.workers.user=nobody");
    assertThat(wrong).contains("manyhands.workers.user must be a user and a group");
    String unknown =
        Service.refusalToStart(Service.newDirectory(), "--manyhands.workers.user=nobody-here:0");
    assertThat(unknown).contains("manyhands.workers.user=nobody-here:0");
    String closed =
        Service.refusalToStart(closedDirectory(), "--manyhands.workers.user=" + USER + ":" + USER);
    assertThat(closed).contains("let it pass all directories above");
  }

  private static Path closedDirectory() throws Exception {
    return Service.newDirectory(); // only for its owner, as temporary directories are
  }

  private static Service started(String sandbox) throws Exception {
    Path directory = Service.newDirectory();
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    return Service.startBy(
        List.of(),
        directory,
        "--manyhands.workers.sandbox=" + sandbox,
        "--manyhands.python.interpreter=" + INTERPRETER,
        "--manyhands.workers.user=" + USER + ":" + USER);
  }
}
