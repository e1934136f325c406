package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Texts as long as the service lets in, of the kinds that make a pattern or a parser recurse or go
 * back: each is refused, or taken, and never a fault of the service.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExtremeTextsIT {
  private static final String JOBS = "/api/v1/jobs";
  private static final int LONG = 1_000_000;

  /** As long as a line of a request may be. */
  private static final int LONG_LINE = 7_000;

  private Service service;
  private int logSeen;

  @BeforeAll
  void start() {
    Requirements.python();
    service = Service.start(Service.newDirectory());
  }

  @AfterAll
  void stop() {
    service.close();
  }

  @AfterEach
  void noFaultIsLogged() {
    String log = service.log();
    String since = log.substring(logSeen);
    logSeen = log.length();
    assertThat(since).doesNotContain(" failed\n", "StackOverflow", "OutOfMemory");
  }

  /** Texts of about this length, by what they are made of. */
  private static Stream<String> texts(int length) {
    return Stream.of(
        "a".repeat(length),
        "a.".repeat(length / 2) + "a:f",
        "a.".repeat(length / 2) + ".",
        "a:".repeat(length / 2),
        "1".repeat(length),
        "0." + "1".repeat(length),
        "1".repeat(length) + "%",
        " ".repeat(length) + "x",
        "(".repeat(length),
        "/".repeat(length),
        "../".repeat(length / 3),
        "-".repeat(length),
        ",".repeat(length),
        "%41".repeat(length / 3),
        "\u00e9".repeat(length / 2),
        "http://" + "a.".repeat(length / 2),
        "http://[" + ":".repeat(length) + "]/");
  }

  static Stream<String> longTexts() {
    return texts(LONG);
  }

  static Stream<String> longLines() {
    return texts(LONG_LINE);
  }

  @ParameterizedTest
  @MethodSource("longTexts")
  void aLongTextInAFieldOfAJob(String text) {
    String value = Service.quote(text);
    for (String field :
        List.of(
            "\"name\": %s",
            "\"labels\": {%s: \"x\"}",
            "\"labels\": {\"x\": %s}",
            "\"memory\": %s",
            "\"maxFailures\": %s",
            "\"notBefore\": %s",
            "\"after\": [%s]",
            "\"reduce\": %s",
            "\"onError\": %s",
            "\"call\": %s",
            "\"stopWhen\": {\"equals\": %s, \"truthy\": 1}",
            "\"stopWhen\": {%s: 1}",
            "\"chunking\": {\"size\": %s}",
            "\"chunking\": {\"order\": %s}",
            "\"callback\": {\"url\": %s}",
            "\"callback\": {\"url\": \"https://hooks.example\", \"secret\": %s}",
            "\"seed\": %s",
            "%s: 1")) {
      refuses(JOBS, "{\"function\": \"gcd\", \"inputs\": [[4,6]], " + field.formatted(value) + "}");
    }
    refuses(JOBS, "{\"function\": " + value + ", \"inputs\": [1]}");
    refuses(JOBS, "{\"function\": \"gcd\", \"inputs\": {\"results\": " + value + "}}");
  }

  @ParameterizedTest
  @MethodSource("longTexts")
  void aLongTextInADefinition(String text) {
    String value = Service.quote(text);
    for (String definition :
        List.of(
            "{\"runtime\": %s}",
            "{\"runtime\": \"java\", \"class\": %s, \"jar\": \"x.jar\"}",
            "{\"runtime\": \"java\", \"class\": \"a.B\", \"jar\": %s}",
            "{\"runtime\": \"command\", \"command\": [\"cat\"], \"protocol\": %s}")) {
      refuses(JOBS, "{\"function\": " + definition.formatted(value) + ", \"inputs\": [1]}");
    }
    for (var each :
        Map.of(
                "f.py", "{\"runtime\": \"python\", \"entry\": %s}",
                "f.zip", "{\"runtime\": \"python\", \"entry\": %s}",
                "f.jar", "{\"runtime\": \"java\", \"class\": %s}",
                "run", "{\"runtime\": \"command\", \"command\": [%s]}")
            .entrySet()) {
      String form =
          part("name=\"definition\"", each.getValue().formatted(value))
              + part("name=\"file\"; filename=\"" + each.getKey() + "\"", "def f(x): return x\n")
              + "--xyz--\r\n";
      String answer =
          Raw.ask(
              service,
              Raw.head(
                      "PUT",
                      "/api/v1/functions/extreme",
                      "Content-Type: multipart/form-data; boundary=xyz",
                      "Content-Length: " + form.length())
                  + form);
      assertThat(answer).as(each.getKey()).startsWith("HTTP/1.1 4");
      assertThat(answer).hasSizeLessThan(100_000);
    }
  }

  /** In ISO 8859-1, as the bare connection sends it. */
  private static String part(String names, String content) {
    String bytes =
        new String(content.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    return "--xyz\r\nContent-Disposition: form-data; " + names + "\r\n\r\n" + bytes + "\r\n";
  }

  /** A worker of this code may not start, or its entry not be found: that is the job's fault. */
  @Test
  void aLongCommandOrEntryCostsItsJobOnly() {
    String name = Service.quote("a".repeat(LONG));
    for (String definition :
        List.of(
            "{\"runtime\": \"python\", \"code\": \"def f(x): return x\", \"entry\": %s}",
            "{\"runtime\": \"command\", \"command\": [%s]}",
            "{\"runtime\": \"command\", \"command\": [\"cat\", %s]}")) {
      var job = service.run("{\"function\": " + definition.formatted(name) + ", \"inputs\": [1]}");
      assertThat(job.get("state").stringValue()).isEqualTo("FAILED");
    }
    var next = service.run("{\"function\": \"gcd\", \"inputs\": [[4,6]]}");
    assertThat(next.get("result").toString()).isEqualTo("[2]");
  }

  @Test
  void manyFunctionsInOneSourceAreNotAllNamed() {
    String code = "def f%1$d(x): return x\n";
    var source = new StringBuilder();
    for (int i = 0; i < 100_000; i++) {
      source.append(code.formatted(i));
    }
    refuses(
        JOBS,
        "{\"function\": {\"runtime\": \"python\", \"code\": %s}, \"inputs\": [1]}"
            .formatted(Service.quote(source.toString())));
  }

  @ParameterizedTest
  @MethodSource("longLines")
  void aLongLineOfARequest(String text) {
    String id = service.run("{\"function\": \"gcd\", \"inputs\": [[4,6]]}").get("id").stringValue();
    String line = URLEncoder.encode(text, StandardCharsets.UTF_8);
    String value = line.substring(0, Math.min(LONG_LINE, line.length())).replaceFirst("%.?$", "");
    String job = JOBS + "/" + id;
    for (String path :
        List.of(
            JOBS + "?cursor=" + value,
            JOBS + "?state=" + value,
            JOBS + "?function=" + value,
            JOBS + "?label=" + value,
            JOBS + "?since=" + value,
            JOBS + "?limit=" + value,
            JOBS + "/" + value,
            job + "?wait=" + value,
            job + "/results?offset=" + value,
            job + "/results?order=" + value,
            job + "/items/" + value,
            job + "/timeline?format=" + value,
            "/api/v1/functions/" + value,
            "/api/v1/comparisons?cursor=" + value)) {
      assertThat(Raw.ask(service, Raw.head("GET", path))).as(path).matches("(?s)HTTP/1.1 [24].*");
    }
    String header =
        text.chars().allMatch(c -> c < 128) ? text : text.replaceAll("[^\\x00-\\x7f]", "x");
    for (String name :
        List.of(
            "Accept",
            "Accept-Encoding",
            "Accept-Language",
            "Authorization",
            "Content-Type",
            "Cookie",
            "Forwarded",
            "Host",
            "If-Match",
            "If-Modified-Since",
            "If-None-Match",
            "Last-Event-ID",
            "Origin",
            "Prefer",
            "Range",
            "If-Range",
            "TE",
            "traceparent",
            "tracestate",
            "X-Forwarded-For",
            "X-Request-Id")) {
      for (String path : List.of(job, job + "/results", job + "/events", JOBS)) {
        String answer = Raw.ask(service, Raw.head("GET", path, name + ": " + header));
        assertThat(answer).as(name + " of " + path).matches("(?s)HTTP/1.1 [24].*");
      }
    }
  }

  private void refuses(String path, String body) {
    var answer = service.post(path, body);
    String what = body.length() > 200 ? body.substring(0, 200) : body;
    assertThat(answer.status()).as(what).isBetween(400, 499);
    assertThat(answer.body().length()).as("length of the answer to " + what).isLessThan(100_000);
  }
}
