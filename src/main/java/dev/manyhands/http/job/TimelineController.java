package dev.manyhands.http.job;

import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.engine.worker.WorkerView;
import dev.manyhands.http.Accepted;
import dev.manyhands.http.JobPath;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.model.Job;
import dev.manyhands.model.Refusal;
import dev.manyhands.report.JobReport;
import dev.manyhands.report.TimeWindow;
import dev.manyhands.report.Timeline;
import dev.manyhands.report.TimelineSvg;
import dev.manyhands.report.TimelineTrace;
import dev.manyhands.store.JobStore;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.json.JsonMapper;

/** Serves where a job's time went, over HTTP: chunk by chunk, and in sum. */
@RestController
@RequestMapping(JobPath.JOBS + "/{id}")
class TimelineController {
  private static final String SVG = "image/svg+xml";

  /**
   * Forbids scripts: a picture that is opened on its own is a document of this site and contains
   * users' text.
   */
  private static final String NOTHING_RUNS = "default-src 'none'; style-src 'unsafe-inline'";

  private final JobDesk jobs;
  private final JobStore store;
  private final Scheduler scheduler;
  private final JsonMapper json;
  private final Clock clock;

  TimelineController(
      JobDesk jobs, JobStore store, Scheduler scheduler, JsonMapper json, Clock clock) {
    this.jobs = jobs;
    this.store = store;
    this.scheduler = scheduler;
    this.json = json;
    this.clock = clock;
  }

  private enum Format {
    JSON(Timeline.MOST_BARS),
    SVG(TimelineSvg.MOST_BARS),
    TRACE(Timeline.MOST_BARS);

    final int mostBars;

    Format(int mostBars) {
      this.mostBars = mostBars;
    }
  }

  @GetMapping(
      path = "/timeline",
      produces = {MediaType.APPLICATION_JSON_VALUE, SVG})
  void timeline(
      @PathVariable String id,
      @RequestParam(required = false) @Nullable String format,
      @RequestParam(required = false) @Nullable Integer bars,
      @RequestParam(required = false) @Nullable Double from,
      @RequestParam(required = false) @Nullable Double to,
      @RequestHeader(name = "Accept", required = false) @Nullable String accept,
      HttpServletResponse response)
      throws IOException {
    Job job = jobs.get(JobPath.id(id));
    Format wanted = format(format, accept);
    int most = bars == null ? wanted.mostBars : bars;
    if (most < Timeline.LEAST_BARS || most > wanted.mostBars) {
      throw Refusal.malformed(
          "bars", "must be between " + Timeline.LEAST_BARS + " and " + wanted.mostBars);
    }
    write(Timeline.of(job, store, clock.instant(), most, window(from, to)), wanted, response);
  }

  private static @Nullable TimeWindow window(@Nullable Double from, @Nullable Double to) {
    if (from == null && to == null) {
      return null;
    }
    double begin = from == null ? 0 : seconds("from", from);
    if (to == null) {
      return TimeWindow.since(begin);
    }
    double end = seconds("to", to);
    if (begin >= end) {
      throw Refusal.malformed("to", "must be greater than from, which is " + begin);
    }
    return new TimeWindow(begin, end);
  }

  private static double seconds(String name, double value) {
    // Not a comparison for the opposite: NaN is no number of seconds either.
    if (!(value >= 0 && value <= Timeline.LONGEST_SECONDS)) {
      throw Refusal.malformed(
          name, "must be a number of seconds since the job's start, from 0 to 3000000000");
    }
    return value;
  }

  private static Format format(@Nullable String format, @Nullable String accept) {
    return switch (format) {
      case "json" -> Format.JSON;
      case "svg" -> Format.SVG;
      case "trace" -> Format.TRACE;
      case null ->
          Accepted.prefers(accept, MediaType.valueOf(SVG), MediaType.APPLICATION_JSON)
              ? Format.SVG
              : Format.JSON;
      default -> throw Refusal.malformed("format", "must be json, svg or trace");
    };
  }

  private void write(Timeline timeline, Format format, HttpServletResponse response)
      throws IOException {
    response.setHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    if (format == Format.SVG) {
      response.setContentType(SVG);
      response.setCharacterEncoding(StandardCharsets.UTF_8);
      response.setHeader("Content-Security-Policy", NOTHING_RUNS);
      var out =
          new BufferedWriter(
              new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8));
      TimelineSvg.write(timeline, out);
      out.flush();
      return;
    }
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    try {
      if (format == Format.TRACE) {
        response.setHeader(
            HttpHeaders.CONTENT_DISPOSITION,
            "attachment; filename=\"trace-" + timeline.id() + ".json\"");
        TimelineTrace.write(timeline, json, response.getOutputStream());
      } else {
        json.writeValue(response.getOutputStream(), timeline);
      }
    } catch (JacksonIOException clientGone) {
      throw clientGone.getCause();
    }
  }

  @GetMapping("/report")
  JobReport report(@PathVariable String id) {
    Job job = jobs.get(JobPath.id(id));
    double unreported = scheduler.unreportedSeconds(job.id()).join();
    List<WorkerView> views = scheduler.workers().join();
    var processors =
        views.stream()
            .map(worker -> new JobReport.Processor(worker.id(), worker.pid(), worker.cpuSeconds()))
            .toList();
    var workers =
        new JobReport.Workers(processors, unreported, WorkerView.silenceOf(job.id(), views));
    return JobReport.of(job, store, clock.instant(), workers);
  }
}
