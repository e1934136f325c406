package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Sends valid, nearly valid and wild requests to every operation that the service describes. The
 * seed is printed. {@code -Dtorture.seed=} repeats a run, and {@code -Dtorture.minutes=} sets its
 * length.
 */
class OpenApiFuzzTorture {
  private static final long SEED = Long.getLong("torture.seed", System.nanoTime() >>> 8);
  private static final Duration TIME = Duration.ofMinutes(Integer.getInteger("torture.minutes", 5));
  private static final Duration HANG = Duration.ofSeconds(30);

  /** A job whose shared objects have the names that paths have. */
  private static final String OPEN =
      """
      {"function": {"runtime": "python", "code": "def f(x): return x"}, "inputs": {"open": true},
       "shared": {"gcd": {"dict": {"a": 1}}, "fuzzed": {"queue": {"size": 3}},
                  "fuzzed2": {"value": 1}}}
      """;

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static final String[] WILD = {
    "",
    " ",
    "0",
    "-1",
    "1e999999999",
    "NaN",
    "9223372036854775808",
    "null",
    "true",
    "[]",
    "{}",
    "\"",
    "../..",
    "%00",
    "a\nb",
    "\u0000",
    "\ud800",
    "🙂",
    "[x",
    "x".repeat(3_000),
    "{\"a\":".repeat(50),
    "[".repeat(120) + "]".repeat(120),
    "9".repeat(1_100),
    "1.5",
    "-0",
    "Infinity",
    "'; DROP TABLE job; --"
  };

  /** The job of the examples. */
  private static final String NO_JOB = "019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77";

  private record Operation(String method, String path, JsonNode description) {}

  private final Random random = new Random(SEED);
  private final List<String> ids = new ArrayList<>();
  private final Map<String, Integer> seen = new TreeMap<>();
  private final Map<String, String> wrongs = new TreeMap<>();

  @Test
  void nothingThatIsSentHurts() {
    nothingHurts();
  }

  @Test
  void norOnPostgres() throws IOException {
    try (var postgres = EmbeddedPostgres.start()) {
      nothingHurts(OwnStore.settings(postgres));
    }
  }

  private void nothingHurts(String... store) {
    System.out.println("OpenApiFuzzTorture: -Dtorture.seed=" + SEED);
    Requirements.python();
    var settings = new ArrayList<>(List.of(store));
    settings.add("--manyhands.streams.heartbeat=1s");
    settings.add("--manyhands.limits.unfinished-jobs=200");
    try (var service = Service.start(Service.newDirectory(), settings.toArray(String[]::new))) {
      var operations = operations(service.get("/v3/api-docs").json());
      assertThat(operations.size()).isGreaterThan(20);
      long until = System.nanoTime() + TIME.toNanos();
      long sent = 0;
      while (System.nanoTime() < until) {
        if (sent % 500 == 0) {
          tidy(service);
        }
        one(service, operations.get(random.nextInt(operations.size())), sent++);
      }
      System.out.println("OpenApiFuzzTorture: " + sent + " requests, " + seen);
      assertThat(wrongs).isEmpty();
      tidy(service);
      assertThat(service.run("{\"function\":\"gcd\",\"inputs\":[[4,6]]}").get("result").toString())
          .isEqualTo("[2]");
      assertThat(service.get("/actuator/health/readiness").status()).isEqualTo(200);
      assertThat(service.log()).doesNotContain(" failed\n", "OutOfMemory");
    }
  }

  private static List<Operation> operations(JsonNode api) {
    var operations = new ArrayList<Operation>();
    for (var path : api.get("paths").properties()) {
      for (var method : path.getValue().properties()) {
        operations.add(
            new Operation(
                method.getKey().toUpperCase(Locale.ROOT), path.getKey(), method.getValue()));
      }
    }
    return operations;
  }

  /** Ends what is there, so that the queue does not fill, and knows some ids. */
  private void tidy(Service service) {
    ids.clear();
    for (JsonNode job : service.get("/api/v1/jobs?limit=50").json().get("jobs")) {
      ids.add(job.get("id").stringValue());
    }
    for (String state : List.of("WAITING", "QUEUED", "RUNNING")) {
      for (JsonNode job :
          service.get("/api/v1/jobs?limit=1000&state=" + state).json().get("jobs")) {
        service.post("/api/v1/jobs/" + job.get("id").stringValue() + "/cancel", "");
      }
    }
    for (JsonNode comparison :
        service.get("/api/v1/comparisons?limit=100").json().get("comparisons")) {
      ids.add(comparison.get("id").stringValue());
      service.post("/api/v1/comparisons/" + comparison.get("id").stringValue() + "/cancel", "");
    }
    // A job that takes inputs and calls, as a good part of the jobs that are known.
    String open = service.submit(OPEN);
    ids.addAll(Collections.nCopies(ids.size() / 4 + 1, open));
  }

  private void one(Service service, Operation operation, long number) {
    String path = path(operation);
    var request = HttpRequest.newBuilder();
    String sent = operation.method() + " " + path;
    try {
      request.uri(URI.create(service.uri("") + path)).timeout(HANG);
      sent += " " + headersAndBody(operation, request);
    } catch (IllegalArgumentException clientRefuses) {
      return;
    }
    String what =
        "-Dtorture.seed="
            + SEED
            + ", request "
            + number
            + ": "
            + sent.substring(0, Math.min(sent.length(), 2_000));
    HttpResponse<InputStream> answer;
    String body;
    try {
      answer = HTTP.send(request.build(), BodyHandlers.ofInputStream());
      body = body(answer);
    } catch (HttpTimeoutException hang) {
      throw new AssertionError("no answer in " + HANG + ": " + what, hang);
    } catch (IOException cut) {
      throw new AssertionError("no whole answer: " + what + "\n" + service.log(), cut);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    String operationId = operation.description().path("operationId").asString("?");
    seen.merge(operationId + " " + answer.statusCode() / 100 + "xx", 1, Integer::sum);
    try {
      check(operation, answer, body, what);
    } catch (AssertionError wrong) {
      // One failure of a kind is enough, and others may hide behind it.
      wrongs.putIfAbsent(operationId + " " + answer.statusCode(), wrong.getMessage());
    }
  }

  /** Reads the answer. Streams of events have no end, so only their beginning is read. */
  private static String body(HttpResponse<InputStream> answer) throws IOException {
    boolean isStream =
        answer.headers().firstValue("Content-Type").orElse("").startsWith("text/event-stream");
    try (var in = answer.body()) {
      return new String(isStream ? in.readNBytes(1) : in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void check(Operation operation, HttpResponse<?> answer, String body, String what) {
    int status = answer.statusCode();
    assertThat(status == 503 || status < 500).as("%s: %s", what, body).isTrue();
    if (status >= 400) {
      assertThat(answer.headers().firstValue("Content-Type"))
          .as(what + ": " + status + body)
          .hasValue("application/problem+json");
      JsonNode problem = Service.json(body);
      assertThat(problem.get("status").intValue()).as(what).isEqualTo(status);
      assertThat(problem.get("detail").stringValue()).as(what).isNotBlank();
      assertThat(body).as(what).doesNotContain("Exception", "at dev.");
      if (status == 503) {
        assertThat(answer.headers().firstValue("Retry-After")).as(what).isPresent();
      }
    } else {
      assertThat(operation.description().get("responses").has(Integer.toString(status)))
          .as("%s: %s is not described", what, status)
          .isTrue();
    }
  }

  // ---- what is sent

  private String path(Operation operation) {
    String path = operation.path();
    var query = new ArrayList<String>();
    for (JsonNode parameter : operation.description().path("parameters")) {
      String name = parameter.get("name").stringValue();
      String in = parameter.get("in").stringValue();
      if (in.equals("path")) {
        path = path.replace("{" + name + "}", segment(name));
      } else if (in.equals("query") && random.nextInt(3) == 0) {
        query.add(name + "=" + encode(value(parameter.path("schema"), name)));
      }
    }
    if (random.nextInt(20) == 0) {
      query.add(encode(wild()) + "=" + encode(wild()));
    }
    return query.isEmpty() ? path : path + "?" + String.join("&", query);
  }

  private String segment(String name) {
    return switch (random.nextInt(10)) {
      case 0 -> encode(wild()).replace("+", "%20");
      case 1 -> NO_JOB;
      default ->
          name.equals("name")
              ? List.of("gcd", "fuzzed", "fuzzed2").get(random.nextInt(3))
              : name.equals("index") ? Integer.toString(random.nextInt(-1, 5)) : id();
    };
  }

  private String id() {
    return ids.isEmpty() ? "none" : ids.get(random.nextInt(ids.size()));
  }

  private String value(JsonNode schema, String name) {
    if (name.equals("wait")) {
      return List.of("0", "0.01", "1e-9").get(random.nextInt(3));
    }
    if (name.equals("follow")) {
      return "false"; // or it would be no wonder that it does not end
    }
    if (random.nextInt(4) == 0) {
      return wild();
    }
    if (name.equals("first")) {
      return Integer.toString(random.nextInt(4)); // most jobs have few items
    }
    if (schema.has("enum")) {
      return schema.get("enum").get(random.nextInt(schema.get("enum").size())).asString();
    }
    return switch (schema.path("type").asString("")) {
      case "integer", "number" -> Integer.toString(random.nextInt(-2, 1_500));
      case "boolean" -> Boolean.toString(random.nextBoolean());
      default -> RandomJson.characters(random);
    };
  }

  private String headersAndBody(Operation operation, HttpRequest.Builder request) {
    for (JsonNode parameter : operation.description().path("parameters")) {
      String name = parameter.get("name").stringValue();
      if (parameter.get("in").stringValue().equals("header") && random.nextInt(4) == 0) {
        // A wait could last for minutes.
        boolean isPrefer = name.equals("Prefer");
        request.header(
            name, isPrefer ? "early-location" : random.nextBoolean() ? "7" : encode(wild()));
      }
    }
    if (random.nextInt(4) == 0) {
      request.header(
          "Accept",
          List.of("application/x-ndjson", "image/svg+xml", "text/plain", "application/json", "x/y")
              .get(random.nextInt(5)));
    }
    JsonNode contents = operation.description().path("requestBody").path("content");
    if (contents.isEmpty()) {
      request.method(operation.method(), BodyPublishers.noBody());
      return "";
    }
    var types = contents.propertyNames().stream().toList();
    String type = types.get(random.nextInt(types.size()));
    byte[] body = body(contents.get(type), type);
    String sentType =
        random.nextInt(30) == 0
            ? "text/x"
            : type.startsWith("multipart") ? type + "; boundary=xyz" : type;
    request
        .header("Content-Type", sentType)
        .method(operation.method(), BodyPublishers.ofByteArray(body));
    return sentType + "\n" + new String(body, StandardCharsets.UTF_8);
  }

  private byte[] body(JsonNode content, String type) {
    var examples = new ArrayList<String>();
    for (var example : content.path("examples")) {
      examples.add(text(example.path("value")));
    }
    if (content.has("example")) {
      examples.add(text(content.get("example")));
    }
    String text = examples.isEmpty() ? "{}" : examples.get(random.nextInt(examples.size()));
    if (type.startsWith("multipart") && !text.startsWith("--")) {
      text =
          "--xyz\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n{\"function\":\"gcd\"}\r\n"
              + "--xyz\r\nContent-Disposition: form-data; name=\"inputs\"\r\n\r\n[4,6]\n\r\n--xyz--\r\n";
    }
    if (type.equals("application/json")) {
      // Other jobs are waited for, and their results taken.
      text = nearly(random.nextInt(3) == 0 ? text : text.replace(NO_JOB, id()));
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int i = random.nextInt(8) == 0 ? random.nextInt(1, 6) : 0;
        i > 0 && bytes.length > 0;
        i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  private static String text(JsonNode example) {
    return example.isString() ? example.stringValue() : example.toString();
  }

  /** An example with some of its values replaced, left out or added to. */
  private String nearly(String text) {
    JsonNode node;
    try {
      node = Service.json(text);
    } catch (RuntimeException notJson) {
      return text;
    }
    String changed = change(node, random.nextInt(3) == 0 ? 0 : 12);
    return random.nextInt(15) == 0 ? wild() : changed;
  }

  /**
   * Replaces some values of a document.
   *
   * @param oneIn the number of values out of which one is replaced; 0 for none
   */
  private String change(JsonNode node, int oneIn) {
    if (oneIn > 0 && random.nextInt(oneIn) == 0) {
      return switch (random.nextInt(4)) {
        case 0 -> Service.quote(wild());
        case 1 ->
            List.of(
                    "1e999999999",
                    "-1",
                    "0",
                    "9223372036854775808",
                    "0.5",
                    "null",
                    "true",
                    "[]",
                    "{}",
                    "\"\\u0000\"",
                    "\"\\ud800\"")
                .get(random.nextInt(11));
        default -> RandomJson.anything(random, 3);
      };
    }
    if (node.isObject()) {
      var members = new ArrayList<String>();
      for (var member : node.properties()) {
        if (oneIn == 0 || random.nextInt(oneIn * 2) > 0) {
          members.add(Service.quote(member.getKey()) + ":" + change(member.getValue(), oneIn));
        }
      }
      if (oneIn > 0 && random.nextInt(oneIn * 2) == 0) {
        members.add(Service.quote(wild()) + ":1");
      }
      return "{" + String.join(",", members) + "}";
    }
    if (node.isArray()) {
      var elements = new ArrayList<String>();
      node.forEach(element -> elements.add(change(element, oneIn)));
      return "[" + String.join(",", elements) + "]";
    }
    return node.toString();
  }

  private String wild() {
    return WILD[random.nextInt(WILD.length)];
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
