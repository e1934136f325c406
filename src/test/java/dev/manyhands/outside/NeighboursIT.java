package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Functions that reach for the service's process, and for the worker of another job. */
class NeighboursIT {
  /** The shown states of a process that other processes could have changed. */
  private static final List<String> STATES =
      List.of("limits", "oom_score_adj", "autogroup", "comm", "coredump_filter", "timerslack_ns");

  private static final List<String> KERNEL_WIDE =
      List.of("/sys/kernel/mm/transparent_hugepage/enabled", "/sys/fs/cgroup/cgroup.procs");

  @BeforeAll
  static void needs() {
    Requirements.python();
    Requirements.landlock(6);
  }

  @Test
  void aFunctionReachesNeitherTheServiceNorOtherJobs() throws Exception {
    try (var service = Level.PROCESS.start()) {
      var files =
          KERNEL_WIDE.stream()
              .filter(file -> Files.isWritable(Path.of(file)))
              .map(file -> "write " + file);
      assertRefused(service, Stream.concat(files, Stream.of("kill-all 0")).toList(), Set.of());
      assertNothingReaches(service, Set.of());
      long pid = service.pid();
      assertThat(values(service, List.of("read-limit " + pid, "signal-by-file " + pid)))
          .containsExactly(Reach.DONE, Reach.DONE);
      assertThat(service.get("/api/v1/limits").json().get("systemCalls").stringValue())
          .isEqualTo("filtered");
      assertThat(service.log()).contains("systemCalls=filtered");
      assertThat(service.get("/actuator/health/readiness").status()).isEqualTo(200);
    }
  }

  @Test
  void norDoesOneOfAServiceWithoutPrivileges() throws Exception {
    try (var service = Level.PROCESS_AS_NOBODY.start()) {
      assertRefused(service, Reach.filesOf(service.pid()), Set.of());
      assertNothingReaches(service, Set.of());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NAMESPACE", "NAMESPACE_AS_NOBODY"})
  void inANamespaceThereIsNobodyElse(Level level) throws Exception {
    try (var service = level.start()) {
      assertNothingReaches(service, Set.of("ESRCH", "ENOENT"));
      assertRefused(service, Reach.filesOf(service.pid()), Set.of("ENOENT"));
      assertThat(values(service, List.of("nice-user 0", "io-user 0", "kill-all 0", "compare 1")))
          .as("the filter is in force there, too")
          .containsOnly("EPERM");
    }
  }

  /** All ways to the service and to a worker with an item of another job. */
  private static void assertNothingReaches(Service service, Set<String> nobodyThere)
      throws Exception {
    Path gate = service.directory.resolve("gate");
    Process made = new ProcessBuilder("mkfifo", "-m", "644", gate.toString()).inheritIO().start();
    assertThat(made.waitFor()).isZero();
    String innocent = "def f(x):\n  with open('%s') as gate: return x + len(gate.read())";
    String other = service.submit(Service.python(innocent.formatted(gate), "[41]"));
    long worker =
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> workerOf(other, service), pid -> pid > 0);
    for (long pid : List.of(service.pid(), worker)) {
      var before = states(pid);
      assertRefused(service, Reach.itemsFor(pid), nobodyThere);
      assertThat(states(pid)).isEqualTo(before);
    }
    Files.writeString(gate, "!");
    assertThat(service.await(other).get("result").toString()).isEqualTo("[42]");
    assertThat(service.get("/actuator/health/readiness").status()).isEqualTo(200);
  }

  /** The process that runs an item of this job; 0 for none yet. */
  private static long workerOf(String job, Service service) {
    for (JsonNode worker : service.get("/api/v1/workers").json().get("workers")) {
      if (!worker.get("item").isNull() && job.equals(worker.get("job").stringValue())) {
        return worker.get("pid").longValue();
      }
    }
    return 0;
  }

  private static void assertRefused(Service service, List<String> items, Set<String> nobodyThere) {
    var refusals = new HashSet<>(Set.of("EPERM", "EACCES", "ENOSYS"));
    refusals.addAll(nobodyThere);
    List<String> values = values(service, items);
    var others = new ArrayList<String>();
    for (int i = 0; i < items.size(); i++) {
      if (!refusals.contains(values.get(i))) {
        others.add(items.get(i) + ": " + values.get(i));
      }
    }
    assertThat(others).as("all but these are refused").isEmpty();
  }

  private static List<String> values(Service service, List<String> items) {
    String inputs = String.join(", ", items.stream().map(Service::quote).toList());
    JsonNode job =
        service.run(
            "{\"function\": %s, \"inputs\": [%s], \"workers\": 1}"
                .formatted(Reach.function(), inputs));
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
    return service.results(job.get("id").stringValue()).stream()
        .map(JsonNode::stringValue)
        .toList();
  }

  private static Map<String, String> states(long pid) throws IOException {
    Path process = Path.of("/proc/" + pid);
    var states = new TreeMap<String, String>();
    for (String state : STATES) {
      try {
        states.put(state, Files.readString(process.resolve(state)));
      } catch (AccessDeniedException | NoSuchFileException unknown) {
        // Not of this kernel, or not for this user.
      }
    }
    var scheduling = new HashSet<String>();
    try (Stream<Path> threads = Files.list(process.resolve("task"))) {
      for (Path thread : threads.toList()) {
        scheduling.addAll(scheduling(thread));
      }
    }
    states.put("scheduling", scheduling.toString());
    return states;
  }

  /** Nice value, priority, policy, processors; nothing of a thread that has ended meanwhile. */
  private static List<String> scheduling(Path thread) {
    try {
      String stat = Files.readString(thread.resolve("stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      String processors =
          Files.readString(thread.resolve("status"))
              .lines()
              .filter(line -> line.startsWith("Cpus_allowed_list"))
              .findFirst()
              .orElseThrow();
      return List.of(String.join(" ", fields[16], fields[37], fields[38], processors));
    } catch (IOException ended) {
      return List.of();
    }
  }
}
