package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * A request's id: in its answer, in its problem, in each line of the log that is written for it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RequestIdsIT {
  private static final String JOBS = "/api/v1/jobs";
  private static final String JOB =
      "{\"function\": \"check_prime\", \"inputs\": {\"range\": {\"stop\": 2000}}}";

  /** Makes Spring log a line at the beginning and at the end of each request. */
  private static final String TALKATIVE =
      "--logging.level.org.springframework.web.servlet.DispatcherServlet=debug";

  private Service service;

  @BeforeAll
  void start() {
    service = Service.start(Service.newDirectory(), TALKATIVE);
  }

  @AfterAll
  void stop() {
    service.close();
  }

  @Test
  void aClientsIdIsTheRequestsId() {
    var answer = with("client-1:a/b=@+", service.request(JOBS + "?state=WRONG"));
    assertThat(answer.header("X-Request-Id")).isEqualTo("client-1:a/b=@+");
    assertThat(answer.json().get("requestId").stringValue()).isEqualTo("client-1:a/b=@+");
    assertThat(with("client-2", service.request(JOBS)).header("X-Request-Id"))
        .isEqualTo("client-2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "two words", "a\"b", "${jndi:x}", "<b>", "a\tb", "x%0d%0aSet-Cookie: a"})
  void whatCouldDoHarmIsReplaced(String id) {
    var answer = with(id, service.request(JOBS + "/none"));
    assertThat(answer.header("X-Request-Id")).matches("[0-9a-f]{16}");
    assertThat(answer.json().get("requestId").stringValue())
        .isEqualTo(answer.header("X-Request-Id"));
  }

  @Test
  void anIdMayBeLongButNotTooLong() {
    String most = "x".repeat(128);
    assertThat(with(most, service.request(JOBS)).header("X-Request-Id")).isEqualTo(most);
    assertThat(with(most + "x", service.request(JOBS)).header("X-Request-Id")).hasSize(16);
    String raw =
        Raw.ask(service, Raw.head("GET", JOBS, "X-Request-Id: caf\u00e9", "X-Request-Id: b"));
    assertThat(raw).contains("X-Request-Id: ").doesNotContain("caf");
  }

  @Test
  void eachProblemHasOneWhoeverRefuses() {
    // The access filter, Spring, a controller, the web server within a request and before it.
    var origin = service.request(JOBS).header("Origin", "http://evil.example");
    for (var answer :
        List.of(
            with("p", origin),
            with("p", service.request("/nothing")),
            with("p", service.request(JOBS).DELETE()),
            with(
                "p", service.request(JOBS).method("PROPFIND", HttpRequest.BodyPublishers.noBody())),
            with("p", service.request(JOBS + "/x")))) {
      assertThat(answer.status()).isBetween(400, 499);
      assertThat(answer.json().get("requestId").stringValue()).isEqualTo("p");
      assertThat(answer.header("X-Request-Id")).isEqualTo("p");
    }
    String unheard = Raw.ask(service, "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertThat(unheard).contains(" 400 ");
    String id = unheard.replaceFirst("(?s).*X-Request-Id: ([^\r]*)\r.*", "$1");
    assertThat(unheard).contains("\"requestId\":\"" + id + "\"");
  }

  @Test
  void eachLineOfTheLogThatIsWrittenForARequestHasIt() {
    String id = submit("l-submit");
    with("l-wait", service.request(JOBS + "/" + id + "?wait=60"));
    with(
        "l-lines",
        service
            .request(JOBS + "/" + id + "/results?follow=true")
            .header("Accept", "application/x-ndjson"));
    with("l-events", service.request(JOBS + "/" + id + "/events"));
    with("l-problem", service.request(JOBS + "/none"));
    for (String name : List.of("l-submit", "l-wait", "l-lines", "l-events", "l-problem")) {
      service.awaitLog("[" + name + "] o.s.web.servlet.DispatcherServlet        : Completed");
      assertThat(service.log().lines().filter(line -> line.contains("[" + name + "] ")))
          .hasSizeGreaterThanOrEqualTo(2);
    }
    // A thread that serves a request logs its id, and no other thread does.
    assertThat(service.log().lines())
        .filteredOn(line -> line.contains("DispatcherServlet   ") && line.contains("api/v1"))
        .allMatch(line -> line.matches(".*\\[[A-Za-z0-9._:/+=@-]+] o\\.s\\.web.*"));
    assertThat(service.log().lines())
        .filteredOn(line -> line.contains("Tomcat started on port"))
        .allMatch(line -> line.contains("] o.s"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ecs", "logstash", "gelf"})
  void aStructuredLogIsJsonLineForLineAndNamesTheRequest(String format) {
    try (var structured =
        Service.start(
            Service.newDirectory(),
            TALKATIVE,
            "--logging.structured.format.console=" + format,
            "--manyhands.python.interpreter=no-such-python")) {
      var answer =
          structured.send(
              structured.request(JOBS + "/none").header("X-Request-Id", "structured-" + format));
      assertThat(answer.status()).isEqualTo(404);
      structured.run(JOB);
      structured.awaitLog("no-such-python");
      String log = structured.log();
      String whole = log.substring(0, log.lastIndexOf('\n'));
      List<JsonNode> lines = whole.lines().map(Service::json).toList();
      assertThat(lines).hasSizeGreaterThan(10).allMatch(JsonNode::isObject);
      assertThat(lines).anyMatch(line -> line.toString().contains("\"structured-" + format + "\""));
    }
  }

  private String submit(String requestId) {
    var answer =
        with(
            requestId,
            service
                .request(JOBS)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JOB)));
    assertThat(answer.status()).isEqualTo(202);
    return answer.json().get("id").stringValue();
  }

  private Service.Answer with(String id, HttpRequest.Builder request) {
    return service.send(request.header("X-Request-Id", id));
  }
}
