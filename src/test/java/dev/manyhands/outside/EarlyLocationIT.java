package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A client that asks knows its job before its upload ends, or while it waits for the end. */
class EarlyLocationIT extends OnEachStore {
  private static final String LINES = "Content-Type: application/x-ndjson";
  private static final String FORM = "Content-Type: multipart/form-data; boundary=ab";
  private static final String CHUNKED = "Transfer-Encoding: chunked";
  private static final String EARLY = "Prefer: early-location";
  private static final Pattern LOCATION = Pattern.compile("\r\nLocation: (\\S+)\r\n");
  private static final String JOB =
      "{\"function\": {\"runtime\": \"python\", \"code\": \"def f(x): return 2 * x\"}}\n";

  @Test
  void theJobOfLinesIsKnownWhileTheyCome() {
    try (var raw = new Raw(service)) {
      raw.send(Raw.head("POST", "/api/v1/jobs", LINES, CHUNKED, EARLY)).chunk(JOB + "21\n");
      String job = early(raw);
      assertThat(shown(job).get("inputsOpen").booleanValue()).isTrue();
      raw.chunk("22\n").lastChunk();
      assertFinal(raw.answer(), "202", job);
      assertThat(ended(job).get("result").toString()).isEqualTo("[42,44]");
    }
  }

  @Test
  void theJobOfAFormIsKnownWhileItsInputsCome() {
    try (var raw = new Raw(service)) {
      raw.send(Raw.head("POST", "/api/v1/jobs", FORM, CHUNKED, EARLY))
          .chunk("--ab\r\nContent-Disposition: form-data; name=job\r\n\r\n" + JOB)
          .chunk("\r\n--ab\r\nContent-Disposition: form-data; name=inputs\r\n\r\n21\n");
      String job = early(raw);
      assertThat(shown(job).get("inputsOpen").booleanValue()).isTrue();
      raw.chunk("22\r\n--ab--\r\n").lastChunk();
      assertFinal(raw.answer(), "202", job);
      assertThat(ended(job).get("result").toString()).isEqualTo("[42,44]");
    }
  }

  @Test
  void theJobOfAFormWithInputsFirstIsKnownBeforeItsEnd() {
    String form =
        "--ab\r\nContent-Disposition: form-data; name=inputs\r\n\r\n21\n22\r\n"
            + "--ab\r\nContent-Disposition: form-data; name=job\r\n\r\n"
            + JOB
            + "\r\n--ab--\r\n";
    try (var raw = new Raw(service)) {
      raw.send(Raw.head("POST", "/api/v1/jobs?wait=60", FORM, CHUNKED, EARLY))
          .chunk(form)
          .lastChunk();
      String job = early(raw);
      assertFinal(raw.answer(), "200", job);
      assertThat(ended(job).get("result").toString()).isEqualTo("[42,44]");
    }
  }

  @Test
  void aClientThatWaitsForTheEndCanCancelMeanwhile() {
    String body =
        "{\"function\": {\"runtime\": \"python\", \"code\": \"import time\\n"
            + "def f(x): time.sleep(x)\"}, \"inputs\": [600]}";
    try (var raw = new Raw(service)) {
      raw.send(
          Raw.head(
                  "POST",
                  "/api/v1/jobs",
                  "Content-Type: application/json",
                  "Content-Length: " + body.length(),
                  "Prefer: wait=60, Early-Location")
              + body);
      String job = early(raw);
      assertThat(service.post(job + "/cancel", "").status()).isEqualTo(202);
      String answer = raw.answer();
      assertFinal(answer, "200", job);
      assertThat(answer).contains("\r\nPreference-Applied: wait=60\r\n", "\"CANCELLED\"");
    }
  }

  @Test
  void aJobThatIsRefusedHasNoPlaceAndOneThatHasBegunKeepsIts() {
    try (var raw = new Raw(service)) {
      raw.send(Raw.head("POST", "/api/v1/jobs", LINES, CHUNKED, EARLY))
          .chunk("{\"function\": \"nobody\"}\n1\n")
          .lastChunk();
      assertThat(raw.answer()).startsWith("HTTP/1.1 422 ").doesNotContain("Location");
    }
    try (var raw = new Raw(service)) {
      raw.send(Raw.head("POST", "/api/v1/jobs", LINES, CHUNKED, EARLY)).chunk(JOB + "21\n");
      String job = early(raw);
      raw.chunk("no\n").lastChunk();
      assertThat(raw.answer())
          .startsWith("HTTP/1.1 400 ")
          .doesNotContainPattern(LOCATION)
          .contains(job.substring(job.lastIndexOf('/') + 1));
      assertThat(ended(job).get("stopReason").stringValue()).isEqualTo("uploadRefused");
    }
  }

  @Test
  void thoseThatDoNotAskAndThoseThatCannotReadItGetOneAnswer() {
    for (String header : new String[] {"X-None: 1", "Prefer: wait=9; early-location"}) {
      String answer =
          Raw.ask(
              service,
              Raw.head("POST", "/api/v1/jobs", LINES, "Content-Length: " + JOB.length(), header)
                  + JOB);
      assertThat(answer).startsWith("HTTP/1.1 20").doesNotContain("early-location");
    }
    String old =
        Raw.head("POST", "/api/v1/jobs", LINES, "Content-Length: " + JOB.length(), EARLY)
            .replace("HTTP/1.1", "HTTP/1.0");
    assertThat(Raw.ask(service, old + JOB))
        .startsWith("HTTP/1.1 202 ")
        .doesNotContain("early-location");
  }

  @Test
  void aConnectionThatIsKeptHasBothAnswersOfEachRequest() {
    String head =
        Raw.head("POST", "/api/v1/jobs?wait=60", LINES, "Content-Length: " + JOB.length(), EARLY)
            .replace("Connection: close\r\n", "");
    try (var raw = new Raw(service)) {
      raw.send(head + JOB);
      String first = early(raw);
      assertFinal(raw.head(), "200", first);
    }
    try (var raw = new Raw(service)) {
      String get = "GET /api/v1/service HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      raw.send(head + JOB + head + JOB + get);
      String first = early(raw);
      String rest = raw.answer();
      assertThat(rest).startsWith("HTTP/1.1 200 ").contains("\r\nLocation: " + first + "\r\n");
      assertThat(rest).containsOnlyOnce("HTTP/1.1 103 ");
      String last = rest.substring(rest.lastIndexOf("HTTP/1.1 "));
      assertThat(last).startsWith("HTTP/1.1 200 ").doesNotContain("Location", "early-location");
    }
  }

  private static String early(Raw raw) {
    String head = raw.head();
    assertThat(head)
        .startsWith("HTTP/1.1 103 ")
        .contains("\r\nPreference-Applied: early-location\r\n");
    return location(head);
  }

  private static void assertFinal(String answer, String status, String job) {
    assertThat(answer)
        .startsWith("HTTP/1.1 " + status + " ")
        .containsOnlyOnce("\r\nLocation: ")
        .containsOnlyOnce("\r\nPreference-Applied: early-location\r\n");
    assertThat(location(answer)).isEqualTo(job);
  }

  private static String location(String head) {
    var match = LOCATION.matcher(head);
    assertThat(match.find()).as(head).isTrue();
    return match.group(1);
  }

  private JsonNode shown(String job) {
    return service.get(job).json();
  }

  private JsonNode ended(String job) {
    return service.await(job.substring(job.lastIndexOf('/') + 1));
  }
}
