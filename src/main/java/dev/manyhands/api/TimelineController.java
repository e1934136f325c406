package dev.manyhands.api;

import dev.manyhands.job.Job;
import dev.manyhands.job.Refusal;
import dev.manyhands.scheduler.Scheduler;
import dev.manyhands.store.JobStore;
import dev.manyhands.timeline.JobReport;
import dev.manyhands.timeline.Timeline;
import dev.manyhands.timeline.TimelineSvg;
import dev.manyhands.timeline.TimelineTrace;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
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

/** Where a job's time went, over HTTP: chunk by chunk, and in sum. */
@RestController
@RequestMapping("/api/v1/jobs/{id}")
@Tag(name = "Jobs")
class TimelineController {
  private static final String SVG = "image/svg+xml";

  /** A picture opened on its own is a document of this site, with users' words in it. */
  private static final String NOTHING_RUNS = "default-src 'none'; style-src 'unsafe-inline'";

  private final Jobs jobs;
  private final JobStore store;
  private final Scheduler scheduler;
  private final JsonMapper json;
  private final Clock clock;

  TimelineController(Jobs jobs, JobStore store, Scheduler scheduler, JsonMapper json, Clock clock) {
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
  @Operation(
      operationId = "getTimeline",
      summary = "See what each worker did, and when",
      description =
          """
          A bar for each chunk report: its worker, times, items, failures, attempt, and how long it ran, read and wrote. As JSON; \
          as a picture with `Accept: image/svg+xml` or `format=svg`; with `format=trace` as trace events, which \
          [Perfetto](https://ui.perfetto.dev) and chrome://tracing open. Where there are more reports than `bars`, neighbours of a \
          worker are merged, and `merged` says so. Of a running job it shows what was reported so far.\
          """,
      responses =
          @ApiResponse(
              responseCode = "200",
              content = {
                @Content(
                    mediaType = MediaType.APPLICATION_JSON_VALUE,
                    schema = @Schema(implementation = Timeline.class),
                    examples = @ExampleObject(Examples.TIMELINE)),
                @Content(
                    mediaType = SVG,
                    schema = @Schema(type = "string"),
                    examples = @ExampleObject(Examples.TIMELINE_SVG))
              }))
  void timeline(
      @PathVariable String id,
      @Parameter(
              description = "`json`, `svg` or `trace`; goes before `Accept`",
              schema = @Schema(allowableValues = {"json", "svg", "trace"}))
          @RequestParam(required = false)
          @Nullable String format,
      @Parameter(description = "At most so many bars: 100 to 10,000, or 2,000 in a picture")
          @RequestParam(required = false)
          @Nullable Integer bars,
      @RequestHeader(name = "Accept", required = false) @Nullable String accept,
      HttpServletResponse response)
      throws IOException {
    Job job = jobs.get(JobsController.id(id));
    Format wanted = format(format, accept);
    int most = bars == null ? wanted.mostBars : bars;
    if (most < Timeline.LEAST_BARS || most > wanted.mostBars) {
      throw Refusal.malformed(
          "bars", "must be between " + Timeline.LEAST_BARS + " and " + wanted.mostBars);
    }
    write(Timeline.of(job, store, clock.instant(), most), wanted, response);
  }

  private static Format format(@Nullable String format, @Nullable String accept) {
    return switch (format) {
      case "json" -> Format.JSON;
      case "svg" -> Format.SVG;
      case "trace" -> Format.TRACE;
      case null -> accept != null && accept.contains(SVG) ? Format.SVG : Format.JSON;
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
  @Operation(
      operationId = "getReport",
      summary = "See where the time went, and what to do about it",
      description =
          """
          What the slots' time was spent on (`seconds`, and `shares` of the whole, which is slots × wall time), speedup and \
          efficiency, how the items were grouped and why, the slowest of them, and advice. `startUp`: processes and loading; \
          `transfer`: on the way; `read`, `write`: between bytes and values; `run`: in the function; `lost`: last attempts of \
          workers that died; `unreported`: workers have a chunk and have yet to report; `idle`: no work of this job. Of a running job, as if it had ended now.\
          """,
      responses = {
        @ApiResponse(
            responseCode = "200",
            content =
                @Content(
                    mediaType = MediaType.APPLICATION_JSON_VALUE,
                    schema = @Schema(implementation = JobReport.class),
                    examples = @ExampleObject(Examples.REPORT))),
        @ApiResponse(
            responseCode = "409",
            description = "No chunk of it was ever started",
            content =
                @Content(
                    mediaType = MediaType.APPLICATION_PROBLEM_JSON_VALUE,
                    examples = @ExampleObject(Examples.PROBLEM)))
      })
  JobReport report(@PathVariable String id) {
    Job job = jobs.get(JobsController.id(id));
    double unreported = scheduler.unreportedSeconds(job.id()).join();
    var processors =
        scheduler.workers().join().stream()
            .map(worker -> new JobReport.Processor(worker.id(), worker.pid(), worker.cpuSeconds()))
            .toList();
    return JobReport.of(job, store, clock.instant(), new JobReport.Workers(processors, unreported));
  }
}
