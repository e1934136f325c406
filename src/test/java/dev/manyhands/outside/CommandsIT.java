package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.FAILED;
import static dev.manyhands.outside.JobState.SUCCEEDED;
import static dev.manyhands.outside.Service.quote;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Commands that read and write lines, and those that do it wrongly. */
@RunningService("manyhands.workers.slots=2")
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

  private final Service service;

  CommandsIT(Service service) {
    this.service = service;
  }

  private JobBuilder command(String code) {
    return service.job().command("python3", "-c", START + code);
  }

  private String logOf(FinishedJob job) {
    return service.get(job.path() + "/log").body();
  }

  @ParameterizedTest
  @ValueSource(strings = {EXTRA, AHEAD})
  void aLineTooManyFailsTheJob(String code) {
    failedForALineTooMany(fourItems(code).run());
    failedForALineTooMany(fourItems(code).chunk(4).run());
    failedForALineTooMany(fourItems(code).reduce("sum").run());
  }

  private JobBuilder fourItems(String code) {
    return command(code).inputs(1, 2, 3, 4).workers(1);
  }

  @Test
  void aLineTooManyThatComesLateFailsTheJobThatStillRuns() {
    failedForALineTooMany(command(EXTRA_LATE).inputs(1, 2, 3).workers(1).chunk(3).run());
    var job = command(EXTRA_LATE).open().workers(1).submit();
    var added =
        service.send(
            service
                .request(job.path() + "/inputs")
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString("2\n")));
    assertThat(added.status()).isEqualTo(202);
    // Nothing more is sent: the line comes while the command has nothing to do.
    failedForALineTooMany(job.await());
  }

  private void failedForALineTooMany(FinishedJob job) {
    assertThat(job).hasState(FAILED).hasStopReason("excessLine");
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
    var first = command(late).inputs(1).run();
    assertThat(first).hasState(SUCCEEDED);
    var go = Path.of("/tmp", name);
    try {
      Files.createFile(go);
      Awaitility.await().until(() -> logOf(first).contains("a line that answers no item: 1"));
      Awaitility.await().until(() -> notesOf(first).contains("Do not trust the results"));
    } finally {
      Files.delete(go);
    }
    assertThat(command(late).inputs(2).run()).hasResult("[20]");
  }

  private String notesOf(FinishedJob job) {
    return service.get(job.path()).json().get("notes").toString();
  }

  /** Each extra line comes while the next item runs, and would be taken for its answer. */
  @Test
  void linesTooManyOfSlowItemsFailTheJob() {
    String slow =
        """
        for line in sys.stdin:
            time.sleep(0.1)
            out("%d\\n" % (10 * json.loads(line)))
            time.sleep(0.05)
            out("1\\n")
        """;
    for (int items : new int[] {1, 2, 5}) {
      failedForALineTooMany(command(slow).range(items).workers(1).run());
    }
  }

  @Test
  void aLineTooManyIsNoAnswerToTheNextJob() {
    String late =
        """
        for line in sys.stdin:
            out("%d\\n" % (10 * json.loads(line)))
            time.sleep(0.05)
            out("1\\n")
        """;
    for (int item = 7; item < 10; item++) {
      var job = command(late).inputs(item).workers(1).run();
      if (isRight(job, item)) {
        Awaitility.await().until(() -> notesOf(job).contains("Do not trust the results"));
      }
    }
    // At once, so that the lines too many come while the next job runs.
    var jobs = IntStream.range(1, 6).mapToObj(x -> command(late).inputs(x).submit()).toList();
    for (int i = 0; i < jobs.size(); i++) {
      isRight(jobs.get(i).await(), i + 1);
    }
  }

  /** Returns false if the job failed for its line too many, which may come early enough. */
  private boolean isRight(FinishedJob job, int item) {
    if (job.get("state").stringValue().equals("FAILED")) {
      failedForALineTooMany(job);
      return false;
    }
    assertThat(job).hasResult("[" + 10 * item + "]");
    return true;
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
    for (int size : new int[] {1, 5}) {
      var job = command(code).indexed().inputs(1, 2, 3, 4, 5).chunk(size).run();
      assertThat(job).hasResult("[10,20,30,40,50]");
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
      var job = command(again).indexed().inputs(item).cache().run();
      assertThat(job).hasResult("[" + 10 * item + "]");
    }
  }

  @Test
  void anAnswerToAnotherItemFailsTheJob() {
    String twice =
        """
        for line in sys.stdin:
            out('{"index": 0, "value": 1}\\n')
        """;
    var job = command(twice).indexed().inputs(1, 2).workers(1).run();
    assertThat(job).hasStopReason("excessLine");
    assertThat(job.get("error").get("message").stringValue()).contains("index");
    var missing = command(twice.replace("value", "val")).indexed().inputs(1).workers(1).run();
    assertThat(missing).hasErrorAt(0, "NoValue");
  }

  @Test
  void textGoesInAndOutAsItIs() {
    String code =
        """
        for line in sys.stdin:
            out("<" + line.rstrip("\\n") + ">\\n")
        """;
    String odd =
        """
        ["a \\"b\\"", "", "é😀\\t", 1.50, -3, true, [1], null, "two\\nlines"]\
        """;
    for (int size : new int[] {1, 3, 20}) {
      var job = command(code).protocol("text").inputsAsWritten(odd).workers(1).chunk(size).run();
      JsonNode page = job.page();
      assertThat(page.get("results").toString())
          .as("%s", page)
          .isEqualTo(
              """
              ["<a \\"b\\">","<>","<é😀\\t>","<1.50>","<-3>",null,null,null,null]\
              """);
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
    String invalid = "for line in sys.stdin: os.write(1, b'\\xff\\n')";
    assertThat(command(invalid).protocol("text").inputs("a").run()).hasErrorAt(0, "NotText");
  }

  @Test
  void aCutLineIsNoAnswer() {
    assertThat(command("sys.stdin.readline(); out('12')").inputs(1).run())
        .hasErrorKindAt(0, "CRASH");
  }

  @Test
  void oddDefinitionsAreRefused() {
    var answer = command("").protocol("text").indexed().inputs().post();
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.body()).contains("/function/indexed", "lines");
    var unknown = command("").protocol("words").inputs().post();
    assertThat(unknown.body()).contains("lines, text or frames");
  }

  @Test
  void answersByOrderAreNotRemembered() {
    var answer = command("").inputs().cache().post();
    assertThat(answer.status()).as("%s", answer).isEqualTo(422);
    assertThat(answer.body()).contains("/cache", "indexed");
  }

  private static final String UNFLUSHED = "for line in sys.stdin: print(line, end='')";

  @Test
  void aCommandThatDoesNotFlushIsToldOf() {
    var silent = command(UNFLUSHED).inputs(1, 2).submit();
    var waiting = service.job().named("check_prime").inputs(7).submit();
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> service.get(silent.path() + "/log").body().contains("stdbuf -oL"));
      // The service looks at its workers once a second.
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !silent.notes().isEmpty());
      assertThat(silent.notes().getFirst()).contains("python -u", "timeouts.item");
      JsonNode report = service.get(silent.path() + "/report").json();
      assertThat(report.get("advice").get(0).get("rule").stringValue()).isEqualTo("commandSilent");
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> waiting.notes().toString().contains("has reported nothing"));
      assertThat(waiting.notes().getFirst())
          .contains(
              "other jobs hold all 2 (job %s holds 2 and has reported nothing on"
                  .formatted(silent.id()))
          .contains("/cancel", "timeouts.item", "/api/v1/workers");
    } finally {
      silent.cancelled();
    }
    assertThat(silent.notes().getFirst()).as("it stays").contains("python -u");
    assertThat(waiting.await()).hasNoNotes();
  }

  @Test
  void anItemThatTimesOutSaysWhatACommandThatNeverAnsweredMayHaveDoneWrong() {
    assertThat(timeout(command(UNFLUSHED), 0))
        .contains("answered nothing", "stdbuf -oL", "line feed");
    String unnamed =
        "for line in sys.stdin: out('{\"value\": \"a\\\\tb\"}\\n' + 'x' * 100 + '\\n')";
    assertThat(timeout(command(unnamed).indexed(), 0))
        .contains("written 2 lines and no answer", "\"{\\\"value\\\"", "\"index\"");
    String complains = "sys.stderr.write('no such field\\n'); sys.stderr.flush(); time.sleep(100)";
    assertThat(timeout(command(complains), 0))
        .contains("answered nothing", "'traceback'")
        .doesNotContain("stdbuf");
    String answersOnce = "out(sys.stdin.readline()); time.sleep(100)";
    assertThat(timeout(command(answersOnce), 1)).endsWith("its worker was killed");
  }

  @Test
  void theReportOfACommandWhoseItemsAllTimedOutSaysThatItIsSilent() {
    assertThat(adviceAfterTimeout(UNFLUSHED, 1, 2))
        .contains("\"commandSilent\"", "whole timeouts.item");
    assertThat(adviceAfterTimeout("sys.exit(3)", 1, 2)).doesNotContain("commandSilent");
    String complains = "sys.stderr.write('no such field\\n'); sys.stderr.flush(); time.sleep(100)";
    assertThat(adviceAfterTimeout(complains, 1)).doesNotContain("commandSilent");
  }

  private String adviceAfterTimeout(String code, Object... inputs) {
    var job = command(code).inputs(inputs).itemTimeout(1).retryTimeout(1).run();
    return service.get(job.path() + "/report").json().get("advice").toString();
  }

  /** Returns the message of the only item that failed. */
  private static String timeout(JobBuilder command, int item) {
    Object[] inputs = item == 0 ? new Object[] {1} : new Object[] {1, 2};
    var job = command.inputs(inputs).workers(1).chunk(2).retryTimeout(1).itemTimeout(1).run();
    JsonNode error = job.errors().getFirst();
    assertThat(error.get("index").intValue()).as("%s", job).isEqualTo(item);
    assertThat(error.get("kind").stringValue()).as("%s", error).isEqualTo("TIMEOUT");
    return error.get("message").stringValue();
  }
}
