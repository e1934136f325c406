package dev.manyhands.http.job;

import dev.manyhands.engine.logs.JobLogs;
import dev.manyhands.engine.logs.LogCursor;
import dev.manyhands.http.Accepted;
import dev.manyhands.http.Heartbeat;
import dev.manyhands.http.JobPath;
import dev.manyhands.http.OpenStreams;
import dev.manyhands.http.StreamSettings;
import dev.manyhands.http.Streaming;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.model.Job;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.StoreException;
import dev.manyhands.support.Waits;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Serves the text that user code printed, over HTTP. */
@RestController
@RequestMapping(JobPath.JOBS + "/{id}")
class LogsController {
  private static final String TEXT = "text/plain;charset=UTF-8";

  /**
   * How long a followed log waits at the end of its job. Lines that the job printed before its end
   * may still be under way.
   */
  private static final Duration LAST_LINES = Duration.ofMillis(200);

  private final JobDesk jobs;
  private final JobLogs logs;
  private final StreamSettings settings;
  private final OpenStreams streams;

  LogsController(JobDesk jobs, JobLogs logs, StreamSettings settings, OpenStreams streams) {
    this.jobs = jobs;
    this.logs = logs;
    this.settings = settings;
    this.streams = streams;
  }

  @GetMapping(
      path = "/log",
      produces = {MediaType.TEXT_PLAIN_VALUE, MediaType.APPLICATION_NDJSON_VALUE})
  void ofJob(
      @PathVariable String id,
      @RequestParam(required = false) @Nullable Long item,
      @RequestParam(defaultValue = "false") boolean follow,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Job job = jobs.get(JobPath.id(id));
    if (item != null) {
      ItemReader.check(job, item);
    }
    // A HEAD request is not kept until the job has ended.
    boolean stays = follow && !HttpMethod.HEAD.matches(request.getMethod());
    write(job, item, stays, request, response);
  }

  @GetMapping(
      path = "/items/{index}/log",
      produces = {MediaType.TEXT_PLAIN_VALUE, MediaType.APPLICATION_NDJSON_VALUE})
  void ofItem(
      @PathVariable String id,
      @PathVariable long index,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Job job = jobs.get(JobPath.id(id));
    ItemReader.check(job, index);
    write(job, index, false, request, response);
  }

  private void write(
      Job job,
      @Nullable Long item,
      boolean follow,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    boolean asJson =
        Accepted.prefers(
            request.getHeader("Accept"), MediaType.APPLICATION_NDJSON, MediaType.TEXT_PLAIN);
    response.setContentType(asJson ? MediaType.APPLICATION_NDJSON_VALUE : TEXT);
    // A browser must not show users' text as a page.
    response.setHeader("X-Content-Type-Options", "nosniff");
    var out = new BufferedOutputStream(response.getOutputStream(), 64 << 10);
    var writer = new LogWriter(out, asJson, item);
    if (follow) {
      Streaming.headers(response);
      try (var _ = streams.open(OpenStreams.Kind.LOGS)) {
        follow(job, writer, out);
      } catch (StoreException | Refusal e) {
        Streaming.brokeOff(response, e);
      }
    } else {
      requireLog(job, logs.read(job.id(), writer));
    }
    out.flush();
  }

  /** Writes lines as they are printed, until the job ends or the service is about to stop. */
  private void follow(Job found, LogWriter writer, OutputStream out) throws IOException {
    var heartbeat = new Heartbeat(settings.heartbeat(), System::nanoTime);
    var cursor = new LogCursor();
    Job job = found;
    CompletableFuture<Void> printed;
    do {
      printed = jobs.nextPrinted(job.id());
      job = jobs.withNewestStatus(job); // after the future, so that no line is missed
      if (job.status().state().isTerminal()) {
        boolean _ = Waits.until(new CompletableFuture<Void>(), LAST_LINES);
        logs.write(job.id());
        requireLog(job, logs.readOn(job.id(), cursor, writer));
        writer.end(job.status().state());
        return;
      }
      requireLog(job, logs.readOn(job.id(), cursor, writer));
      if (heartbeat.beats()) {
        // Only a write shows that a reader is gone. A space before a line disturbs few readers.
        out.write(' ');
      }
      out.flush();
    } while (jobs.awaitNews(job.id(), printed, heartbeat.left()));
  }

  private static void requireLog(Job job, boolean isThere) {
    if (!isThere) {
      throw Refusal.notFound("there is no job " + job.id());
    }
  }
}
