package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The one stream of all jobs, read as a console would read it, on both stores. */
class ServiceEventsIT extends OnEachStore {
  private static final String SSE = "Accept: text/event-stream";
  private static final String EVENTS = "/api/v1/events";
  private static final String IDENTITY = "def f(x): return x";

  @TempDir private Path directory;

  private record Event(String name, String id, String data) {
    JsonNode json() {
      return Service.json(data);
    }

    boolean isAbout(String job) {
      return json().path("id").asString("").equals(job);
    }

    boolean isEndOf(String job) {
      return name.equals("job") && isAbout(job) && json().get("finishedAt").isString();
    }
  }

  @Override
  String[] settings() {
    return new String[] {"--manyhands.streams.heartbeat=200ms"};
  }

  @Test
  void aNewReaderIsAskedToListTheJobsAndSeesTheLoad() {
    try (var stream = events(service)) {
      assertThat(stream.headers.get("Content-Type")).startsWith("text/event-stream");
      assertThat(stream.line()).isEqualTo("retry: 2000");
      Event first = next(stream);
      assertThat(first.name()).isEqualTo("reset");
      assertThat(first.data()).isEqualTo("{\"reason\":\"start\"}");
      for (int i = 0; i < 2; i++) {
        Event load = until(stream, event -> event.name().equals("service")).getLast();
        assertThat(load.json().at("/slots/total").intValue()).isPositive();
        assertThat(load.json().has("itemsPerSecond")).isTrue();
      }
    }
  }

  @Test
  void aJobIsReportedFromItsSubmissionToItsDeletion() throws Exception {
    try (var stream = events(service)) {
      next(stream);
      Path gate = directory.resolve("gate");
      var job = service.job().python(waitsFor(gate)).inputs(1, 2).name("watched").submit();
      var seen = until(stream, event -> event.isAbout(job.id()));
      assertThat(seen.getLast().json().get("name").stringValue()).isEqualTo("watched");
      assertThat(seen.getLast().json().get("function").stringValue()).isEqualTo("f");
      Files.createFile(gate);
      Event end = until(stream, event -> event.isEndOf(job.id())).getLast();
      assertThat(end.json().get("state").stringValue()).isEqualTo("SUCCEEDED");
      assertThat(end.json().get("items")).isEqualTo(job.await().get("items"));
      assertThat(service.delete("/api/v1/jobs/" + job.id()).status()).isEqualTo(204);
      Event deleted = until(stream, event -> event.name().equals("deleted")).getLast();
      assertThat(deleted.data()).isEqualTo("{\"id\":\"" + job.id() + "\"}");
    }
  }

  /** The first event of the job and its end are beside those of each quarter of a second. */
  @Test
  void aJobThatChangesAllTheTimeComesAtMostFourTimesASecond() {
    String code = "import time\ndef f(x): time.sleep(0.01)";
    try (var stream = events(service)) {
      next(stream);
      long begin = System.nanoTime();
      String id = service.job().python(code).range(200).chunk(1).submit().id();
      var seen = until(stream, event -> event.isEndOf(id));
      double seconds = (System.nanoTime() - begin) / 1e9;

      assertThat(seen.stream().filter(event -> event.isAbout(id)).count())
          .isBetween(2L, (long) (4 * seconds) + 2);
    }
  }

  @Test
  void everyEndOfManyJobsComesOnce() {
    try (var stream = events(service)) {
      next(stream);
      var missing = new HashSet<String>();
      for (int i = 0; i < 100; i++) {
        missing.add(service.job().python(IDENTITY).inputs(i).submit().id());
      }
      var ended = new ArrayList<String>();
      while (!missing.isEmpty()) {
        Event event = next(stream);
        assertThat(event.name()).isIn("job", "service");
        if (event.name().equals("job") && event.json().get("finishedAt").isString()) {
          ended.add(event.json().get("id").stringValue());
          missing.remove(event.json().get("id").stringValue());
        }
      }
      assertThat(ended).doesNotHaveDuplicates();
    }
  }

  @Test
  void afterACutEachJobThatHasChangedComesOnceWithItsNewestStatus() {
    String last;
    try (var stream = events(service)) {
      last = next(stream).id();
    }
    var changed = service.job().python(IDENTITY).range(200).run();
    var deleted = service.job().python(IDENTITY).inputs(1).run();
    String gone = deleted.get("id").stringValue();
    service.delete("/api/v1/jobs/" + gone);
    String id = changed.get("id").stringValue();
    try (var stream = events(service, "Last-Event-ID: " + last)) {
      var seen = until(stream, event -> event.name().equals("deleted") && event.isAbout(gone));
      assertThat(names(seen)).doesNotContain("reset");
      assertThat(seen).filteredOn(event -> event.isAbout(gone)).hasSize(1);
      assertThat(seen).filteredOn(event -> event.isAbout(id)).hasSize(1);
      assertThat(seen).anyMatch(event -> event.isEndOf(id));
    }
  }

  @Test
  void afterARestartTheReaderIsAskedToListTheJobs() throws Exception {
    var first = Service.start(Service.newDirectory());
    Path gate = directory.resolve("restart");
    String id = first.job().python(waitsFor(gate)).inputs(1).submit().id();
    String last;
    try (var stream = events(first)) {
      last = next(stream).id();
    }
    first.killMinus9();
    try (var second = first.again();
        var stream = events(second, "Last-Event-ID: " + last)) {
      assertThat(next(stream).data()).isEqualTo("{\"reason\":\"restart\"}");
      Files.createFile(gate);
      until(stream, event -> event.isEndOf(id));
      assertThat(second.terminate()).isEqualTo(143);
      assertThat(nextOrNull(stream)).isNull();
    }
  }

  @Test
  void aReaderThatTakesNothingDelaysNobody() throws Exception {
    try (Socket slow = Wire.ask(service, EVENTS, SSE);
        var stream = events(service)) {
      assertThat(slow.isConnected()).isTrue();
      next(stream);
      Set<String> jobs = new HashSet<>();
      for (int i = 0; i < 30; i++) {
        jobs.add(service.job().python(IDENTITY).range(1_000).run().get("id").stringValue());
      }
      while (!jobs.isEmpty()) {
        Event event = next(stream);
        jobs.removeIf(event::isEndOf);
      }
      assertThat(service.job().python(IDENTITY).inputs(1).run()).hasState(SUCCEEDED);
    }
  }

  @Test
  void anIdOfAnotherStreamIsRefused() {
    var answer = service.send(service.request(EVENTS).header("Last-Event-ID", "1204"));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("detail").stringValue())
        .startsWith("Last-Event-ID: is not the id of an event of this stream");
  }

  private static String waitsFor(Path gate) {
    return """
    import os, time
    def f(x):
        while not os.path.exists('%s'): time.sleep(0.02)
        return x
    """
        .formatted(gate);
  }

  private static Wire events(Service service, String... headers) {
    var all = new ArrayList<>(List.of(headers));
    all.add(SSE);
    return Wire.get(service, EVENTS, all.toArray(String[]::new));
  }

  /** Returns the events up to the first that is wanted. */
  private static List<Event> until(Wire stream, Predicate<Event> wanted) {
    var seen = new ArrayList<Event>();
    do {
      seen.add(next(stream));
    } while (!wanted.test(seen.getLast()));
    return seen;
  }

  private static Event next(Wire stream) {
    Event event = nextOrNull(stream);
    assertThat(event).as("an event before the end of the stream").isNotNull();
    return event;
  }

  private static Event nextOrNull(Wire stream) {
    String name = null;
    String id = null;
    for (String line; (line = stream.line()) != null; ) {
      if (line.startsWith("event: ")) {
        name = line.substring(7);
      } else if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("data: ")) {
        return new Event(name, id, line.substring(6));
      } else {
        assertThat(line).matches("|: .*|retry: \\d+");
      }
    }
    return null;
  }

  private static List<String> names(List<Event> events) {
    return events.stream().map(Event::name).toList();
  }
}
