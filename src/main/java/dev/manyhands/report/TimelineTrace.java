package dev.manyhands.report;

import java.io.OutputStream;
import java.time.Duration;
import java.util.HashSet;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes a timeline as trace events, the JSON that Perfetto and {@code chrome://tracing} open. The
 * job is the process, and its workers are the threads. Times are in microseconds since the
 * beginning of the timeline.
 */
public final class TimelineTrace {
  private static final int JOB = 1;

  private TimelineTrace() {}

  public static void write(Timeline timeline, JsonMapper mapper, OutputStream out) {
    try (JsonGenerator json = mapper.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringProperty("displayTimeUnit", "ms");
      json.writeObjectPropertyStart("otherData");
      json.writeStringProperty("job", timeline.id());
      json.writeStringProperty("state", timeline.state().name());
      json.writeStringProperty("origin", timeline.origin().toString());
      json.writeNumberProperty("chunks", timeline.chunks());
      json.writeBooleanProperty("merged", timeline.merged());
      json.writeEndObject();
      json.writeArrayPropertyStart("traceEvents");
      String job = timeline.name().isEmpty() ? "" : timeline.name() + " · ";
      name(json, "process_name", JOB, job + timeline.function());
      var named = new HashSet<Long>();
      for (Bar bar : timeline.bars()) {
        if (named.add(bar.worker())) {
          String worker = "worker " + bar.worker() + " (pid " + bar.pid() + ")";
          name(json, "thread_name", bar.worker(), worker);
        }
        slice(json, timeline, bar);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void name(JsonGenerator json, String what, long thread, String name) {
    json.writeStartObject();
    json.writeStringProperty("ph", "M");
    json.writeStringProperty("name", what);
    json.writeNumberProperty("pid", JOB);
    json.writeNumberProperty("tid", thread);
    json.writeObjectPropertyStart("args");
    json.writeStringProperty("name", name);
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void slice(JsonGenerator json, Timeline timeline, Bar bar) {
    json.writeStartObject();
    json.writeStringProperty("ph", "X");
    json.writeStringProperty("name", name(bar));
    json.writeStringProperty("cat", category(bar));
    json.writeNumberProperty("pid", JOB);
    json.writeNumberProperty("tid", bar.worker());
    long start = micros(Duration.between(timeline.origin(), bar.startedAt()));
    json.writeNumberProperty("ts", start);
    long end = micros(Duration.between(timeline.origin(), bar.finishedAt()));
    json.writeNumberProperty("dur", Math.max(0, end - start));
    if (bar.failed() > 0) {
      json.writeStringProperty("cname", "terrible");
    } else if (bar.attempt() > 1) {
      json.writeStringProperty("cname", "bad");
    }
    json.writeObjectPropertyStart("args");
    json.writeNumberProperty("first", bar.items().first());
    json.writeNumberProperty("count", bar.items().count());
    json.writeNumberProperty("failed", bar.failed());
    json.writeNumberProperty("attempt", bar.attempt());
    json.writeNumberProperty("runSeconds", bar.runSeconds());
    json.writeNumberProperty("readSeconds", bar.readSeconds());
    json.writeNumberProperty("writeSeconds", bar.writeSeconds());
    Long peakRss = bar.peakRss();
    if (peakRss != null) {
      json.writeNumberProperty("peakRss", peakRss.longValue());
    }
    json.writeNumberProperty("startUpSeconds", bar.startUpSeconds());
    json.writeNumberProperty("chunks", bar.chunks());
    json.writeEndObject();
    json.writeEndObject();
  }

  private static String name(Bar bar) {
    var items = bar.items();
    if (bar.chunks() > 1) {
      return bar.chunks() + " chunks, " + items.count() + " items";
    }
    return items.count() == 1
        ? "item " + items.first()
        : "items " + items.first() + "–" + (items.first() + items.count() - 1);
  }

  /** Returns the categories that Perfetto can filter by. */
  private static String category(Bar bar) {
    return "chunk" + (bar.failed() > 0 ? ",failed" : "") + (bar.attempt() > 1 ? ",retried" : "");
  }

  private static long micros(Duration duration) {
    return duration.toNanos() / 1_000;
  }
}
