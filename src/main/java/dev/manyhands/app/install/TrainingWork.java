package dev.manyhands.app.install;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The work of a training run: first once what most users do first, then much of the work of a busy
 * service.
 */
final class TrainingWork {
  private static final Pattern ID = Pattern.compile("^\\{\"id\":\"([^\"]+)\"");
  private static final String PYTHON =
      "\"function\": {\"runtime\": \"python\", \"code\": \"def f(x): return x\"}";
  private static final String COMMAND =
      "\"function\": {\"runtime\": \"command\", \"command\": [\"cat\"]}";

  private static final List<String> READINGS =
      List.of("", "/results", "/events", "/report", "/log", "/timeline", "/errors");

  /** Pages that are read once. A new page gets a place here. */
  private static final List<String> PAGES =
      List.of(
          "/",
          "/client/",
          "/actuator/health/readiness",
          "/actuator/health/liveness",
          "/actuator/prometheus",
          "/api/v1/jobs",
          "/api/v1/functions",
          "/api/v1/workers",
          "/api/v1/limits",
          "/v3/api-docs",
          "/swagger-ui/index.html");

  private static final int CLIENTS = 4;
  private static final int SMALL_JOBS = 1_500;
  private static final int CHUNKS = 5_000;
  private static final int ITEMS = 200_000;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String url;

  TrainingWork(int port) {
    this.url = "http://127.0.0.1:" + port;
  }

  void run() throws IOException, InterruptedException {
    for (String page : PAGES) {
      get(page, "*/*");
    }
    runJob(
        "{\"function\": \"check_prime\", \"inputs\": {\"range\": {\"stop\": 100}}, \"seed\": 1}");
    runJob(
        "{" + COMMAND + ", \"inputs\": [1, 2, 3], \"workers\": 1, \"timeouts\": {\"item\": 60}}");
    runJob("{\"function\": \"sum_of_squares\", \"inputs\": [1, 2, 3], \"reduce\": \"sum\"}");
    String lines = IntStream.range(0, 100).mapToObj(i -> i + "\n").collect(Collectors.joining());
    read(post("application/x-ndjson", "{\"function\": \"check_prime\"}\n" + lines));
    beBusy(runs(PYTHON) ? PYTHON : COMMAND);
  }

  /** Returns whether this machine runs such functions. It may have no Python, or an old one. */
  private boolean runs(String function) throws InterruptedException {
    try {
      runJob("{" + function + ", \"inputs\": [1, 2, 3], \"seed\": 1}");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The JIT of later starts compiles at once what is busy here. */
  private void beBusy(String function) throws IOException, InterruptedException {
    runSmallJobs("{" + function + ", \"inputs\": [1]}");
    runJob(
        "{%s, \"inputs\": {\"range\": {\"stop\": %d}}, \"chunking\": {\"size\": 1}}"
            .formatted(function, CHUNKS));
    String items =
        IntStream.range(0, ITEMS).mapToObj(String::valueOf).collect(Collectors.joining(","));
    runJob("{%s, \"inputs\": [%s]}".formatted(function, items));
  }

  private void runSmallJobs(String job) throws IOException, InterruptedException {
    try (var clients = Executors.newFixedThreadPool(CLIENTS)) {
      List<Future<String>> ends =
          IntStream.range(0, SMALL_JOBS)
              .mapToObj(i -> clients.submit(() -> post("application/json", job)))
              .toList();
      for (Future<String> end : ends) {
        end.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  /** Runs a job and reads it in the ways there are. */
  private void runJob(String job) throws IOException, InterruptedException {
    read(post("application/json", job));
  }

  private void read(String id) throws IOException, InterruptedException {
    for (String reading : READINGS) {
      get("/api/v1/jobs/" + id + reading, "*/*");
    }
    get("/api/v1/jobs/" + id + "/results", "application/x-ndjson");
  }

  /** Submits a job, waits for its end, and returns its id. */
  private String post(String type, String job) throws IOException, InterruptedException {
    var answer =
        send(
            HttpRequest.newBuilder(URI.create(url + "/api/v1/jobs?wait=100"))
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(job)));
    Matcher id = ID.matcher(answer);
    if (!id.find() || !answer.contains("\"state\":\"SUCCEEDED\"")) {
      throw new IOException("a job did not succeed: " + answer);
    }
    return id.group(1);
  }

  private void get(String path, String accept) throws IOException, InterruptedException {
    send(HttpRequest.newBuilder(URI.create(url + path)).header("Accept", accept));
  }

  private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
    var sent = request.timeout(Duration.ofMinutes(2)).build();
    var answer = client.send(sent, BodyHandlers.ofString());
    if (answer.statusCode() >= 300) {
      throw new IOException(
          sent.uri() + " is answered with " + answer.statusCode() + ": " + answer.body());
    }
    return answer.body();
  }
}
