package dev.manyhands.deploy;

import dev.manyhands.outside.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real Prometheus, on a free port of loopback. */
final class Prometheus implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Process process;
  private final URI root;
  private final StringBuffer log = new StringBuffer();
  private final CompletableFuture<Void> ready = new CompletableFuture<>();

  private Prometheus(Path config, Path data, int port) throws IOException {
    root = URI.create("http://127.0.0.1:" + port);
    process =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + config,
                "--storage.tsdb.path=" + data,
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    Thread.ofVirtual().start(this::readLog);
  }

  /** Starts one and waits until it answers. */
  static Prometheus start(Path config, Path data) throws Exception {
    var prometheus = new Prometheus(config, data, Ports.free());
    prometheus.ready.get(30, TimeUnit.SECONDS);
    return prometheus;
  }

  private void readLog() {
    try (var lines = process.inputReader()) {
      for (String line; (line = lines.readLine()) != null; ) {
        log.append(line).append('\n');
        if (line.contains("Server is ready to receive web requests")) {
          ready.complete(null);
        }
      }
    } catch (IOException e) {
      log.append(e);
    }
    ready.completeExceptionally(new IllegalStateException("it ended:\n" + log));
  }

  /**
   * Returns the values of an expression since then, second by second: the series, each with its
   * labels and values.
   */
  JsonNode since(Instant start, String expression) throws IOException, InterruptedException {
    return get(
            "/api/v1/query_range",
            "query",
            expression,
            "start",
            start.toString(),
            "end",
            Instant.now().toString(),
            "step",
            "1s")
        .get("result");
  }

  /** All rules, with whether they could be evaluated. */
  JsonNode rules() throws IOException, InterruptedException {
    return get("/api/v1/rules").get("groups");
  }

  private JsonNode get(String path, String... parameters) throws IOException, InterruptedException {
    String query =
        Stream.iterate(0, i -> i < parameters.length, i -> i + 2)
            .map(i ->
                parameters[i] + "=" + URLEncoder.encode(parameters[i + 1], StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    var answer =
        HTTP.send(
            HttpRequest.newBuilder(root.resolve(path + "?" + query)).build(),
            BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new AssertionError(query + ": " + answer.body());
    }
    return new JsonMapper().readTree(answer.body()).get("data");
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
