package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static dev.manyhands.outside.Service.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Progress as Server-Sent Events, and what readers that are slow or gone cost. */
@RunningService("manyhands.streams.heartbeat=200ms")
class EventsIT {
  private static final String SSE = "Accept: text/event-stream";
  private static final String LINES = "Accept: application/x-ndjson";
  private static final String IDENTITY = "def f(x): return x";
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);

  private final Service service;

  @TempDir private Path directory;

  /** One event as a client sees it. */
  private record Event(String name, long id, String data) {
    JsonNode json() {
      return Service.json(data);
    }
  }

  EventsIT(Service service) {
    this.service = service;
  }

  @Test
  void everyStateComesThenTheEndAsTheJobIs() {
    String id = service.job().python(IDENTITY).range(50).paused().submit().id();
    try (var stream = events(id)) {
      assertThat(stream.headers.get("Content-Type")).startsWith("text/event-stream");
      assertThat(stream.headers.get("Cache-Control")).isEqualTo("no-store");
      assertThat(stream.line()).isEqualTo("retry: 2000");
      var seen = new ArrayList<>(List.of(next(stream), next(stream)));
      unpause(id);
      seen.addAll(rest(stream));

      assertThat(names(seen)).startsWith("state", "progress").endsWith("state", "end");
      assertThat(states(seen)).containsExactly("QUEUED", "RUNNING", "SUCCEEDED");
      assertThat(seen).filteredOn(event -> event.name().equals("end")).hasSize(1);
      assertThat(seen.getLast().data()).isEqualTo(service.get("/api/v1/jobs/" + id).body());
      assertIdsGrow(0, seen);
      JsonNode progress = seen.get(1).json();
      assertThat(progress.get("items").get("total").longValue()).isEqualTo(50);
      assertThat(progress.get("progress").get("fraction").doubleValue()).isZero();
    }
  }

  @Test
  void progressComesFourTimesASecondAtMost() {
    String code = "import time\ndef f(x):\n  time.sleep(0.01)\n  return x";
    String id = service.job().python(code).range(300).chunk(1).submit().id();
    long begin = System.nanoTime();
    var seen = rest(events(id));
    double seconds = (System.nanoTime() - begin) / 1e9;
    var done =
        seen.stream()
            .filter(event -> event.name().equals("progress"))
            .map(event -> event.json().get("items").get("done").longValue())
            .toList();
    assertThat(done).isSorted().doesNotHaveDuplicates();
    assertThat(done.size()).isBetween(2, (int) (4 * seconds) + 1);
  }

  @Test
  void whileNothingChangesThereAreCommentsOnly() throws Exception {
    Path gate = directory.resolve("quiet");
    String id = service.job().python(waitsFor(gate)).inputs(0).submit().id();
    try (var stream = events(id)) {
      String line;
      do {
        line = stream.line();
      } while (!line.contains("\"chunks\":{\"done\":0,\"running\":1}"));
      for (int i = 0; i < 6; i++) {
        assertThat(stream.line()).isEqualTo(i % 2 == 0 ? "" : ": still here");
      }
      Files.createFile(gate);
      assertThat(names(rest(stream))).endsWith("state", "end");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SUCCEEDED", "FAILED", "CANCELLED"})
  void aJobThatHasEndedGivesItsEndAtOnce(String state) {
    var job =
        switch (state) {
          case "FAILED" -> service.job().python("def f(x): return 1 // x").inputs(0).submit();
          case "CANCELLED" -> service.job().python(IDENTITY).inputs(1).paused().submit();
          default -> service.job().python("def f(x): return [x,\n x]").inputs(1).submit();
        };
    if (state.equals("CANCELLED")) {
      job.cancelled();
    }
    job.await();
    String id = job.id();
    var first = rest(events(id));
    assertThat(names(first)).containsExactly("end");
    assertThat(first.getFirst().json().get("state").stringValue()).isEqualTo(state);
    var again = rest(events(id, "Last-Event-ID: " + first.getFirst().id()));
    assertThat(names(again)).containsExactly("end");
    assertIdsGrow(first.getFirst().id(), again);
  }

  @Test
  void aWaitingJobThatIsCancelledWasNeverQueued() {
    var job = service.job().python(IDENTITY).inputs(1).notBefore("2100-01-01T00:00:00Z").submit();
    try (var stream = events(job.id())) {
      assertThat(next(stream).data()).isEqualTo("{\"state\":\"WAITING\"}");
      job.cancelled();
      assertThat(states(rest(stream))).containsExactly("CANCELLED");
    }
  }

  @Test
  void aReaderThatComesAgainGetsThePresentStateUnderAHigherId() throws Exception {
    var first = Service.start(Service.newDirectory(), "--manyhands.streams.heartbeat=200ms");
    Path gate = directory.resolve("again");
    String id = first.job().python(waitsFor(gate)).inputs(0, 1, 2).submit().id();
    long last = 0;
    for (int i = 0; i < 5; i++) {
      try (var stream = events(first, id, "Last-Event-ID: " + last)) {
        var seen = List.of(next(stream), next(stream));
        assertThat(names(seen)).containsExactly("state", "progress");
        last = assertIdsGrow(last, seen);
      }
    }
    first.killMinus9();
    try (var second = first.again();
        var known = events(second, id, "Last-Event-ID: " + last);
        var unknown = events(second, id)) {
      assertIdsGrow(last, List.of(next(known)));
      assertIdsGrow(last, List.of(next(unknown)));
      // From far ahead, as after a clock that was set back.
      try (var ahead = events(second, id, "Last-Event-ID: 900000000000000000")) {
        assertThat(next(ahead).id()).isEqualTo(900000000000000001L);
        assertThat(next(ahead).id()).isEqualTo(900000000000000002L);
      }
      Files.createFile(gate);
      assertIdsGrow(last, rest(known));
      assertThat(names(rest(unknown))).endsWith("end");
    }
  }

  @Test
  void aServiceThatStopsLetsItsReadersGo() throws Exception {
    var stopping = Service.start(Service.newDirectory());
    String id = stopping.job().python(IDENTITY).inputs(1).paused().submit().id();
    try (var stream = events(stopping, id);
        var results = Wire.get(stopping, "/api/v1/jobs/" + id + "/results?follow=true", LINES)) {
      next(stream);
      long begin = System.nanoTime();
      assertThat(stopping.terminate()).isEqualTo(143);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
      assertThat(names(rest(stream))).doesNotContain("end");
      assertThat(results.lines())
          .containsExactly("{\"end\":{\"state\":\"QUEUED\",\"complete\":false,\"next\":0}}");
    }
  }

  @Test
  void whatCannotBeWatchedIsAProblem() {
    String none = "/api/v1/jobs/019aa4f2-6f6e-7b1d-9d0c-0c3a4c1e5a77/events";
    for (String path : List.of(none, "/api/v1/jobs/none/events")) {
      var answer = service.send(service.request(path).header("Accept", "text/event-stream"));
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    }
    String id = service.job().python(IDENTITY).inputs(1).paused().submit().id();
    for (String bad : List.of("x", "-1", "1234567890123456789012")) {
      var answer =
          service.send(
              service.request("/api/v1/jobs/" + id + "/events").header("Last-Event-ID", bad));
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.json().get("errors").get(0).get("pointer").stringValue())
          .isEqualTo("Last-Event-ID");
    }
    var json =
        service.send(
            service.request("/api/v1/jobs/" + id + "/events").header("Accept", "application/json"));
    assertThat(json.status()).isEqualTo(406);
    var head =
        service.send(
            service
                .request("/api/v1/jobs/" + id + "/events")
                .method("HEAD", BodyPublishers.noBody()));
    assertThat(head.status()).isEqualTo(200);
    service.cancelled(id);
  }

  @Test
  void readersThatAreGoneCostNothing() throws Exception {
    String id = service.job().python(IDENTITY).inputs(1).paused().submit().id();
    double threads = metric("jvm_threads_live_threads");
    var sockets = new ArrayList<Socket>();
    for (int i = 0; i < 100; i++) {
      sockets.add(Wire.ask(service, "/api/v1/jobs/" + id + "/events", SSE));
      sockets.add(Wire.ask(service, "/api/v1/jobs/" + id + "/results?follow=true", LINES));
    }
    await(() -> open("events") == 100 && open("results") == 100);
    assertThat(metric("jvm_threads_live_threads")).isLessThan(threads + 20);
    for (Socket socket : sockets) {
      socket.close();
    }
    await(() -> open("events") == 0 && open("results") == 0);
    assertThat(metric("jvm_threads_live_threads")).isLessThan(threads + 20);
    service.cancelled(id);
  }

  /** Its connection holds far less than what it was promised: the write waits for the reader. */
  @Test
  void slowReadersSlowNobody() throws Exception {
    String big = "def f(x): return 'x' * 200000";
    String large = service.job().python(big).range(200).run().id();
    var quick = service.job().python(IDENTITY).range(1000);
    quick.run();
    var sockets = new ArrayList<Socket>();
    try {
      for (String order : List.of("input", "completion")) {
        for (int i = 0; i < 20; i++) {
          String path = "/api/v1/jobs/" + large + "/results?follow=true&order=" + order;
          sockets.add(Wire.ask(service, path, LINES));
        }
      }
      await(() -> open("results") == 40);
      long begin = System.nanoTime();
      var job = quick.run();
      assertThat(job).hasState(SUCCEEDED);
      assertThat(names(rest(events(job.id())))).containsExactly("end");
      var lines =
          Wire.get(service, "/api/v1/jobs/" + large + "/results?order=completion", LINES).lines();
      assertThat(lines).hasSize(201);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
      await(() -> open("results") == 40); // and not the last one, whose end may take a moment
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    await(() -> open("results") == 0);
  }

  /** The spaces that keep it alive are part of the next line, which is JSON as before. */
  @Test
  void resultsThatAreAwaitedAreKeptAlive() throws Exception {
    Path gate = directory.resolve("alive");
    String id = service.job().python(waitsFor(gate)).inputs(0).submit().id();
    try (var socket = Wire.ask(service, "/api/v1/jobs/" + id + "/results?follow=true", LINES)) {
      var in = socket.getInputStream();
      for (int newLines = 0, before = 0; newLines < 2; ) {
        int c = in.read();
        newLines = c == '\n' && before == '\n' ? 2 : newLines;
        before = c == '\r' ? before : c;
      }
      assertThat(new String(in.readNBytes(3))).isEqualTo("   ");
      Files.createFile(gate);
      var lines = new String(in.readAllBytes()).lines().toList();
      assertThat(json(lines.getFirst()).toString()).isEqualTo("{\"index\":0,\"value\":0}");
      assertThat(json(lines.getLast()).get("end").get("complete").booleanValue()).isTrue();
    }
  }

  private Wire events(String id, String... headers) {
    return events(service, id, headers);
  }

  private static Wire events(Service service, String id, String... headers) {
    var all = new ArrayList<>(List.of(headers));
    all.add(SSE);
    return Wire.get(service, "/api/v1/jobs/" + id + "/events", all.toArray(String[]::new));
  }

  /** The next event; what is no event is passed over. */
  private static Event next(Wire stream) {
    Event event = nextOrNull(stream);
    assertThat(event).as("an event before the end of the stream").isNotNull();
    return event;
  }

  private static Event nextOrNull(Wire stream) {
    String name = null;
    long id = -1;
    for (String line; (line = stream.line()) != null; ) {
      if (line.startsWith("event: ")) {
        name = line.substring(7);
      } else if (line.startsWith("id: ")) {
        id = Long.parseLong(line.substring(4));
      } else if (line.startsWith("data: ")) {
        assertThat(stream.line()).isEmpty();
        return new Event(name, id, line.substring(6));
      } else {
        assertThat(line).matches("|: .*|retry: \\d+");
      }
    }
    return null;
  }

  private static List<Event> rest(Wire stream) {
    var events = new ArrayList<Event>();
    try (stream) {
      for (Event event; (event = nextOrNull(stream)) != null; ) {
        events.add(event);
      }
    }
    return events;
  }

  private static List<String> names(List<Event> events) {
    return events.stream().map(Event::name).toList();
  }

  private static List<String> states(List<Event> events) {
    return events.stream()
        .filter(event -> event.name().equals("state"))
        .map(event -> event.json().get("state").stringValue())
        .toList();
  }

  /** The last id; each is higher than the one before. */
  private static long assertIdsGrow(long before, List<Event> events) {
    long last = before;
    for (Event event : events) {
      assertThat(event.id()).as("%s", event).isGreaterThan(last);
      last = event.id();
    }
    return last;
  }

  private void unpause(String id) {
    new RunningJob(service, id).patch(Map.of("paused", false));
  }

  private double open(String kind) {
    return metric("manyhands_streams{kind=\"" + kind + "\"}");
  }

  private double metric(String name) {
    String all = service.get("/actuator/prometheus").body();
    var match = Pattern.compile("(?m)^" + Pattern.quote(name) + " (\\S+)$").matcher(all);
    assertThat(match.find()).as(name).isTrue();
    return Double.parseDouble(match.group(1));
  }

  /** Asks the service until the condition holds. */
  private static void await(BooleanSupplier condition) {
    long until = System.nanoTime() + LONG_ENOUGH.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - until).as("still waiting").isNegative();
    }
  }

  private static String waitsFor(Path gate) {
    return "import os, time\ndef f(x):\n  while not os.path.exists('%s'): time.sleep(0.01)\n  return x"
        .formatted(gate);
  }
}
