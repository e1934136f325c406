package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.manyhands.support.TemporaryDirectories;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One job in several ways: which is the fastest, on both stores. */
class ComparisonsIT extends OnEachStore {
  private static final String COMPARISONS = "/api/v1/comparisons";
  private static final String IDENTITY = "def f(x): return x";

  /** Sleeps are the one kind of work that takes half as long on two workers of any machine. */
  private static final String SLEEPER =
      "import time\ndef f(x):\n    time.sleep(0.02)\n    return x";

  private static final JsonMapper JSON = new JsonMapper();

  @Override
  String[] settings() {
    return new String[] {"--manyhands.workers.slots=2", "--manyhands.limits.spec=64KB"};
  }

  private static String comparison(String job, String... more) {
    String rest = more.length == 0 ? "" : ", " + String.join(", ", more);
    return "{\"job\": " + job + rest + "}";
  }

  private static final String ONE_AND_TWO = "\"variants\": [{\"workers\": 1}, {\"workers\": 2}]";

  @Test
  void twoWorkersAreFasterThanOneAndItSaysByHowMuch() {
    var answer =
        service.post(
            COMPARISONS + "?wait=100",
            comparison(
                python(SLEEPER, "{\"range\": {\"stop\": 40}}", "\"name\": \"naps\""),
                ONE_AND_TWO,
                "\"rounds\": 2"));
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    JsonNode comparison = answer.json();
    assertThat(comparison.get("state").stringValue()).as("%s", answer).isEqualTo("FINISHED");
    assertThat(comparison.get("sameResults").booleanValue()).isTrue();
    assertThat(comparison.get("best").stringValue()).isEqualTo("2 workers");
    assertThat(comparison.get("baseline").stringValue()).isEqualTo("1 worker");
    assertThat(comparison.get("summary").stringValue())
        .startsWith("'2 workers' is the fastest with ")
        .contains(" times as fast as '1 worker'");
    JsonNode two = comparison.get("variants").get(1);
    assertThat(two.get("speedup").doubleValue()).isBetween(1.2, 2.5);
    assertThat(two.get("efficiency").doubleValue()).isBetween(0.6, 1.25);
    assertThat(two.get("minSeconds").doubleValue())
        .isPositive()
        .isLessThanOrEqualTo(two.get("seconds").doubleValue());
    assertThat(two.get("jobs")).hasSize(2);
    assertThat(two.get("resultsDigest"))
        .isEqualTo(comparison.get("variants").get(0).get("resultsDigest"));

    JsonNode jobs = service.get(comparison.get("links").get("jobs").stringValue()).json();
    assertThat(jobs.get("jobs")).hasSize(4);
    jobs.get("jobs").forEach(job -> assertThat(job.get("name").stringValue()).isEqualTo("naps"));
    // Interleaved: newest first, the workers are 2, 1, 2, 1.
    assertThat(jobs.get("jobs").get(0).get("id")).isEqualTo(two.get("jobs").get(1));
    assertThat(jobs.get("jobs").get(2).get("id")).isEqualTo(two.get("jobs").get(0));
  }

  @Test
  void whoGivesNoVariantsGetsTheUsualOnes() {
    var answer =
        service.post(COMPARISONS, comparison("{\"function\": \"gcd\", \"inputs\": [[4, 6]]}"));
    assertThat(answer.status()).isEqualTo(202);
    String place = answer.header("Location");
    assertThat(place).isEqualTo(answer.json().get("links").get("self").stringValue());
    JsonNode comparison = service.get(place + "?wait=100").json();
    assertThat(names(comparison)).contains("serial", "2 processes", "2 processes, chunks of 1");
    assertThat(comparison.get("state").stringValue()).isEqualTo("FINISHED");
    assertThat(comparison.get("rounds").intValue()).isEqualTo(3);
    assertThat(comparison.get("runs").get("done")).isEqualTo(comparison.get("runs").get("planned"));
  }

  @Test
  void theUsualOnesHaveMoreThreadsWhereTheFunctionWaits() {
    String waits = python(SLEEPER, "{\"range\": {\"start\": 0, \"stop\": 40}}");
    JsonNode comparison = run(comparison(waits, "\"rounds\": 1"));
    assertThat(names(comparison)).contains("2 threads").endsWith("16 threads");
    assertThat(comparison.get("best").stringValue()).isEqualTo("16 threads");
    assertThat(comparison.get("runs").get("done")).isEqualTo(comparison.get("runs").get("planned"));

    String computes = python("def f(x): return sum(range(200000))", "[1, 2, 3, 4, 5, 6, 7, 8]");
    assertThat(names(run(comparison(computes, "\"rounds\": 1")))).doesNotContain("16 threads");
  }

  private static List<String> names(JsonNode comparison) {
    return comparison
        .get("variants")
        .valueStream()
        .map(row -> row.get("name").stringValue())
        .toList();
  }

  @Test
  void valuesReachTheFunctionAsTheyWereWritten() {
    String items = "[1e400, -0.0, 123456789012345678901234567890 , {\"a\":1,\"a\":2}]";
    JsonNode comparison =
        run(comparison(python("def f(x): return repr(x)", items), ONE_AND_TWO, "\"rounds\": 1"));
    String job = comparison.get("variants").get(0).get("jobs").get(0).stringValue();
    assertThat(service.results(job).stream().map(JsonNode::stringValue))
        .containsExactly("inf", "-0.0", "123456789012345678901234567890", "{'a': 2}");
  }

  @Test
  void threadsAreFasterWhereTheFunctionWaits() {
    JsonNode comparison =
        run(
            comparison(
                python(SLEEPER, "{\"range\": {\"stop\": 48}}"),
                "\"variants\": [{\"workers\": 1}, {\"workers\": 1, \"threads\": 4},"
                    + " {\"name\": \"both\", \"workers\": 2, \"threads\": 4}]",
                "\"rounds\": 2"));
    assertThat(comparison.get("state").stringValue()).as("%s", comparison).isEqualTo("FINISHED");
    assertThat(comparison.get("sameResults").booleanValue()).isTrue();
    assertThat(comparison.get("baseline").stringValue()).isEqualTo("1 worker");
    JsonNode threads = comparison.get("variants").get(1);
    assertThat(threads.get("workers").intValue()).isEqualTo(1);
    assertThat(threads.get("threads").intValue()).isEqualTo(4);
    assertThat(threads.get("name").stringValue()).contains("4 threads");
    assertThat(threads.get("speedup").doubleValue()).isBetween(1.5, 5.0);
    assertThat(threads.get("efficiency").doubleValue())
        .isCloseTo(threads.get("speedup").doubleValue() / 4, within(0.001));
    JsonNode both = comparison.get("variants").get(2);
    assertThat(both.get("name").stringValue()).isEqualTo("both");
    assertThat(both.get("speedup").doubleValue()).isGreaterThan(1.5);
    assertThat(both.get("efficiency").doubleValue())
        .isCloseTo(both.get("speedup").doubleValue() / 8, within(0.001));
    String job = threads.get("jobs").get(0).stringValue();
    assertThat(service.get("/api/v1/jobs/" + job).json().get("threads").intValue()).isEqualTo(4);
  }

  @Test
  void otherResultsAreNoticed() {
    JsonNode comparison =
        run(
            comparison(
                python("import os\ndef f(x): return os.urandom(8).hex()", "[1, 2]"), ONE_AND_TWO));
    assertThat(comparison.get("state").stringValue()).isEqualTo("FINISHED");
    assertThat(comparison.get("sameResults").booleanValue()).isFalse();
    assertThat(comparison.get("summary").stringValue())
        .contains("not all runs gave the same results");
  }

  @Test
  void aFailedItemIsNoNull() {
    String code =
        """
        import threading
        def f(x):
            if threading.current_thread() is not threading.main_thread():
                raise ValueError(x)
        """;
    JsonNode comparison =
        run(
            comparison(
                python(code, "[1, 2]"),
                "\"variants\": [{\"threads\": 1}, {\"threads\": 2}]",
                "\"rounds\": 1"));
    assertThat(comparison.get("variants").get(0).get("failedItems").intValue()).isZero();
    assertThat(comparison.get("variants").get(1).get("failedItems").intValue()).isEqualTo(2);
    assertThat(comparison.get("sameResults").booleanValue()).isFalse();
  }

  @Test
  void reducedResultsAreCompared() {
    String chunks = "\"variants\": [{\"chunking\": {\"size\": 7}}, {\"chunking\": {\"count\": 2}}]";
    for (String code :
        List.of(IDENTITY, "import os\ndef f(x): return int.from_bytes(os.urandom(4), 'big')")) {
      String job = python(code, "{\"range\": {\"stop\": 100}}");
      String reduced = job.substring(0, job.length() - 1) + ", \"reduce\": \"sum\"}";
      JsonNode comparison = run(comparison(reduced, chunks, "\"rounds\": 1"));
      assertThat(comparison.get("state").stringValue()).isEqualTo("FINISHED");
      assertThat(comparison.get("sameResults").booleanValue()).isEqualTo(code.equals(IDENTITY));
    }
  }

  @Test
  void chunksMakeNoDifferenceToTheDigest() {
    JsonNode comparison =
        run(
            comparison(
                python(
                    "def f(x): return [x, 1 / x]", "{\"range\": {\"start\": -20, \"stop\": 500}}"),
                "\"variants\": [{\"chunking\": {\"size\": 1}}, {\"chunking\": {\"size\": \"auto\"}}, {\"chunking\": {\"count\": 3}}]",
                "\"rounds\": 1"));
    assertThat(names(comparison))
        .containsExactly(
            "2 workers, chunks of 1", "2 workers, automatic chunks", "2 workers, 3 chunks");
    assertThat(comparison.get("sameResults").booleanValue()).isTrue();
    JsonNode row = comparison.get("variants").get(0);
    assertThat(row.get("state").stringValue()).isEqualTo("FAILED");
    assertThat(row.get("failedItems").intValue()).isEqualTo(1);
    assertThat(row.get("seconds").doubleValue()).isPositive();
    assertThat(comparison.get("state").stringValue()).isEqualTo("FINISHED");
  }

  @Test
  void aFunctionThatDoesNotLoadFailsTheComparison() {
    JsonNode comparison = run(comparison(python("def f(x)\n  return x", "[1]"), ONE_AND_TWO));
    assertThat(comparison.get("state").stringValue()).isEqualTo("FAILED");
    JsonNode row = comparison.get("variants").get(0);
    assertThat(row.get("problem").stringValue()).contains("SyntaxError");
    assertThat(row.get("jobs")).hasSize(1);
    assertThat(row.get("seconds").isNull()).isTrue();
  }

  private JsonNode run(String body) {
    var answer = service.post(COMPARISONS + "?wait=100", body);
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    return answer.json();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{ | 400 | ``",
        "[] | 400 | ``",
        "{} | 400 | /job",
        "{\"job\":[]} | 400 | /job",
        "{\"job\":{\"function\":\"gcd\"}} | 400 | /job/inputs",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[]}} | 422 | /job/inputs",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":{\"open\":true}}} | 422 | /job/inputs",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1,2,}} | 400 | /job",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1],\"inputs\":[1]}} | 400 | /job/inputs",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1]},\"job\":{}} | 400 | /job",
        "{\"job\":{\"function\":\"nope\",\"inputs\":[1]}} | 422 | /job/function",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1],\"wrokers\":1}} | 400 | /job/wrokers",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1],\"w\\u006frkers\":1}} | 400 | /job/w\\u006frkers",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1],\"workers\":0}} | 422 | /job/workers",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1],\"labels\":{\"a\":1}}} | 400 | /job/labels/a",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1]},\"round\":1} | 400 | /round",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1]},\"rounds\":0} | 422 | /rounds",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1]},\"rounds\":11} | 422 | /rounds",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1]},\"rounds\":\"2\"} | 400 | /rounds",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1]},\"variants\":[]} | 422 | /variants",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1]},\"variants\":[null]} | 400 | /variants/0",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1]},\"variants\":[{\"size\":1}]} | 400 | /variants/0/size",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1]},\"variants\":[{},{\"workers\":0}]} | 422 | /variants/1/workers",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1]},\"variants\":[{},{\"threads\":0}]} | 422 | /variants/1/threads",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1]},\"variants\":[{\"chunking\":{\"sise\":1}}]} | 400 | /variants/0/chunking/sise",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1]},\"variants\":[{\"name\":\" \"}]} | 422 | /variants/0/name",
        "{\"job\":{\"function\":\"gcd\",\"inputs\":[1]},\"variants\":[{\"name\":\"a\"},{\"name\":\"a\"}]} | 422 | /variants/1/name",
      })
  void badRequestsNameTheField(String body, int status, String pointer) {
    int before = service.get(COMPARISONS).json().get("comparisons").size();
    var answer = service.post(COMPARISONS, body);
    assertThat(answer.status()).as("%s", answer).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.json().get("errors").get(0).get("pointer").stringValue()).isEqualTo(pointer);
    assertThat(service.get(COMPARISONS).json().get("comparisons").size()).isEqualTo(before);
  }

  @Test
  void inputsThatAreTooManyForTheRequestAreRefused() {
    String items = "1,".repeat(40_000) + "1";
    var answer = service.post(COMPARISONS, comparison(python(IDENTITY, "[" + items + "]")));
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.json().get("detail").stringValue()).contains("manyhands.limits.spec");
  }

  @Test
  void thePictureIsWellFormedWhateverTheNames() throws Exception {
    JsonNode comparison =
        run(
            comparison(
                python(IDENTITY, "[1]", "\"name\": \"<b>&\\\"'\\uffff\""),
                "\"variants\": [{\"name\": \"</svg><script>1</script>\", \"workers\": 1}]",
                "\"rounds\": 1"));
    String place = comparison.get("links").get("self").stringValue();
    var answer = service.send(service.request(place).header("Accept", "image/svg+xml"));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).startsWith("image/svg+xml");
    var svg =
        DocumentBuilderFactory.newDefaultNSInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(answer.body().getBytes(StandardCharsets.UTF_8)));
    assertThat(svg.getElementsByTagName("script").getLength()).isZero();
    assertThat(svg.getDocumentElement().getTextContent()).contains("</svg><script>");
    var none =
        service.send(service.request(COMPARISONS + "/none").header("Accept", "image/svg+xml"));
    assertThat(none.status()).isEqualTo(404);
    assertThat(none.header("Content-Type")).isEqualTo("application/problem+json");
  }

  @Test
  void thePictureHasItsColoursInOtherProgramsThanBrowsers() throws Exception {
    Requirements.librsvg();
    JsonNode comparison = run(comparison(python(IDENTITY, "[1]"), ONE_AND_TWO, "\"rounds\": 1"));
    String place = comparison.get("links").get("self").stringValue();
    var answer = service.send(service.request(place).header("Accept", "image/svg+xml"));
    var picture = DrawnPicture.of(answer.body());

    assertThat(picture.share(0xFFFFFF)).as("paper").isGreaterThan(0.4);
    assertThat(picture.share(0x0969DA)).as("seconds").isGreaterThan(0.01);
    assertThat(picture.share(0xBC4C00)).as("speedups").isGreaterThan(0.01);
    assertThat(picture.share(0x000000)).as("black").isLessThan(0.01);
  }

  @Test
  void aVariantIsAnsweredInTheWordsOfTheRequest() {
    String asked = "{\"name\": \"a\", \"workers\": 2, \"threads\": 3, \"chunking\": {\"size\": 4}}";
    JsonNode comparison =
        run(
            comparison(
                python(IDENTITY, "[1]"), "\"variants\": [" + asked + ", {}]", "\"rounds\": 1"));
    JsonNode answered = comparison.get("variants").get(0);
    for (var member : JSON.readTree(asked).properties()) {
      assertThat(answered.get(member.getKey())).isEqualTo(member.getValue());
    }
    assertThat(comparison.get("variants").get(1).get("chunking").isNull()).isTrue();
    assertThat(comparison.get("rounds").intValue()).isEqualTo(1);
  }

  @Test
  void sixtyFourVariantsAreTheMost() {
    String job = python("import time\ndef f(x): time.sleep(600)", "[1]");
    String most = "{}, ".repeat(63) + "{}";
    String id = submit(comparison(job, "\"variants\": [" + most + "]"));
    JsonNode comparison = service.get(COMPARISONS + "/" + id).json();
    service.post(COMPARISONS + "/" + id + "/cancel", "");
    assertThat(comparison.get("variants")).hasSize(64);
    var refused = service.post(COMPARISONS, comparison(job, "\"variants\": [{}, " + most + "]"));
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.json().at("/errors/0/pointer").stringValue()).isEqualTo("/variants");
  }

  @Test
  void aCancelledComparisonEndsItsJobAndLetsTheNextRun() {
    String forever = python("import time\ndef f(x): time.sleep(600)", "[1]");
    String id = submit(comparison(forever, ONE_AND_TWO));
    String next = submit(comparison(python(IDENTITY, "[1]"), ONE_AND_TWO, "\"rounds\": 1"));
    String job = runningJob(service, id);
    JsonNode waiting = service.get(COMPARISONS + "/" + next).json();
    assertThat(waiting.get("state").stringValue()).isEqualTo("RUNNING");
    assertThat(waiting.get("variants").get(0).get("state").stringValue()).isEqualTo("QUEUED");
    assertThat(service.delete(COMPARISONS + "/" + id).status()).isEqualTo(409);

    assertThat(service.post(COMPARISONS + "/" + id + "/cancel", "").status()).isEqualTo(202);
    assertThat(service.post(COMPARISONS + "/" + id + "/cancel", "").status()).isEqualTo(200);
    assertThat(service.await(job).get("state").stringValue()).isEqualTo("CANCELLED");
    JsonNode cancelled = service.get(COMPARISONS + "/" + id + "?wait=60").json();
    assertThat(cancelled.get("state").stringValue()).isEqualTo("CANCELLED");
    assertThat(cancelled.get("finishedAt").isNull()).isFalse();
    JsonNode finished = service.get(COMPARISONS + "/" + next + "?wait=60").json();
    assertThat(finished.get("state").stringValue()).isEqualTo("FINISHED");

    assertThat(service.delete(COMPARISONS + "/" + id).status()).isEqualTo(204);
    assertThat(service.get(COMPARISONS + "/" + id).status()).isEqualTo(404);
    assertThat(service.post(COMPARISONS + "/" + id + "/cancel", "").status()).isEqualTo(404);
    assertThat(service.delete(COMPARISONS + "/" + id).status()).isEqualTo(404);
    assertThat(service.get("/api/v1/jobs/" + job).status()).isEqualTo(200);
  }

  @Test
  void aClientCannotTakeTheKeysOfAComparison() {
    String forever = python("import time\ndef f(x): time.sleep(600)", "[1]");
    String blocking = submit(comparison(forever, ONE_AND_TWO));
    String id = submit(comparison(python(IDENTITY, "[1]"), ONE_AND_TWO, "\"rounds\": 1"));
    for (int run = 0; run < 4; run++) {
      var request =
          service
              .request("/api/v1/jobs")
              .header("Idempotency-Key", "comparison/" + id + "/" + run)
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString(python(IDENTITY, "[2]")));
      assertThat(service.send(request).status()).isEqualTo(202);
    }
    service.post(COMPARISONS + "/" + blocking + "/cancel", "");

    JsonNode finished = service.get(COMPARISONS + "/" + id + "?wait=60").json();
    assertThat(finished.get("state").stringValue()).as("%s", finished).isEqualTo("FINISHED");
  }

  private String submit(String body) {
    var answer = service.post(COMPARISONS, body);
    assertThat(answer.status()).as("%s", answer).isEqualTo(202);
    return answer.json().get("id").stringValue();
  }

  /** Waits until a job of the comparison runs; gives its id. */
  private static String runningJob(Service service, String comparison) {
    while (true) {
      JsonNode running =
          service.get(COMPARISONS + "/" + comparison).json().get("runs").get("running");
      if (!running.isNull()
          && service
              .get("/api/v1/jobs/" + running.stringValue())
              .json()
              .get("state")
              .stringValue()
              .equals("RUNNING")) {
        return running.stringValue();
      }
    }
  }

  @Test
  void theListIsInPages() {
    for (int i = 0; i < 3; i++) {
      run(comparison(python(IDENTITY, "[1]"), "\"variants\": [{}]", "\"rounds\": 1"));
    }
    JsonNode first = service.get(COMPARISONS + "?limit=2").json();
    assertThat(first.get("comparisons")).hasSize(2);
    String newest = first.get("comparisons").get(0).get("id").stringValue();
    assertThat(newest).isGreaterThan(first.get("comparisons").get(1).get("id").stringValue());
    JsonNode second =
        service.get(COMPARISONS + "?limit=2&cursor=" + first.get("next").stringValue()).json();
    assertThat(second.get("comparisons").get(0).get("id").stringValue()).isLessThan(newest);
    assertThat(service.get(COMPARISONS + "?limit=0").status()).isEqualTo(400);
    assertThat(service.get(COMPARISONS + "?cursor=x").status()).isEqualTo(400);
  }

  @Test
  void whoPrefersToWaitIsToldSo() {
    var answer =
        service.send(
            service
                .request(COMPARISONS)
                .header("Content-Type", "application/json")
                .header("Prefer", "wait=60")
                .POST(BodyPublishers.ofString(comparison(python(IDENTITY, "[1]"), ONE_AND_TWO))));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Preference-Applied")).isEqualTo("wait=60");
  }

  @Test
  void theExamplesOfTheDescriptionAreAccepted() {
    JsonNode post = service.get("/v3/api-docs").json().get("paths").get(COMPARISONS).get("post");
    var examples = post.get("requestBody").get("content").get("application/json").get("examples");
    assertThat(examples.size()).isEqualTo(2);
    examples.forEach(example -> {
      String id = submit(example.get("value").toString());
      service.post(COMPARISONS + "/" + id + "/cancel", "");
    });
  }

  @Test
  void aRestartGoesOnWithTheVariantThatWasRunning() throws Exception {
    Path gate = TemporaryDirectories.make("manyhands-gate");
    String code =
        """
        import os, time
        def f(x):
            while not os.path.exists(%s):
                time.sleep(0.01)
            return x
        """
            .formatted(Service.quote(gate.resolve("open").toString()));
    var before = Service.start(Service.newDirectory(), "--manyhands.workers.slots=2");
    String id;
    String interrupted;
    try (before) {
      var answer =
          before.post(
              COMPARISONS, comparison(python(code, "[1, 2, 3]"), ONE_AND_TWO, "\"rounds\": 1"));
      id = answer.json().get("id").stringValue();
      interrupted = runningJob(before, id);
      // Answered when it is durable, and with it all that was written before: the start, too.
      before.job().python("def f(x): return x").inputs(1).submit();
      before.killMinus9();
    }
    Files.createFile(gate.resolve("open"));
    try (var after = before.again()) {
      JsonNode comparison = after.get(COMPARISONS + "/" + id + "?wait=100").json();
      assertThat(comparison.get("state").stringValue()).as("%s", comparison).isEqualTo("FINISHED");
      assertThat(comparison.get("sameResults").booleanValue()).isTrue();
      // The job that was interrupted went on and has its results, but its time means nothing: it
      // ran once more.
      JsonNode jobs = comparison.get("variants").get(0).get("jobs");
      assertThat(jobs).hasSize(2);
      assertThat(jobs.get(0).stringValue()).isEqualTo(interrupted);
      assertThat(after.get("/api/v1/jobs/" + interrupted).json().get("state").stringValue())
          .isEqualTo("SUCCEEDED");
      assertThat(comparison.get("variants").get(1).get("jobs")).hasSize(1);
      assertThat(after.get("/api/v1/jobs?label=comparison:" + id).json().get("jobs")).hasSize(3);
    }
  }

  @Test
  void aComparisonThatWaitsGoesOnAfterAGracefulStop() throws Exception {
    var before =
        Service.start(
            Service.newDirectory(), "--manyhands.workers.slots=2", "--manyhands.shutdown-grace=1s");
    String first;
    String second;
    try (before) {
      String slow = python("import time\ndef f(x): time.sleep(600)", "[1]");
      first =
          before.post(COMPARISONS, comparison(slow, ONE_AND_TWO)).json().get("id").stringValue();
      runningJob(before, first);
      second =
          before
              .post(COMPARISONS, comparison(python(IDENTITY, "[1]"), ONE_AND_TWO))
              .json()
              .get("id")
              .stringValue();
      before.terminate();
      assertThat(before.log()).doesNotContain("ERROR");
    }
    try (var after = before.again()) {
      assertThat(after.post(COMPARISONS + "/" + first + "/cancel", "").status()).isEqualTo(202);
      JsonNode waited = after.get(COMPARISONS + "/" + second + "?wait=100").json();
      assertThat(waited.get("state").stringValue()).isEqualTo("FINISHED");
    }
  }
}
