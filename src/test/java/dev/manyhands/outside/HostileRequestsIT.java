package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests that try to hurt the service. Each gets a problem that reports this, and no other client
 * notices.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileRequestsIT {
  private static final String JOBS = "/api/v1/jobs";
  private static final String ID = "019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77";
  private static final String JSON = "Content-Type: application/json";
  private static final String LINES = "Content-Type: application/x-ndjson";
  private static final String FORM = "Content-Type: multipart/form-data; boundary=xyz";
  private static final String CHUNKED = "Transfer-Encoding: chunked";
  private static final String SPEC = "{\"function\":\"gcd\"}\n";

  private Service service;
  private int logSeen;

  @BeforeAll
  void start() {
    Requirements.python();
    service =
        Service.start(
            Service.newDirectory(), "--manyhands.limits.body=1MB", "--manyhands.limits.spec=64KB");
  }

  @AfterAll
  void stop() {
    service.close();
  }

  @AfterEach
  void othersAreServed() {
    assertThat(service.post(JOBS + "?wait=30", "{\"function\":\"gcd\",\"inputs\":[[4,6]]}").body())
        .contains("\"result\":[2]");
    assertThat(service.get("/actuator/health/readiness").status()).isEqualTo(200);
    assertThat(logged()).doesNotContain(" failed\n", "OutOfMemory", "Servlet.service()");
  }

  /**
   * Returns what was logged since the last call. A line is returned once, so that one test fails
   * for the line and no later one.
   */
  private String logged() {
    String log = service.log();
    String since = log.substring(logSeen);
    logSeen = log.length();
    return since;
  }

  // ---- bodies

  static Stream<String> hostileJobs() {
    String with = "{\"function\":\"gcd\",\"inputs\":[%s]}";
    String option = "{\"function\":\"gcd\",\"inputs\":[1],%s}";
    String million = "9".repeat(1_000_000);
    return Stream.of(
        with.formatted("[".repeat(500_000)),
        with.formatted("{\"a\":".repeat(150_000)),
        with.formatted("1" + million),
        with.formatted("1e" + million),
        with.formatted("0." + million),
        option.formatted("\"seed\":" + "9".repeat(900)),
        option.formatted("\"seed\":1e999999999"),
        option.formatted("\"seed\":1e-999999999"),
        option.formatted("\"workers\":1e999999999"),
        option.formatted("\"maxFailures\":1e99999999999"),
        option.formatted("\"chunking\":{\"size\":1e99999999999}"),
        option.formatted("\"stopWhen\":{\"equals\":1e99999999999}"),
        option.formatted("\"retry\":1e99999999999"),
        option.formatted("\"priority\":1e99999"),
        option.formatted("\"maxFailures\":1e999999999"),
        option.formatted("\"chunking\":{\"size\":1e999999999}"),
        option.formatted("\"stopWhen\":{\"truthy\":1e999999999}"),
        option.formatted("\"retry\":{\"backoff\":1e999999999}"),
        option.formatted("\"timeouts\":{\"item\":1e999999999}"),
        option.formatted("\"ttl\":1e999999999"),
        option.formatted("\"notBefore\":\"+999999999-12-31T23:59:59Z\""),
        option.formatted("\"labels\":" + "[".repeat(200) + "]".repeat(200)),
        option.formatted("\"labels\":{\"" + "k".repeat(60_000) + "\":\"v\"}"),
        "{\"function\":\"gcd\",\"inputs\":{\"range\":{\"stop\":1e999999999}}}",
        "{\"function\":\"gcd\",\"inputs\":{\"repeat\":{\"value\":1,\"times\":1e999999999}}}",
        "{\"function\":\"gcd\",\"inputs\":[1],\"inputs\":[2]}",
        "{\"function\":\"gcd\",\"inputs\":[1],\"\\u0069nputs\":[2]}",
        "{\"function\":\"gcd\",\"inputs\":[1],\"labels\":{\"a\":\"1\",\"\\u0061\":\"2\"}}",
        "{\"function\":\"gcd\",\"\\u0069nputs\":\"x\"}",
        "\uFEFF{\"function\":\"gcd\",\"inputs\":[1]}",
        with.formatted("\"\0\""),
        with.formatted("\0"),
        "\0".repeat(1000),
        " ".repeat(1 << 20),
        "{".repeat(10_000),
        "\"" + "x".repeat(900_000),
        option.formatted("\"name\":\"a\\u0000b\""),
        option.formatted("\"name\":\"a\\nFAKE line\""),
        option.formatted("\"name\":\"\\u001b[2J\""),
        option.formatted("\"labels\":{\"a\\r\\nX: y\":\"b\"}"),
        option.formatted("\"labels\":{\"a\":\"\\u001b[31m\"}"));
  }

  @ParameterizedTest
  @MethodSource("hostileJobs")
  void aHostileJobIsRefused(String body) {
    assertProblem(service.post(JOBS, body));
    assertProblem(
        service.send(
            service
                .request(JOBS)
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(body + "\n"))));
    assertProblem(service.put("/api/v1/functions/hostile", body));
    assertProblem(service.post("/api/v1/comparisons", body));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[]", "1", "\"x\"", "true", ""})
  void aBodyThatIsNoObjectIsRefused(String body) {
    String id = service.submit("{\"function\":\"gcd\",\"inputs\":[[4,6]],\"paused\":true}");
    assertProblem(service.post(JOBS, body));
    assertProblem(service.post("/api/v1/comparisons", body));
    assertProblem(service.put("/api/v1/functions/hostile", body));
    assertProblem(
        service.send(
            service
                .request(JOBS + "/" + id)
                .header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofString(body))));
    assertProblem(service.post(JOBS + "/" + id + "/retry", body));
    service.cancelled(id);
  }

  @Test
  void whatIsJsonButStrangeDoesNoHarm() {
    for (String item :
        List.of(
            "1e999999999",
            "-1e999999999",
            "1e-999999999",
            "1e99999999",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "\"\\udc00\\ud800\"",
            "9".repeat(1000))) {
      for (String function : List.of("\"gcd\"", "\"check_prime\"", "\"sum_of_squares\"")) {
        var job =
            service.run(
                "{\"function\":"
                    + function
                    + ",\"inputs\":[[4,6],"
                    + item
                    + "],\"timeouts\":{\"item\":5}}");
        assertThat(job.get("items").get("done").intValue()).as("%s", job).isEqualTo(2);
      }
      var job =
          service.run(
              "{\"function\":{\"runtime\":\"python\",\"code\":\"def f(x, **k): return"
                  + " 1\"},\"inputs\":["
                  + item
                  + "],\"common\":{\"k\":"
                  + item
                  + "},\"name\":\"\\u20ac\",\"labels\":{\"a\":\"\\u20ac\"},"
                  + "\"stopWhen\":{\"equals\":"
                  + item
                  + "}}");
      assertThat(job.get("state").stringValue()).as("%s", job).isIn("SUCCEEDED", "FAILED");
    }
  }

  @Test
  void bytesThatAreNoUtf8AreRefused() {
    for (String bytes :
        List.of("\u00ff", "\u00c0\u0080", "\u00ed\u00a0\u0080", "\u00f8\u0088\u0080\u0080\u0080")) {
      for (String body :
          List.of(
              "{\"function\":\"gcd\",\"inputs\":[\"" + bytes + "\"]}",
              "{\"function\":\"gcd\",\"inputs\":[1],\"name\":\"" + bytes + "\"}",
              "{\"function\":\"gcd\",\"inputs\":[1],\"" + bytes + "\":1}")) {
        assertProblem(Raw.ask(service, post(JSON, body)), 400);
        assertProblem(Raw.ask(service, post(LINES, SPEC + body.replace("gcd", bytes) + "\n")), 400);
      }
    }
  }

  private static String post(String type, String body) {
    return Raw.head("POST", JOBS, type, "Content-Length: " + body.length()) + body;
  }

  @Test
  void whatIsTooLongIsRefusedWithAndWithoutALength() throws Exception {
    String item = "1," + "2,".repeat(1 << 20) + "3";
    String body = "{\"function\":\"gcd\",\"inputs\":[" + item + "]}";
    assertProblem(Raw.ask(service, post(JSON, body)), 413);
    assertProblem(Raw.ask(service, Raw.head("POST", JOBS, JSON, CHUNKED) + chunks(body)), 413);
    String spec = "{\"function\":\"gcd\",\"name\":\"" + "x".repeat(100_000) + "\"}";
    assertProblem(Raw.ask(service, post(LINES, spec + "\n1\n")), 413);
    for (String path : List.of("/api/v1/functions/big", "/api/v1/comparisons", JOBS + "/" + ID)) {
      String method = path.contains("functions") ? "PUT" : path.contains(ID) ? "PATCH" : "POST";
      assertProblem(
          Raw.ask(service, Raw.head(method, path, JSON, CHUNKED) + chunks(" ".repeat(200_000))),
          413);
    }
  }

  private static String chunks(String body) {
    var chunks = new StringBuilder();
    for (int i = 0; i < body.length(); i += 8_000) {
      String part = body.substring(i, Math.min(body.length(), i + 8_000));
      chunks.append(Integer.toHexString(part.length())).append("\r\n").append(part).append("\r\n");
    }
    return chunks.append("0\r\n\r\n").toString();
  }

  @Test
  void whatBreaksOffIsABadRequestAndLeavesNothing() {
    int before = jobs();
    String whole = "{\"function\":\"gcd\",\"inputs\":[[4,6]]}";
    for (String body : List.of("", "{", whole.substring(0, 20), whole)) {
      String head = Raw.head("POST", JOBS, JSON, "Content-Length: " + (body.length() + 10));
      assertProblem(Raw.ask(service, head + body), 400);
      String chunked = Raw.head("POST", JOBS, JSON, CHUNKED);
      assertProblem(Raw.ask(service, chunked + "ff\r\n" + body), 400);
      assertProblem(Raw.ask(service, chunked + "zz\r\n" + body), 400);
      assertProblem(Raw.ask(service, chunked + "-5\r\n" + body), 400);
    }
    String form = form("job", SPEC) + form("inputs", "1\n2\n") + "--xyz--\r\n";
    for (int cut : List.of(0, 10, 60, form.length() - 13)) {
      String head = Raw.head("POST", JOBS, FORM, "Content-Length: " + form.length());
      assertProblem(Raw.ask(service, head + form.substring(0, cut)), 400);
    }
    assertThat(jobs() - before).as("the form whose job was there was a job").isEqualTo(1);
  }

  private int jobs() {
    return service.get(JOBS + "?limit=1000").json().get("jobs").size();
  }

  @Test
  void compressedBodiesAreNotTaken() {
    for (String encoding : List.of("gzip", "deflate", "br", "zstd", "gzip, gzip", "x")) {
      for (String type : List.of(JSON, LINES, FORM)) {
        String head =
            Raw.head("POST", JOBS, type, "Content-Encoding: " + encoding, "Content-Length: 2");
        String answer = Raw.ask(service, head + "\u001f\u008b");
        assertProblem(answer, 415);
        assertThat(answer).contains("Accept-Encoding: identity", "uncompressed");
      }
    }
  }

  // ---- forms

  private static String form(String name, String content) {
    return "--xyz\r\nContent-Disposition: form-data; name=\""
        + name
        + "\"\r\n\r\n"
        + content
        + "\r\n";
  }

  private String sendForm(String... parts) {
    return Raw.ask(
        service,
        Raw.head("POST", JOBS + "?wait=20", FORM, CHUNKED)
            + chunks(String.join("", parts) + "--xyz--\r\n"));
  }

  @Test
  void aFormIsAJobInEitherOrder() {
    String pairs = "[4,6]\n[9,6]\n";
    assertThat(sendForm(form("job", SPEC), form("inputs", pairs))).contains("\"result\":[2,3]");
    assertThat(sendForm(form("inputs", pairs), form("job", SPEC))).contains("\"result\":[2,3]");
    String many = "[4,6]\n".repeat(300_000);
    assertThat(sendForm(form("job", SPEC), form("inputs", many))).contains("\"total\":300000");
    String answer = sendForm(form("inputs", many), form("job", SPEC));
    assertProblem(answer, 413);
    assertThat(answer).contains("manyhands.limits.body", "put the part job before it");
  }

  @Test
  void aFormThatIsNoJobIsRefused() {
    assertProblem(sendForm(), 400);
    assertProblem(sendForm(form("job", SPEC)), 400);
    assertProblem(sendForm(form("inputs", "1\n")), 400);
    assertProblem(sendForm(form("job", SPEC), form("job", SPEC)), 400);
    assertProblem(sendForm(form("inputs", "1\n"), form("inputs", "1\n")), 400);
    assertProblem(sendForm(form("jobb", SPEC), form("inputs", "1\n")), 400);
    assertProblem(sendForm(form("job", SPEC), form("inputs", "1\n"), form("more", "x")), 400);
    assertProblem(sendForm(form("inputs", "1\n"), form("job", SPEC), form("more", "x")), 400);
    assertProblem(sendForm(form("job", "x".repeat(100_000)), form("inputs", "1\n")), 413);
    assertProblem(sendForm(form("inputs", "1\nx\n"), form("job", SPEC)), 400);
    assertProblem(
        sendForm(form("inputs", "1\n"), form("job", "{\"function\":\"gcd\",\"inputs\":[1]}")), 400);
    assertProblem(sendForm("--xyz\r\n" + "X: y\r\n".repeat(10_000) + "\r\n1\r\n"), 400);
    assertProblem(
        Raw.ask(
            service,
            Raw.head("POST", JOBS, "Content-Type: multipart/form-data", "Content-Length: 2")
                + "{}"),
        400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"multipart/form-data; boundary=xyz", "application/x-www-form-urlencoded"})
  void aFormThatNobodyExpectsIsNotRead(String type) {
    String content = "Content-Type: " + type;
    String endless = "Content-Length: 100000000000";
    assertThat(Raw.ask(service, Raw.head("GET", JOBS + "?limit=1", content, endless) + "--xyz\r\n"))
        .startsWith("HTTP/1.1 200");
    String put = type.startsWith("multipart") ? "Content-Type: text/plain" : content;
    String head = Raw.head("PUT", "/api/v1/functions/x?a=b", put, endless);
    assertProblem(Raw.ask(service, head + "a=b"), 415);
    String cancel = Raw.head("POST", JOBS + "/" + ID + "/cancel", content, endless);
    assertProblem(Raw.ask(service, cancel + "--xyz\r\n"), 404);
  }

  // ---- heads

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/jobs?limit=NaN",
        "/api/v1/jobs?limit=-1",
        "/api/v1/jobs?limit=9223372036854775808",
        "/api/v1/jobs?since=+1000000000-12-31T23:59:59Z",
        "/api/v1/jobs?since=x",
        "/api/v1/jobs?since=%2B999999999-12-31T23:59:59Z",
        "/api/v1/jobs?state=%0d%0a",
        "/api/v1/jobs?function=a%0ab",
        "/api/v1/jobs?label=a:%00",
        "/api/v1/jobs?label=:",
        "/api/v1/jobs?cursor=%ff",
        "/api/v1/jobs?x=%zz",
        "/api/v1/jobs?limit=%",
        "/api/v1/jobs?limit=%e2%28%a1",
        "/api/v1/jobs/JOB?wait=NaN",
        "/api/v1/jobs/JOB?wait=-1",
        "/api/v1/jobs/JOB?wait=-Infinity",
        "/api/v1/jobs/JOB?wait=x",
        "/api/v1/jobs/JOB/results?offset=9223372036854775808",
        "/api/v1/jobs/JOB/results?offset=-1",
        "/api/v1/jobs/JOB/results?limit=0",
        "/api/v1/jobs/JOB/results?limit=99999999999",
        "/api/v1/jobs/JOB/results?follow=perhaps",
        "/api/v1/jobs/JOB/results?order=%0a",
        "/api/v1/jobs/JOB/items/9223372036854775808",
        "/api/v1/jobs/JOB/items/-1",
        "/api/v1/jobs/JOB/items/1e5",
        "/api/v1/jobs/JOB/items/-1/log",
        "/api/v1/jobs/JOB/log?item=-9223372036854775808",
        "/api/v1/jobs/JOB/log?item=x",
        "/api/v1/jobs/JOB/timeline?format=../../etc/passwd",
        "/api/v1/jobs/..",
        "/api/v1/jobs/[x",
        "/api/v1/jobs/%00",
        "/api/v1/jobs/%0d%0aX:%20y",
        "/api/v1/jobs/%ff%fe",
        "/api/v1/jobs/%zz",
        "/api/v1/jobs/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/api/v1/jobs/..%5c..%5cetc",
        "/api/v1/jobs//",
        "/api/v1/jobs/;a=b/results",
        "/api/v1/jobs/%252e%252e%252f",
        "/api/v1/functions/..",
        "/api/v1/functions/%2e%2e%2fx",
        "/api/v1/functions/a%0ab",
        "/api/v1/functions/[",
        "/api/v1/functions/%f0%9f",
        "/api/v1/comparisons/[x",
        "/api/v1/comparisons/%00",
        "/api/v1/comparisons?limit=1e9",
        "/api/v1/comparisons?cursor=-",
        "/swagger-ui/../../application.yaml",
        "/console/x/../../application.yaml",
        "/console/x/%2e%2e/%2e%2e/application.yaml",
        "/console/x/..%2f..%2fapplication.yaml",
        "/swagger-ui/%2e%2e/application.yaml",
        "/swagger-ui/..%2f..%2fapplication.yaml",
        "/v3/api-docs/../x",
        "/client/../application.yaml",
        "/client/..%2fmanyhands%2fclient%2fsrc",
        "/client/manyhands-9-py3-none-any.whl",
        "/actuator/../../x",
        "/[",
        "/%c0%ae%c0%ae/"
      })
  void aStrangePathOrQueryIsRefused(String path) {
    String id = service.submit("{\"function\":\"gcd\",\"inputs\":[[4,6]]}");
    String answer = Raw.ask(service, Raw.head("GET", path.replace("JOB", id)));
    assertThat(answer).as(path).startsWith("HTTP/1.1 4").contains("application/problem+json");
    assertThat(answer).doesNotContain("Exception", "at dev.", "root:").doesNotContain("\nX: y");
  }

  @Test
  void absurdButTrueQueriesAreServed() {
    String id = service.run(python("def f(x): return x", "[1]")).get("id").stringValue();
    for (String query :
        List.of(
            "?wait=1e308",
            "?wait=Infinity",
            "?wait=0",
            "?wait=1e-308",
            "/results?offset=9223372036854775807",
            "/results?offset=9223372036854775807&limit=100000",
            "/results?from=9223372036854775806")) {
      assertThat(service.get(JOBS + "/" + id + query).status()).as(query).isEqualTo(200);
    }
    assertThat(service.get(JOBS + "?limit=5" + "&".repeat(2_000)).status()).isEqualTo(200);
    assertThat(service.get(JOBS + "?" + "limit=5&".repeat(500)).status()).isEqualTo(400);
    assertThat(service.get(JOBS + "?" + "a&".repeat(2_000)).status()).isEqualTo(400);
  }

  @Test
  void wrongMethodsAndTypesAreNamed() {
    for (String method : List.of("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "FOO", "CONNECT")) {
      String answer = Raw.ask(service, Raw.head(method, JOBS, "Content-Length: 0"));
      assertThat(answer)
          .as(method)
          .matches("(?s)HTTP/1.1 (4|501).*")
          .contains("application/problem+json");
    }
    for (String type :
        List.of(
            "",
            "x",
            "application/xml",
            "application/json/x",
            "text/plain;charset=nope",
            "\u00ff/\u00ff",
            "application/json;charset=UTF-16",
            "a".repeat(3_000),
            "application/json, text/plain",
            "*/*")) {
      String answer =
          Raw.ask(
              service, Raw.head("POST", JOBS, "Content-Type: " + type, "Content-Length: 2") + "{}");
      assertThat(answer).as(type).startsWith("HTTP/1.1 4").contains("application/problem+json");
    }
    for (String accept : List.of("x", "application/xml", "\u00ff", "a/b;q=9", ",".repeat(1_000))) {
      String answer = Raw.ask(service, Raw.head("GET", "/api/v1/limits", "Accept: " + accept));
      assertThat(answer).as(accept).matches("(?s)HTTP/1.1 (200|4).*");
    }
  }

  @Test
  void headersCannotBeSmuggledIn() {
    String body = "{\"function\":\"gcd\",\"inputs\":[[4,6]]}";
    for (String key :
        List.of(
            "a\r\nX-Forged: 1", "a\u0000b", "\u00ff\u00fe", " ", "k".repeat(256), "a\u001b[31m")) {
      String answer =
          Raw.ask(
              service,
              Raw.head(
                      "POST",
                      JOBS,
                      JSON,
                      "Idempotency-Key: " + key,
                      "Content-Length: " + body.length())
                  + body);
      assertThat(answer)
          .startsWith("HTTP/1.1 ")
          .doesNotStartWith("HTTP/1.1 5")
          .doesNotContain("X-Forged");
    }
    for (String head :
        List.of(
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET / HTTP/9.9\r\n\r\n",
            "\0\0\0\0\r\n\r\n",
            "GET " + "/".repeat(70_000) + " HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\n" + "X: y\r\n".repeat(20_000) + "\r\n",
            "POST /api/v1/jobs HTTP/1.1\r\n"
                + "Host: localhost\r\n"
                + "Content-Length: 5\r\n"
                + "Content-Length: 6\r\n\r\n"
                + "{}",
            "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
            "POST /api/v1/jobs HTTP/1.1\r\n"
                + "Host: localhost\r\n"
                + "Transfer-Encoding: gzip, chunked\r\n\r\n"
                + "0\r\n\r\n")) {
      String answer = Raw.ask(service, head);
      assertThat(answer).doesNotStartWith("HTTP/1.1 2").doesNotStartWith("HTTP/1.1 500");
    }
    for (String name :
        List.of(
            "../../x.py", "a\\..\\x.py", "x\u0000.py", "/etc/passwd", "a\r\nb.py", "", ".", "..")) {
      String form =
          form("definition", "{\"runtime\":\"python\",\"entry\":\"f\"}")
              + "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
              + name
              + "\"\r\n\r\ndef f(x): return x\r\n--xyz--\r\n";
      String answer =
          Raw.ask(
              service,
              Raw.head("PUT", "/api/v1/functions/hostile", FORM, "Content-Length: " + form.length())
                  + form);
      assertThat(answer).as(name).matches("(?s)HTTP/1.1 (4|2).*");
      if (answer.startsWith("HTTP/1.1 2")) {
        assertThat(answer)
            .as("only the last name counts")
            .containsPattern("\"fileName\":\"[xb].py\"");
      } else {
        assertThat(answer).contains("application/problem+json");
      }
    }
    assertThat(Path.of("/x.py")).doesNotExist();
    assertThat(service.directory.resolve("../x.py")).doesNotExist();
    assertThat(service.directory.resolve("x.py")).doesNotExist();
  }

  @Test
  void aFaultOfTheDiskIsNoEmptySuccess() throws Exception {
    String id = service.run(python("def f(x): print(x)", "[1]")).get("id").stringValue();
    assertThat(service.get(JOBS + "/" + id + "/log").body()).contains("1");
    Path head = LogsIT.files(service.directory, id).resolve("head");
    Files.delete(head);
    Files.createDirectory(head); // which cannot be read as a file
    for (String path : List.of("/log", "/items/0/log")) {
      var answer = service.get(JOBS + "/" + id + path);
      assertThat(answer.status()).as("%s", answer).isEqualTo(500);
      assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
      assertThat(answer.body()).doesNotContain(head.toString());
    }
    assertThat(logged()).contains("/log failed", "/items/0/log failed");
  }

  @Test
  void nobodyForgesALineOfTheLog() {
    String forged = "2026-01-01 ERROR forged";
    service.post(
        JOBS, python("def f(x): return x", "[1]", "\"name\": " + Service.quote("a\n" + forged)));
    service.run(python("def f(x): raise ValueError('''a\n" + forged + "''')", "[1]"));
    service.run(
        python(
            "import sys\ndef f(x):\n  print('a\\n"
                + forged
                + "', file=sys.stderr)\n  import os\n  os._exit(3)",
            "[1]"));
    service.put("/api/v1/functions/a%0A" + forged.replace(" ", "%20"), "{}");
    service.send(
        service
            .request(JOBS)
            .header("Idempotency-Key", "a\t" + forged)
            .POST(BodyPublishers.ofString("x")));
    Raw.ask(service, Raw.head("GET", "/api/v1/%0a" + forged.replace(' ', '+')));
    Raw.ask(service, "GET / HTTP/1.1\nHost: localhost\n" + forged + "\n\n");
    assertThat(service.log().lines())
        .noneMatch(line -> line.startsWith(forged))
        .noneMatch(line -> line.contains("\u001b"));
  }

  // ---- what problems look like

  private static void assertProblem(Service.Answer answer) {
    assertThat(answer.status()).as("%s", answer).isBetween(400, 499);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.json().get("detail").stringValue()).isNotBlank();
    assertThat(answer.body()).hasSizeLessThan(100_000).doesNotContain("Exception", "at dev.");
  }

  private static void assertProblem(String answer, int status) {
    assertThat(answer)
        .startsWith("HTTP/1.1 " + status + " ")
        .contains("application/problem+json", "\"detail\":\"");
    assertThat(answer).doesNotContain("Exception", "at dev.");
    assertThat(answer.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(100_000);
  }
}
