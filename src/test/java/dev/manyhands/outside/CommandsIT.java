package dev.manyhands.outside;

import static dev.manyhands.outside.Service.quote;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Commands that read and write lines, and those that do it wrongly. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CommandsIT {
  private static final String START =
      """
      import json, os, sys, time
      def out(text):
          os.write(1, text.encode())
      """;

  /** Prints a line too many with each answer, before it. */
  private static final String EXTRA =
      """
      for line in sys.stdin:
          out("1\\n%d\\n" % (10 * json.loads(line)))
      """;

  /** Prints a line too many a while after its answer to 2. */
  private static final String EXTRA_LATE =
      """
      for line in sys.stdin:
          out("%d\\n" % (10 * json.loads(line)))
          if json.loads(line) == 2:
              time.sleep(0.1)
              out("1\\n")
      """;

  /** Answers the first item before it has read it. */
  private static final String AHEAD =
      """
      out("1\\n")
      for line in sys.stdin:
          out("%d\\n" % (10 * json.loads(line)))
      """;

  private Service service;

  @BeforeAll
  void start() {
    Requirements.python();
    service = Service.start(Service.newDirectory(), "--manyhands.workers.slots=2");
  }

  @AfterAll
  void stop() {
    service.close();
  }

  private static String command(String members, String code, String inputs, String... more) {
    String rest = more.length == 0 ? "" : ", " + String.join(", ", more);
    return "{\"function\": {\"runtime\": \"command\", \"command\": [\"python3\", \"-c\", %s]%s}"
            .formatted(quote(START + code), members)
        + ", \"inputs\": %s%s}".formatted(inputs, rest);
  }

  private JsonNode run(String members, String code, String inputs, String... more) {
    return service.run(command(members, code, inputs, more));
  }

  private String logOf(JsonNode job) {
    return service.get("/api/v1/jobs/" + job.get("id").stringValue() + "/log").body();
  }

  @ParameterizedTest
  @ValueSource(strings = {EXTRA, AHEAD})
  void aLineTooManyFailsTheJob(String code) {
    for (String size : List.of("", "\"chunking\": {\"size\": 4}", "\"reduce\": \"sum\"")) {
      var job =
          size.isEmpty()
              ? run("", code, "[1, 2, 3, 4]", "\"workers\": 1")
              : run("", code, "[1, 2, 3, 4]", "\"workers\": 1", size);
      failedForALineTooMany(job);
    }
  }

  @Test
  void aLineTooManyThatComesLateFailsTheJobThatStillRuns() {
    failedForALineTooMany(
        run("", EXTRA_LATE, "[1, 2, 3]", "\"workers\": 1", "\"chunking\": {\"size\": 3}"));
    String id = service.submit(command("", EXTRA_LATE, "{\"open\": true}", "\"workers\": 1"));
    var added =
        service.send(
            service
                .request("/api/v1/jobs/" + id + "/inputs")
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString("2\n")));
    assertThat(added.status()).isEqualTo(202);
    // Nothing more is sent: the line comes while the command has nothing to do.
    failedForALineTooMany(service.await(id));
  }

  private void failedForALineTooMany(JsonNode job) {
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("FAILED");
    assertThat(job.get("stopReason").stringValue()).isEqualTo("excessLine");
    assertThat(job.get("error").get("kind").stringValue()).isEqualTo("EXCESS_LINE");
    assertThat(job.get("error").get("message").stringValue())
        .contains("a line that answers no item", "stderr", "\"indexed\": true");
    assertThat(logOf(job)).contains("a line that answers no item");
  }

  @Test
  void aLineTooManyAfterTheJobIsInItsLogAndCostsTheNextJobNothing() throws IOException {
    String late =
        """
        for line in sys.stdin:
            out("%d\\n" % (10 * json.loads(line)))
            while not os.path.exists("/tmp/" + GO): time.sleep(0.01)
            out("1\\n")
            while True: time.sleep(1)
        """
            .replace("GO", quote("go-" + System.nanoTime()));
    String name = late.replaceAll("(?s).*\"(go-\\d+)\".*", "$1");
    JsonNode first = run("", late, "[1]");
    assertThat(first.get("state").stringValue()).isEqualTo("SUCCEEDED");
    var go = Path.of("/tmp", name);
    try {
      Files.createFile(go);
      Awaitility.await().until(() -> logOf(first).contains("a line that answers no item: 1"));
    } finally {
      Files.delete(go);
    }
    JsonNode next = run("", late, "[2]");
    assertThat(next.get("result").toString()).isEqualTo("[20]");
  }

  @Test
  void answersThatNameTheirItemBearOtherLines() {
    String code =
        """
        out("hello\\n")
        for line in sys.stdin:
            asked = json.loads(line)
            out("1\\n")
            out(json.dumps({"index": asked["index"], "value": 10 * asked["item"], "more": 1}) + "\\n")
            out('{"a": "debug"}\\n')
        """;
    for (String more : List.of("\"chunking\": {\"size\": 1}", "\"chunking\": {\"size\": 5}")) {
      JsonNode job = run(", \"indexed\": true", code, "[1, 2, 3, 4, 5]", more);
      assertThat(job.get("result").toString()).as("%s", job).isEqualTo("[10,20,30,40,50]");
      Awaitility.await().until(() -> logOf(job).contains("{\"a\": \"debug\"}"));
    }
  }

  /** The only item of each job has index 0, so that a late answer fits the next job. */
  @Test
  void aLateAnswerIsNotTakenForOneOfTheNextJob() {
    String again =
        """
        last = ""
        for line in sys.stdin:
            asked = json.loads(line)
            out(last)
            last = json.dumps({"index": asked["index"], "value": 10 * asked["item"]}) + "\\n"
            out(last)
        """;
    for (int item = 1; item <= 3; item++) {
      JsonNode job = run(", \"indexed\": true", again, "[" + item + "]", "\"cache\": true");
      assertThat(job.get("result").toString()).as("%s", job).isEqualTo("[" + 10 * item + "]");
    }
  }

  @Test
  void anAnswerToAnotherItemFailsTheJob() {
    String twice =
        """
        for line in sys.stdin:
            out('{"index": 0, "value": 1}\\n')
        """;
    JsonNode job = run(", \"indexed\": true", twice, "[1, 2]", "\"workers\": 1");
    assertThat(job.get("stopReason").stringValue()).as("%s", job).isEqualTo("excessLine");
    assertThat(job.get("error").get("message").stringValue()).contains("index");
    JsonNode missing =
        run(", \"indexed\": true", twice.replace("value", "val"), "[1]", "\"workers\": 1");
    JsonNode page = results(missing);
    assertThat(page.get("errors").get(0).get("type").stringValue()).isEqualTo("NoValue");
  }

  private JsonNode results(JsonNode job) {
    return service.get("/api/v1/jobs/" + job.get("id").stringValue() + "/results").json();
  }

  @Test
  void textGoesInAndOutAsItIs() {
    String code =
        """
        for line in sys.stdin:
            out("<" + line.rstrip("\\n") + ">\\n")
        """;
    String odd = "[\"a \\\"b\\\"\", \"\", \"é😀\\t\", 1.50, -3, true, [1], null, \"two\\nlines\"]";
    for (String size : List.of("1", "3", "20")) {
      JsonNode job =
          run(
              ", \"protocol\": \"text\"",
              code,
              odd,
              "\"workers\": 1",
              "\"chunking\": {\"size\": %s}".formatted(size));
      JsonNode page = results(job);
      assertThat(page.get("results").toString())
          .as("%s", page)
          .isEqualTo(
              "[\"<a \\\"b\\\">\",\"<>\",\"<é😀\\t>\",\"<1.50>\",\"<-3>\",null,null,null,null]");
      assertThat(page.get("errors")).hasSize(4);
      for (JsonNode error : page.get("errors")) {
        assertThat(error.get("type").stringValue()).isEqualTo("NotText");
        assertThat(error.get("message").stringValue()).contains("protocol 'lines'");
      }
      assertThat(page.get("errors").get(3).get("message").stringValue()).contains("line feed");
    }
  }

  @Test
  void textMustBeUtf8() {
    JsonNode job =
        run(
            ", \"protocol\": \"text\"",
            "for line in sys.stdin: os.write(1, b'\\xff\\n')",
            "[\"a\"]");
    assertThat(results(job).get("errors").get(0).get("type").stringValue()).isEqualTo("NotText");
  }

  @Test
  void aCutLineIsNoAnswer() {
    JsonNode job = run("", "sys.stdin.readline(); out('12')", "[1]");
    JsonNode error = results(job).get("errors").get(0);
    assertThat(error.get("kind").stringValue()).as("%s", error).isEqualTo("CRASH");
  }

  @Test
  void oddDefinitionsAreRefused() {
    var answer =
        service.post(
            "/api/v1/jobs", command(", \"protocol\": \"text\", \"indexed\": true", "", "[]"));
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body()).contains("/function/indexed", "lines");
    var unknown = service.post("/api/v1/jobs", command(", \"protocol\": \"words\"", "", "[]"));
    assertThat(unknown.body()).contains("lines, text or frames");
  }

  @Test
  void answersByOrderAreNotRemembered() {
    var answer = service.post("/api/v1/jobs", command("", "", "[]", "\"cache\": true"));
    assertThat(answer.status()).as("%s", answer).isEqualTo(422);
    assertThat(answer.body()).contains("/cache", "indexed");
  }

  private static final String UNFLUSHED = "for line in sys.stdin: print(line, end='')";

  @Test
  void aCommandThatDoesNotFlushIsToldOf() {
    String id = service.submit(command("", UNFLUSHED, "[1, 2]"));
    String waiting = service.submit("{\"function\": \"check_prime\", \"inputs\": [7]}");
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> service.get("/api/v1/jobs/" + id + "/log").body().contains("stdbuf -oL"));
      // The service looks at its workers once a second.
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !notes(id).isEmpty());
      assertThat(notes(id).get(0).stringValue()).contains("python -u", "timeouts.item");
      JsonNode report = service.get("/api/v1/jobs/" + id + "/report").json();
      assertThat(report.get("advice").get(0).get("rule").stringValue()).isEqualTo("commandSilent");
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> notes(waiting).toString().contains("has reported nothing"));
      assertThat(notes(waiting).get(0).stringValue())
          .contains("other jobs hold all 2 (job " + id + " holds 2 and has reported nothing on")
          .contains("/cancel", "timeouts.item", "/api/v1/workers");
    } finally {
      service.cancelled(id);
    }
    assertThat(notes(id).get(0).stringValue()).as("it stays").contains("python -u");
    assertThat(service.await(waiting).get("notes")).isEmpty();
  }

  private JsonNode notes(String id) {
    return service.get("/api/v1/jobs/" + id).json().get("notes");
  }

  @Test
  void anItemThatTimesOutSaysWhatACommandThatNeverAnsweredMayHaveDoneWrong() {
    assertThat(timeout("", UNFLUSHED, 0)).contains("answered nothing", "stdbuf -oL", "line feed");
    String unnamed =
        "for line in sys.stdin: out('{\"value\": \"a\\\\tb\"}\\n' + 'x' * 100 + '\\n')";
    assertThat(timeout(", \"indexed\": true", unnamed, 0))
        .contains("written 2 lines and no answer", "\"{\\\"value\\\"", "\"index\"");
    String complains = "sys.stderr.write('no such field\\n'); sys.stderr.flush(); time.sleep(100)";
    assertThat(timeout("", complains, 0))
        .contains("answered nothing", "'traceback'")
        .doesNotContain("stdbuf");
    String answersOnce = "out(sys.stdin.readline()); time.sleep(100)";
    assertThat(timeout("", answersOnce, 1)).endsWith("its worker was killed");
  }

  @Test
  void theReportOfACommandWhoseItemsAllTimedOutSaysThatItIsSilent() {
    String[] options = {"\"timeouts\": {\"item\": 1}", "\"retry\": {\"timeout\": 1}"};
    assertThat(advice(run("", UNFLUSHED, "[1, 2]", options)))
        .contains("\"commandSilent\"", "whole timeouts.item");
    assertThat(advice(run("", "sys.exit(3)", "[1, 2]", options))).doesNotContain("commandSilent");
    String complains = "sys.stderr.write('no such field\\n'); sys.stderr.flush(); time.sleep(100)";
    assertThat(advice(run("", complains, "[1]", options))).doesNotContain("commandSilent");
  }

  private String advice(JsonNode job) {
    String report = "/api/v1/jobs/" + job.get("id").stringValue() + "/report";
    return service.get(report).json().get("advice").toString();
  }

  /** The message of the only item that failed. */
  private String timeout(String members, String code, int item) {
    JsonNode job =
        run(
            members,
            code,
            item == 0 ? "[1]" : "[1, 2]",
            "\"workers\": 1",
            "\"chunking\": {\"size\": 2}",
            "\"retry\": {\"timeout\": 1}",
            "\"timeouts\": {\"item\": 1}");
    JsonNode error = results(job).get("errors").get(0);
    assertThat(error.get("index").intValue()).as("%s", job).isEqualTo(item);
    assertThat(error.get("kind").stringValue()).as("%s", error).isEqualTo("TIMEOUT");
    return error.get("message").stringValue();
  }
}
