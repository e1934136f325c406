package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.agent.AgentJar;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/**
 * A real service in which the n-th call of one method throws an {@link Error}: any method that the
 * threads of the scheduler, the workers, the store, the logs or jobs that wait call.
 */
final class NthError implements AutoCloseable {
  private static final int SLOTS = 2;
  private static final int PATIENCE_SECONDS = Integer.getInteger("torture.patience", 60);

  /** Producers of worker events, the scheduler, what is around jobs, the store, the logs. */
  private static final String[] CLASSES = {
    "dev/manyhands/engine/worker/process/",
    "dev/manyhands/engine/worker/protocol/",
    "dev/manyhands/engine/worker/output/",
    "dev/manyhands/engine/worker/ControlPage",
    "dev/manyhands/engine/scheduler/",
    "dev/manyhands/engine/logs/",
    "dev/manyhands/jobs/",
    "dev/manyhands/store/",
  };

  /** Two items that wait for each other: both slots must work. */
  private static final String TOGETHER =
      """
      import os, time
      def f(x, folder):
          print("item", x)
          open(os.path.join(folder, str(x)), "w").close()
          end = time.monotonic() + 60
          while len(os.listdir(folder)) < 2 and time.monotonic() < end:
              time.sleep(0.001)
          return len(os.listdir(folder))
      """;

  /** The reason of a job that waited for one that failed. */
  private static final String DEPENDENCY = "dependency";

  private static final Pattern PORT = Pattern.compile("plans of errors: port (\\d+)");

  private final OwnStore store;
  private final Path scratch;
  private final Receiver receiver = new Receiver();
  private final Service service;
  private final Socket socket;
  private final BufferedReader answers;
  private final PrintStream orders;
  private int rounds;

  private NthError(OwnStore.Kind kind, Path scratch) throws IOException {
    this.scratch = scratch;
    store = OwnStore.of(kind);
    var command =
        Packaged.jar("-Xmx256m", Service.QUICKLY_COMPILED, AgentJar.option(scratch, CLASSES));
    service =
        Service.startAs(
            command,
            Service.newDirectory(),
            List.of(
                store.settings(
                    "--manyhands.workers.slots=" + SLOTS,
                    "--manyhands.workers.sandbox=none",
                    Receiver.SETTING)));
    var port = PORT.matcher(service.log());
    assertThat(port.find()).isTrue();
    socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port.group(1)));
    answers =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    orders = new PrintStream(socket.getOutputStream(), true, StandardCharsets.UTF_8);
  }

  /**
   * Lets the first calls of each method fail.
   *
   * @param methods pattern for names such as {@code GroupCommit.step}
   */
  static void playAll(OwnStore.Kind kind, Path scratch, String methods, int calls)
      throws Exception {
    List<String> wrong = new ArrayList<>();
    int errors = 0;
    NthError service = start(kind, scratch);
    try {
      for (String method : service.methods()) {
        boolean isThere = method.matches(methods);
        for (int n = 1; isThere && n <= calls; n++) {
          try {
            isThere = service.play(method, n);
            errors += isThere ? 1 : 0;
          } catch (AssertionError | RuntimeException e) {
            wrong.add("call " + n + " of " + method + ": " + e.getMessage() + service.log());
            service.close();
            service = start(kind, scratch);
          }
        }
      }
      assertThat(service.service.terminate()).as("ended by SIGTERM").isEqualTo(143);
    } finally {
      service.close();
    }
    System.out.printf("NthError on %s: %d errors%n", kind, errors);
    assertThat(wrong).isEmpty();
    assertThat(errors).isPositive();
  }

  private static NthError start(OwnStore.Kind kind, Path scratch) throws IOException {
    return new NthError(kind, Files.createTempDirectory(scratch, "service"));
  }

  /** Returns all methods that a history calls. */
  private List<String> methods() throws Exception {
    assertThat(history()).isEmpty();
    assertThat(history()).isEmpty();
    return List.of(ask("called").split(" "));
  }

  /**
   * Lets the n-th call of the method fail during a history.
   *
   * @return whether there was such a call
   */
  private boolean play(String method, int n) throws Exception {
    ask("plan " + method + " " + n);
    List<String> harmed = history();
    boolean thrown = Boolean.parseBoolean(ask("end"));
    var what = "call " + n + " of " + method + ": " + harmed + "\n";
    // One job may fail, and says so; nothing else may happen.
    assertThat(harmed).as(what).hasSizeLessThanOrEqualTo(thrown ? 1 : 0);
    assertThat(service.get("/actuator/health/liveness").status()).as(what).isEqualTo(200);
    return thrown;
  }

  private String ask(String order) throws IOException {
    orders.println(order);
    return answers.readLine();
  }

  /** Runs some jobs; returns those that did not end as they would without any error. */
  private List<String> history() throws InterruptedException {
    rounds++;
    Path folder = scratch.resolve("round-" + rounds);
    assertThat(folder.toFile().mkdir()).isTrue();
    String together =
        service
            .job()
            .python(TOGETHER)
            .range(SLOTS)
            .chunk(1)
            .common(Map.of("folder", folder.toString()))
            .json();
    String fresh =
        service
            .job()
            .python("def f(x):\n    print(x)\n    return x")
            .range(1)
            .option("fresh", true)
            .option("callback", Service.json("{" + receiver.option() + "}").get("callback"))
            .json();
    String plain = "def f(x):\n    return x";
    String first = submit(together);
    String second = submit(fresh);
    String open = submit(service.job().python(plain).open().json());
    String fed = submit(service.job().python(plain).results(open).json());
    String last = submit(service.job().python(plain).range(1).after(fed).json());
    post("/api/v1/jobs/" + open + "/inputs?first=0", "7\n8\n");
    post("/api/v1/jobs/" + open + "/close", "");
    List<String> harmed = new ArrayList<>();
    check(first, "[2,2]", harmed);
    receiver.check(check(second, "[0]", harmed), true);
    check(open, "[7,8]", harmed);
    check(fed, "[7,8]", harmed);
    check(last, "[0]", harmed);
    // A job that fails because of another is not harmed by a second error.
    boolean isAnother = harmed.removeIf(job -> job.contains(DEPENDENCY));
    assertThat(harmed).hasSizeGreaterThanOrEqualTo(isAnother ? 1 : 0);
    return harmed;
  }

  /** Submits as a careful client does: again, under the same key, while the service is not well. */
  private String submit(String job) {
    String key = UUID.randomUUID().toString();
    return untilAccepted(
            service
                .request("/api/v1/jobs")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString(job)))
        .json()
        .get("id")
        .stringValue();
  }

  private void post(String path, String lines) {
    untilAccepted(
        service
            .request(path)
            .header("Content-Type", "application/x-ndjson")
            .POST(BodyPublishers.ofString(lines)));
  }

  private Service.Answer untilAccepted(HttpRequest.Builder request) {
    return Awaitility.await()
        .pollDelay(Duration.ZERO)
        .until(() -> service.send(request), answer -> answer.status() < 300);
  }

  private JsonNode check(String id, String results, List<String> harmed) {
    JsonNode job = service.get("/api/v1/jobs/" + id + "?wait=" + PATIENCE_SECONDS).json();
    assertThat(job.get("finishedAt").isNull()).as("it does not end: " + job).isFalse();
    String state = job.get("state").stringValue();
    if (state.equals("SUCCEEDED")) {
      assertThat(service.results(id).toString().replace(" ", "")).isEqualTo(results);
    } else {
      assertThat(job.get("stopReason").stringValue())
          .isIn("notStored", "internalError", DEPENDENCY);
      harmed.add(job.toString());
    }
    return job;
  }

  /** All that the service has logged since the planned error. */
  private String log() {
    String all = service.log();
    return all.substring(Math.max(0, all.lastIndexOf("planned error: ")));
  }

  @Override
  public void close() throws IOException {
    socket.close();
    service.close();
    receiver.close();
    store.close();
  }
}
