package dev.manyhands.outside;

import dev.manyhands.contract.AnswerContract;
import dev.manyhands.contract.LargeJson;
import dev.manyhands.support.TemporaryDirectories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The packaged service in a process of its own, on a free port of loopback, and a client for it.
 *
 * <p>The service writes its log into a file. A line that the service logs before an answer is
 * therefore in {@link #log()} once the answer is there. A pipe would deliver the line when a
 * reading thread gets to it, which may be after the answer.
 */
public final class Service implements AutoCloseable {
  private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+) ");
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String HEAP = "256m";

  /** A service of a test seldom lives for long enough to earn what a better compiler costs. */
  static final String QUICKLY_COMPILED = "-XX:TieredStopAtLevel=1";

  private static final JsonMapper JSON = LargeJson.MAPPER;

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  final Path directory;
  private final List<String> command;
  private final List<String> settings;
  private final Path log;
  private final Process process;

  /** Zero until the service has logged it; written before any other thread has this object. */
  private int port;

  private Service(Path directory, List<String> command, List<String> settings) throws IOException {
    this.directory = directory;
    this.command = command;
    this.settings = settings;
    var whole = new ArrayList<>(command);
    if (settings.stream().noneMatch(setting -> setting.startsWith("--server.port="))) {
      whole.add("--server.port=0");
    }
    whole.addAll(settings);
    log = Files.createTempFile(directory, "service", ".log");
    var builder =
        new ProcessBuilder(whole)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("SECRET_OF_THE_SERVICE", "hunter2");
    process = builder.start();
    // A test that fails before it closes the service must not leave it behind.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
  }

  /** Starts a service in this directory and waits until it answers. */
  public static Service start(Path directory, String... settings) {
    return startAs(command(HEAP), directory, List.of(settings));
  }

  /** Starts a service from the jar itself, as in the README. */
  static Service startJar(Path directory, String... settings) {
    return startAs(Packaged.jar("-Xmx" + HEAP, QUICKLY_COMPILED), directory, List.of(settings));
  }

  /**
   * Starts a service by a program that becomes the service.
   *
   * @param launcher the program and its first arguments; the service's command follows
   */
  static Service startBy(List<String> launcher, Path directory, String... settings) {
    return startAs(by(launcher), directory, List.of(settings));
  }

  /**
   * Starts a service with this limit on the heap.
   *
   * @param heap as for {@code -Xmx}
   */
  static Service startWithHeap(String heap, Path directory, String... settings) {
    return startAs(command(heap), directory, List.of(settings));
  }

  /** Starts a service by a given command, to which the settings are added. */
  static Service startAs(List<String> command, Path directory, List<String> settings) {
    try {
      var service = new Service(directory, command, settings);
      service.awaitPort();
      return service;
    } catch (IOException e) {
      throw new UncheckedIOException("the service did not start", e);
    }
  }

  private static List<String> command(String heap) {
    return Packaged.installed("-Xmx" + heap, QUICKLY_COMPILED);
  }

  private static List<String> by(List<String> launcher) {
    var command = new ArrayList<>(launcher);
    command.addAll(command(HEAP));
    return command;
  }

  /** Starts a service that is expected to refuse, and gives what it printed. */
  static String refusalToStart(Path directory, String... settings) throws Exception {
    return refusalToStartBy(List.of(), directory, settings);
  }

  /** The same by way of a program that becomes the service. */
  static String refusalToStartBy(List<String> launcher, Path directory, String... settings)
      throws Exception {
    var service = new Service(directory, by(launcher), List.of(settings));
    try {
      if (!service.process.waitFor(60, TimeUnit.SECONDS)) {
        throw new AssertionError("the service started");
      }
      return service.log();
    } finally {
      service.process.destroyForcibly();
    }
  }

  private void awaitPort() {
    Awaitility.await("the start of the service")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          boolean ended = !process.isAlive(); // looked at first: the log is whole then
          var match = PORT.matcher(log());
          if (match.find()) {
            port = Integer.parseInt(match.group(1));
          } else if (ended) {
            throw new IllegalStateException("it ended:\n" + log());
          }
          return port != 0;
        });
  }

  /** All that the service has printed. */
  public String log() {
    try {
      // Bytes that are no UTF-8 are replaced: a character may be written only in part.
      return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until it has logged this. */
  void awaitLog(String text) {
    Awaitility.await().atMost(PATIENCE).until(() -> log().contains(text));
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Returns whether it ends by itself in this time. */
  boolean endsWithin(Duration time) throws InterruptedException {
    return process.waitFor(time);
  }

  /** Ends it without warning. */
  void killMinus9() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** Asks it to end, and waits until it has. */
  int terminate() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(40, TimeUnit.SECONDS)) {
      throw new AssertionError("it does not end:\n" + log());
    }
    return process.exitValue();
  }

  /** Starts the next service on the data of this one. */
  Service again() {
    return startAs(command, directory, settings);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  // ---- the client

  public record Answer(int status, String body, HttpResponse<?> response) {
    public JsonNode json() {
      return JSON.readTree(body);
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    @Override
    public String toString() {
      return status + " " + body;
    }
  }

  /**
   * Sends a request.
   *
   * @throws AssertionError if the answer is not as the contract has it
   */
  public Answer send(HttpRequest.Builder request) {
    try {
      var response =
          HTTP.send(request.timeout(Duration.ofMinutes(2)).build(), BodyHandlers.ofString());
      var headers = response.headers();
      AnswerContract.check(
          new AnswerContract.Given(
              response.request().method(),
              response.uri(),
              response.statusCode(),
              headers::firstValue),
          response.body());
      return new Answer(response.statusCode(), response.body(), response);
    } catch (IOException e) {
      throw new UncheckedIOException("no answer; the service says:\n" + log(), e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri(path));
  }

  Answer get(String path) {
    return send(request(path));
  }

  Answer post(String path, String body) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  Answer put(String path, String body) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(body)));
  }

  Answer patch(String path, String change) {
    return send(
        request(path)
            .header("Content-Type", "application/merge-patch+json")
            .method("PATCH", BodyPublishers.ofString(change)));
  }

  Answer delete(String path) {
    return send(request(path).DELETE());
  }

  /** Begins to write a job. */
  JobBuilder job() {
    return new JobBuilder(this);
  }

  /** Submits a job and gives its id. */
  String submit(String job) {
    var answer = post("/api/v1/jobs", job);
    if (answer.status() != 202) {
      throw new AssertionError("not accepted: " + answer);
    }
    return answer.json().get("id").stringValue();
  }

  /** Waits until the job has ended; gives it. */
  JsonNode await(String id) {
    JsonNode job = get("/api/v1/jobs/" + id + "?wait=100").json();
    if (job.get("finishedAt").isNull()) {
      throw new AssertionError("it does not end: " + job + "\n" + log());
    }
    return job;
  }

  /** Submits a job with its items as lines, and waits for its end. */
  String submitLines(String job, List<String> items) {
    String lines = job + "\n" + String.join("\n", items) + "\n";
    var accepted =
        send(
            request("/api/v1/jobs")
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(lines)));
    String id = accepted.json().get("id").stringValue();
    await(id);
    return id;
  }

  /** Cancels the job, if it has not ended, and waits until it has. */
  void cancelled(String id) {
    post("/api/v1/jobs/" + id + "/cancel", "");
    await(id);
  }

  /** Runs a job to its end; gives it. */
  JsonNode run(String job) {
    return await(submit(job));
  }

  /** All results that a job has so far, page by page. */
  List<JsonNode> results(String id) {
    return ofAllPages(id, "results");
  }

  /** The errors of all items that have failed so far, page by page. */
  List<JsonNode> errors(String id) {
    return ofAllPages(id, "errors");
  }

  private List<JsonNode> ofAllPages(String id, String list) {
    var values = new ArrayList<JsonNode>();
    long offset = 0;
    while (true) {
      JsonNode page = get("/api/v1/jobs/" + id + "/results?limit=10000&offset=" + offset).json();
      page.get(list).forEach(values::add);
      JsonNode next = page.get("next");
      if (next.isNull() || next.longValue() == offset) {
        return values;
      }
      offset = next.longValue();
    }
  }

  public static JsonNode json(String text) {
    return JSON.readTree(text);
  }

  /** Text as a JSON string, for building bodies. */
  public static String quote(String text) {
    return JSON.writeValueAsString(text);
  }

  /** A job over an inline Python function. */
  static String python(String code, String inputs, String... more) {
    String rest = more.length == 0 ? "" : ", " + String.join(", ", more);
    return "{\"function\": {\"runtime\": \"python\", \"code\": %s}, \"inputs\": %s%s}"
        .formatted(quote(code), inputs, rest);
  }

  /**
   * Returns a new directory for one service. Not in {@code /tmp}, which functions of tests use,
   * because workers can create nothing beside the data of a service.
   */
  public static Path newDirectory() {
    Path all = Path.of("/var/tmp", "manyhands-it-" + System.getProperty("user.name"));
    try {
      return TemporaryDirectories.makeIn(all, "service");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
