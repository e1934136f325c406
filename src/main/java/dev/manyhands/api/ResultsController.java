package dev.manyhands.api;

import dev.manyhands.job.ItemRange;
import dev.manyhands.job.Job;
import dev.manyhands.job.JobId;
import dev.manyhands.job.Refusal;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Results over HTTP: as a page, or as a stream of lines that may follow a job while it runs. */
@RestController
@RequestMapping("/api/v1/jobs/{id}/results")
@Tag(name = "Jobs")
class ResultsController {
  static final int MAX_PER_PAGE = 100_000;
  private static final long DEFAULT_PER_PAGE = 1_000;

  private final Jobs jobs;
  private final ResultsWriter results;

  ResultsController(Jobs jobs, ResultsWriter results) {
    this.jobs = jobs;
    this.results = results;
  }

  @GetMapping(produces = {MediaType.APPLICATION_JSON_VALUE, MediaType.APPLICATION_NDJSON_VALUE})
  @Operation(
      operationId = "getResults",
      summary = "Read results in input order",
      description =
          """
          As JSON, a page from `offset` on; it ends before the first item that has not finished, and `next` says where to go on. \
          As `application/x-ndjson`, a line an item and a last line `end`, so that a cut stream shows; with `follow=true` the \
          lines come while the job runs, and the end when it ends.\
          """,
      responses =
          @ApiResponse(
              responseCode = "200",
              content = {
                @Content(
                    mediaType = MediaType.APPLICATION_JSON_VALUE,
                    examples = @ExampleObject(Examples.RESULTS)),
                @Content(
                    mediaType = MediaType.APPLICATION_NDJSON_VALUE,
                    examples = @ExampleObject(Examples.RESULT_LINES))
              }))
  void results(
      @PathVariable String id,
      @Parameter(description = "The first item; `from` is another name for it")
          @RequestParam(required = false)
          @Nullable Long offset,
      @RequestParam(required = false) @Nullable Long from,
      @Parameter(description = "At most so many items; 1,000 as a page, all as a stream")
          @RequestParam(required = false)
          @Nullable Long limit,
      @Parameter(description = "Lines only: go on until the job has ended")
          @RequestParam(defaultValue = "false")
          boolean follow,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    boolean lines = acceptsLines(request);
    Job job = jobs.get(JobsController.id(id));
    long first = offset != null ? offset : from != null ? from : 0;
    if (first < 0) {
      throw Refusal.malformed(offset != null ? "offset" : "from", "must not be negative");
    }
    if (follow && !lines) {
      throw Refusal.malformed("follow", "only goes with Accept: application/x-ndjson");
    }
    long most = limit != null ? limit : lines ? Long.MAX_VALUE : DEFAULT_PER_PAGE;
    if (most < 1 || (!lines && most > MAX_PER_PAGE)) {
      throw Refusal.malformed("limit", "must be between 1 and " + MAX_PER_PAGE);
    }
    long end = most > Long.MAX_VALUE - first ? Long.MAX_VALUE : first + most;
    response.setContentType(
        lines ? MediaType.APPLICATION_NDJSON_VALUE : MediaType.APPLICATION_JSON_VALUE);
    var out = new BufferedOutputStream(response.getOutputStream(), 64 << 10);
    if (lines) {
      writeLines(job, first, end, follow, out);
    } else {
      writePage(job, first, end, out);
    }
    out.flush();
  }

  private static boolean acceptsLines(HttpServletRequest request) {
    String accept = request.getHeader("Accept");
    return accept != null && accept.contains(MediaType.APPLICATION_NDJSON_VALUE);
  }

  private void writePage(Job job, long first, long end, OutputStream out) throws IOException {
    long known = Math.min(end, job.status().tally().total());
    if (first < known) {
      results.page(job, new ItemRange(first, known), out);
      return;
    }
    String page =
        "{\"offset\":%d,\"results\":[],\"errors\":[],\"skipped\":[],\"complete\":%b,\"next\":%s}"
            .formatted(
                first,
                job.status().state().isTerminal(),
                job.status().inputsOpen() ? Long.toString(first) : "null");
    out.write(page.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Nothing is held while it waits: each round looks at the job anew, and reads on from where the
   * last one stopped.
   */
  private void writeLines(Job found, long first, long end, boolean follow, OutputStream out)
      throws IOException {
    Job job = found;
    long next = first;
    while (true) {
      long known = Math.min(end, job.status().tally().total());
      if (next < known) {
        next = results.lines(job, new ItemRange(next, known), out);
      }
      if (!follow || next >= end || job.status().state().isTerminal()) {
        break;
      }
      // Also what makes a reader that is gone known: the write fails, and that is the end of it.
      out.flush();
      JobId id = job.id();
      if (!jobs.awaitChange(id)) {
        break;
      }
      job = jobs.get(id);
    }
    writeEnd(job, next, out);
  }

  private static void writeEnd(Job job, long next, OutputStream out) throws IOException {
    var state = job.status().state();
    boolean more = next < job.status().tally().total() || job.status().inputsOpen();
    String line =
        "{\"end\":{\"state\":\"%s\",\"complete\":%b,\"next\":%s}}\n"
            .formatted(state, state.isTerminal(), more ? next : "null");
    out.write(line.getBytes(StandardCharsets.UTF_8));
  }
}
