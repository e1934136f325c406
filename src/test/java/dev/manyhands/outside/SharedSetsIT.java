package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static dev.manyhands.outside.Service.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.Service.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Sets of shared objects that are created alone and used by several jobs, on both stores. */
class SharedSetsIT extends OnEachStore {
  private static final String SETS = "/api/v1/shared";

  private static final String COUNT =
      """
      import manyhands, os
      def f(word):
          manyhands.shared("seen").add(word)
          manyhands.shared("total").add(1)
          return os.getpid()
      """;

  /** Holds the lock until something is in the queue. */
  private static final String HOLD =
      """
      import manyhands, os, signal
      def f(n):
          manyhands.shared("gate").acquire()
          manyhands.shared("seen")["held"] = n
          if manyhands.shared("todo").get() == "die":
              os.kill(os.getpid(), signal.SIGKILL)
          return n
      """;

  @Override
  String[] settings() {
    return new String[] {
      "--manyhands.workers.slots=2",
      "--manyhands.shared.sets=4",
      "--manyhands.shared.max-bytes=100KB",
      "--manyhands.streams.heartbeat=1s"
    };
  }

  private static String declaration(String... options) {
    return "{\"shared\": {\"total\": {\"value\": 0}, \"seen\": {\"dict\": {\"a\": 1}}, \"gate\":"
        + " {\"lock\": {}}, \"todo\": {\"queue\": {}}, \"doors\": {\"semaphore\": 1}}"
        + String.join("", options)
        + "}";
  }

  private Answer create(String name, String... options) {
    return service.put(SETS + "/" + name, declaration(options));
  }

  private void created(String name, String... options) {
    Answer answer = create(name, options);
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
  }

  private void deleted(String name) {
    Answer answer = service.delete(SETS + "/" + name);
    assertThat(answer.status()).as(answer.body()).isEqualTo(204);
  }

  private JobBuilder job(String code, String set, Object... inputs) {
    return service.job().python(code).inputs(inputs).option("sharedSet", set);
  }

  private JsonNode object(String set, String name) {
    return service.get(SETS + "/" + set + "/" + name).json();
  }

  private void call(String set, String object, String body) {
    Answer answer = service.post(SETS + "/" + set + "/" + object, body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  private static void assertRefused(Answer answer, int status, String... words) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(words);
  }

  private static void until(Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(condition);
  }

  @Test
  void aSetIsCreatedOnceAndShown() {
    Answer first = create("shown", ", \"ttl\": 60");
    assertThat(first.status()).isEqualTo(201);
    assertThat(first.header("Location")).isEqualTo("/api/v1/shared/shown");
    assertThat(first.json().get("ttl").doubleValue()).isEqualTo(60);
    assertThat(first.json().get("jobs")).isEmpty();
    assertThat(first.json().at("/shared/1/length").intValue()).isEqualTo(1);

    call("shown", "seen", "{\"do\": \"set\", \"args\": [\"b\", 2]}");
    Answer again = create("shown");
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.json().get("ttl").doubleValue()).isEqualTo(3_600);
    assertThat(again.json().get("createdAt")).isEqualTo(first.json().get("createdAt"));
    assertThat(again.json().at("/shared/1/length").intValue()).isEqualTo(2);
    assertThat(object("shown", "seen").get("entries"))
        .isEqualTo(json("[{\"key\": \"a\", \"value\": 1}, {\"key\": \"b\", \"value\": 2}]"));
    assertRefused(
        service.put(SETS + "/shown", "{\"shared\": {\"a\": {\"dict\": {}}}}"), 409, "another");
    assertRefused(create("shown", ", \"values\": \"python\""), 409, "another");

    JsonNode listed = service.get(SETS).json().get("sets").get(0);
    assertThat(listed.get("name").stringValue()).isEqualTo("shown");
    assertThat(listed.get("expiresAt").isString()).isTrue();
    deleted("shown");
    assertRefused(service.get(SETS + "/shown"), 404, "no set");
    assertRefused(service.delete(SETS + "/shown"), 404, "no set");
    assertRefused(service.get(SETS + "/shown/seen"), 404, "no set");
  }

  @Test
  void whatIsNoSetIsRefused() {
    assertRefused(service.put(SETS + "/a%20b", declaration()), 422, "name", "64 letters");
    assertRefused(service.put(SETS + "/x", "{}"), 400, "/shared", "is required");
    assertRefused(service.put(SETS + "/x", "{\"shared\": {}}"), 400, "/shared");
    assertRefused(service.put(SETS + "/x", declaration(", \"ttl\": 0")), 422, "/ttl");
    assertRefused(service.put(SETS + "/x", declaration(", \"tll\": 1")), 400, "/tll");
    assertRefused(
        service.put(SETS + "/x", "{\"shared\": {\"events\": {\"lock\": {}}}}"), 422, "events");
    for (String name : List.of("s1", "s2", "s3", "s4")) {
      created(name);
    }
    assertRefused(create("s5"), 409, "4 sets", "manyhands.shared.sets");
    for (String name : List.of("s1", "s2", "s3", "s4")) {
      deleted(name);
    }
  }

  /** The bytes are those of a set, for all its jobs and for requests. */
  @Test
  void aSetHoldsNoMoreThanItMay() {
    String large = "x".repeat(60_000);
    assertRefused(
        service.put(
            SETS + "/x",
            "{\"shared\": {\"a\": {\"list\": [\"%s\", \"%s\"]}}}".formatted(large, large)),
        422,
        "/shared",
        "102400");
    created("full");
    String fill =
        """
        import manyhands
        def f(n):
            try:
                manyhands.shared("seen")[n] = "x" * 60000
            except manyhands.SharedFull:
                return "full"
        """;
    var job = job(fill, "full", 1, 2).run();
    assertThat(job.results().toString()).contains("\"full\"", "null");
    assertThat(job(fill, "full", 3).run().results().toString()).isEqualTo("[\"full\"]");
    assertRefused(
        service.post(SETS + "/full/todo", "{\"do\": \"put\", \"args\": [\"" + large + "\"]}"),
        409,
        "102400");
    call("full", "seen", "{\"do\": \"clear\"}");
    assertThat(job(fill, "full", 4).run().results().toString()).isEqualTo("[null]");
    deleted("full");
  }

  @Test
  void aJobThatCannotUseASetIsRefused() {
    created("refusing");
    assertRefused(job(COUNT, "none", "a").post(), 422, "/sharedSet", "no set");
    assertRefused(
        job(COUNT, "refusing", "a").optionAsWritten("shared", "{\"a\": {\"lock\": {}}}").post(),
        422,
        "/sharedSet",
        "'shared'");
    assertRefused(job(COUNT, "refusing", "a").cache().post(), 422, "/cache");
    assertRefused(
        service.job().command("cat").inputs(1).option("sharedSet", "refusing").post(),
        422,
        "/sharedSet",
        "only Python");
    assertRefused(
        job(COUNT, "refusing").inputs(1).option("values", "python").post(), 422, "/sharedSet");
    deleted("refusing");
  }

  /** Warm workers serve all jobs of a set, and no job of another set. */
  @Test
  void jobsOfASetShareItsObjectsAndItsWorkers() {
    created("words");
    created("others");
    var first = job(COUNT, "words", "a", "b").workers(1).run();
    var second = job(COUNT, "words", "b", "c").workers(1).run();
    var other = job(COUNT, "others", "a").workers(1).run();

    assertThat(first.state()).isEqualTo(SUCCEEDED);
    var pids = new ArrayList<>(first.results());
    pids.addAll(second.results());
    assertThat(pids.stream().distinct()).hasSize(1);
    assertThat(other.results()).doesNotContainAnyElementsOf(pids);
    assertThat(object("words", "seen").get("entries").toString())
        .isEqualTo(
            "[{\"key\":\"a\",\"value\":2},{\"key\":\"b\",\"value\":2},{\"key\":\"c\",\"value\":1}]");
    assertThat(object("words", "total").get("value").intValue()).isEqualTo(4);
    assertThat(object("others", "total").get("value").intValue()).isEqualTo(1);

    assertThat(service.get(second.path() + "/request").json().get("sharedSet").stringValue())
        .isEqualTo("words");
    assertThat(service.get(second.path() + "/request").json().has("shared")).isFalse();
    assertThat(service.get(second.path() + "/shared/total").json().get("value").intValue())
        .isEqualTo(4);
    assertThat(service.delete(first.path()).status()).isEqualTo(204);
    assertThat(object("words", "total").get("value").intValue()).isEqualTo(4);

    Answer retried = service.post(second.path() + "/retry", "{\"items\": [[0, 1]]}");
    service.await(retried.json().get("id").stringValue());
    assertThat(object("words", "total").get("value").intValue()).isEqualTo(5);
    deleted("words");
    deleted("others");
    assertRefused(service.get(second.path() + "/shared"), 404, "is gone");
    assertRefused(
        service.post(second.path() + "/retry", "{\"items\": [[0, 1]]}"),
        422,
        "/sharedSet",
        "is gone");
    Answer without =
        service.post(
            second.path() + "/retry",
            "{\"items\": [[0, 1]], \"sharedSet\": null, \"shared\": {\"seen\": {\"dict\": {}},"
                + " \"total\": {\"value\": 0}}}");
    assertThat(service.await(without.json().get("id").stringValue()).get("state").stringValue())
        .isEqualTo("SUCCEEDED");
  }

  /** Each run changes the set for the next one. */
  @Test
  void theRunsOfAComparisonUseTheSet() {
    created("compared");
    String job = job(COUNT, "compared", "a", "b").json();
    String variants = "\"variants\": [{\"workers\": 1}, {\"workers\": 2}]";
    Answer accepted =
        service.post(
            "/api/v1/comparisons", "{\"job\": " + job + ", \"rounds\": 1, " + variants + "}");
    assertThat(accepted.status()).as(accepted.body()).isEqualTo(202);
    String path = "/api/v1/comparisons/" + accepted.json().get("id").stringValue();
    until(() -> service.get(path).json().get("finishedAt").isString());
    assertThat(object("compared", "total").get("value").intValue()).isGreaterThanOrEqualTo(4);
    assertRefused(
        service.post(
            "/api/v1/comparisons",
            "{\"job\": " + job.replace("compared", "none") + ", " + variants + "}"),
        422,
        "/job/sharedSet");
    deleted("compared");
  }

  @Test
  void aSetInUseIsNeitherDeletedNorExpires() throws Exception {
    created("used", ", \"ttl\": 0.5");
    var paused = job(COUNT, "used", "a").paused().submit();
    assertRefused(service.delete(SETS + "/used"), 409, paused.id());
    JsonNode shown = service.get(SETS + "/used").json();
    assertThat(shown.get("expiresAt").isNull()).isTrue();
    assertThat(shown.get("unfinishedJobs").longValue()).isEqualTo(1);
    assertThat(shown.get("jobs").toString()).contains(paused.id());

    created("short", ", \"ttl\": 0.5");
    until(() -> !service.get(SETS).body().contains("short")); // the sweep has passed by
    assertThat(service.get(SETS).body()).contains("used");
    service.killMinus9();
    service = service.again();
    created("short", ", \"ttl\": 0.5");
    until(() -> !service.get(SETS).body().contains("short"));
    assertRefused(service.delete(SETS + "/used"), 409, paused.id());

    assertThat(service.patch(paused.path(), "{\"paused\": false}").status()).isEqualTo(200);
    assertThat(paused.on(service).await().state()).isEqualTo(SUCCEEDED);
    until(() -> !service.get(SETS).body().contains("used"));
    assertRefused(service.get(paused.path() + "/shared"), 404, "is gone");
  }

  /** The worker of a job dies with the lock and a permit, and the other job gets both. */
  @Test
  void aWorkerThatDiesGivesBackWhatAnotherJobWaitsFor() {
    created("locks");
    var holder = job(HOLD, "locks", 1).retryCrash(1).maxFailures(1).workers(1).submit();
    until(() -> !object("locks", "gate").get("holder").isNull());
    JsonNode held = object("locks", "gate").get("holder");
    assertThat(held.get("job").stringValue()).isEqualTo(holder.id());

    String wait =
        """
        import manyhands
        def f(n):
            gate = manyhands.shared("gate")
            with gate:
                return gate.abandoned
        """;
    var waiter = job(wait, "locks", 1).workers(1).submit();
    until(() -> object("locks", "gate").get("waiting").intValue() == 1);
    call("locks", "todo", "{\"do\": \"put\", \"args\": [\"die\"]}");
    assertThat(waiter.await().results().getFirst().booleanValue()).isTrue();
    assertThat(holder.await().failed()).isEqualTo(1);
    deleted("locks");
  }

  /** A permit that an item has forgotten returns with the end of its job, not of its worker. */
  @Test
  void waitsAndPermitsEndWithTheirJob() {
    created("doors");
    String take =
        """
        import manyhands
        def f(n):
            manyhands.shared("doors").acquire()
            manyhands.shared("seen")["has"] = n
            return manyhands.shared("todo").get() if n == 2 else n
        """;
    job(take, "doors", 1).workers(1).run();
    until(() -> object("doors", "doors").get("length").intValue() == 1);
    var waiting = job(take, "doors", 2).workers(1).submit();
    until(() -> object("doors", "todo").get("waiting").intValue() == 1);
    waiting.cancel();
    waiting.await();
    until(() -> object("doors", "todo").get("waiting").intValue() == 0);
    until(() -> object("doors", "doors").get("length").intValue() == 1);
    assertThat(job(take, "doors", 3).workers(1).run().state()).isEqualTo(SUCCEEDED);
    deleted("doors");
  }

  @Test
  void theStateOfASetSurvivesKillMinus9() throws Exception {
    created("kept");
    job(COUNT, "kept", "a", "b", "c").run();
    var running = job(HOLD, "kept", 7).workers(1).submit();
    until(() -> object("kept", "seen").toString().contains("held"));
    var next = job(COUNT, "kept", "d").paused().submit();
    String flushed = job(COUNT, "kept", "a").run().path(); // its outcome is stored after "held"
    service.killMinus9();
    service = service.again();
    assertThat(object("kept", "total").get("value").intValue()).isEqualTo(4);
    assertThat(object("kept", "seen").get("entries").toString()).contains("\"held\",\"value\":7");
    assertThat(service.get(flushed + "/shared/seen").json()).isEqualTo(object("kept", "seen"));
    call("kept", "todo", "{\"do\": \"put\", \"args\": [\"go\"]}");
    assertThat(running.on(service).await().state()).isEqualTo(SUCCEEDED);
    service.patch(next.path(), "{\"paused\": false}");
    next.on(service).await();
    assertThat(object("kept", "total").get("value").intValue()).isEqualTo(5);
    deleted("kept");
  }

  private record Event(String name, JsonNode data) {
    boolean isAbout(String object, Predicate<JsonNode> state) {
      return name.equals("shared")
          && data.get("shared")
              .valueStream()
              .anyMatch(one -> one.get("name").stringValue().equals(object) && state.test(one));
    }
  }

  private static Event next(Wire stream) {
    String name = "";
    while (true) {
      String line = Objects.requireNonNull(stream.line(), "the stream was cut");
      if (line.startsWith("event: ")) {
        name = line.substring(7);
      } else if (line.startsWith("data: ")) {
        return new Event(name, json(line.substring(6)));
      }
    }
  }

  private static Event next(Wire stream, Predicate<Event> wanted) {
    Event event = next(stream);
    while (!wanted.test(event)) {
      event = next(stream);
    }
    return event;
  }

  private Wire events(String path) {
    return Wire.get(service, path + "/events", "Accept: text/event-stream");
  }

  @Test
  void changesAreStreamedUntilTheSetIsDeleted() {
    created("live");
    try (var stream = events(SETS + "/live")) {
      assertThat(next(stream).data().get("shared")).hasSize(5);
      call("live", "seen", "{\"do\": \"set\", \"args\": [\"a\", 2]}"); // as long as before
      Event changed = next(stream);
      assertThat(changed.data().get("shared")).hasSize(1);
      assertThat(changed.isAbout("seen", one -> one.get("length").intValue() == 1)).isTrue();
      job(COUNT, "live", "b").run();
      next(stream, event -> event.isAbout("total", one -> one.get("value").intValue() == 1));
      deleted("live");
      Event last = next(stream, event -> event.name().equals("deleted"));
      assertThat(last.data()).isEqualTo(json("{\"name\": \"live\"}"));
      assertThat(stream.line()).isEmpty();
    }
    assertThat(service.get(SETS + "/live/events").status()).isEqualTo(404);
  }

  @Test
  void theEventsOfAJobHaveItsObjects() {
    var alone =
        service
            .job()
            .python(COUNT)
            .inputs("a", "b")
            .optionAsWritten("shared", "{\"seen\": {\"dict\": {}}, \"total\": {\"value\": 0}}")
            .paused()
            .submit();
    var none = service.job().python("def f(x): return x").inputs(1).paused().submit();
    try (var stream = events(alone.path());
        var plain = events(none.path())) {
      assertThat(next(stream, event -> event.name().equals("shared")).data().get("shared"))
          .hasSize(2);
      service.patch(alone.path(), "{\"paused\": false}");
      next(stream, event -> event.isAbout("total", one -> one.get("value").intValue() == 2));
      next(stream, event -> event.name().equals("end"));
      service.patch(none.path(), "{\"paused\": false}");
      var names = new ArrayList<String>();
      next(plain, event -> names.add(event.name()) && event.name().equals("end"));
      assertThat(names).doesNotContain("shared");
    }
  }
}
