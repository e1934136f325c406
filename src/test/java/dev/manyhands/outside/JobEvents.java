package dev.manyhands.outside;

import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** The events of all jobs, for tests that wait for one of them. */
final class JobEvents {
  private JobEvents() {}

  /** Begins to read. Events of jobs that change from now on are seen. */
  static Wire open(Service service) {
    Wire events = Wire.get(service, "/api/v1/events", "Accept: text/event-stream");
    await(events, "reset", event -> true);
    return events;
  }

  /** Returns the job as the event shows it. */
  static JsonNode awaitEnd(Wire events, String id) {
    return await(events, "job", job -> isAbout(job, id) && job.get("finishedAt").isString());
  }

  static void awaitDeletion(Wire events, String id) {
    await(events, "deleted", job -> isAbout(job, id));
  }

  private static boolean isAbout(JsonNode job, String id) {
    return job.get("id").stringValue().equals(id);
  }

  private static JsonNode await(Wire events, String name, Predicate<JsonNode> wanted) {
    String current = "";
    for (String line; (line = events.line()) != null; ) {
      if (line.startsWith("event:")) {
        current = line.substring("event:".length()).strip();
      } else if (line.startsWith("data:") && current.equals(name)) {
        JsonNode data = Service.json(line.substring("data:".length()));
        if (wanted.test(data)) {
          return data;
        }
      }
    }
    throw new AssertionError("the events ended before " + name);
  }
}
