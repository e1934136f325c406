package dev.manyhands.http.job;

import dev.manyhands.engine.logs.JobLogs;
import dev.manyhands.http.Accepted;
import dev.manyhands.http.JobPath;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.model.Job;
import dev.manyhands.model.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
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

  private final JobDesk jobs;
  private final JobLogs logs;

  LogsController(JobDesk jobs, JobLogs logs) {
    this.jobs = jobs;
    this.logs = logs;
  }

  @GetMapping(
      path = "/log",
      produces = {MediaType.TEXT_PLAIN_VALUE, MediaType.APPLICATION_NDJSON_VALUE})
  void ofJob(
      @PathVariable String id,
      @RequestParam(required = false) @Nullable Long item,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Job job = jobs.get(JobPath.id(id));
    if (item != null) {
      ItemReader.check(job, item);
    }
    write(job, item, request, response);
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
    write(job, index, request, response);
  }

  private void write(
      Job job, @Nullable Long item, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    boolean asJson =
        Accepted.prefers(
            request.getHeader("Accept"), MediaType.APPLICATION_NDJSON, MediaType.TEXT_PLAIN);
    response.setContentType(asJson ? MediaType.APPLICATION_NDJSON_VALUE : TEXT);
    // A browser must not show users' text as a page.
    response.setHeader("X-Content-Type-Options", "nosniff");
    var out = new BufferedOutputStream(response.getOutputStream(), 64 << 10);
    if (!logs.read(job.id(), new LogWriter(out, asJson, item))) {
      throw Refusal.notFound("there is no job " + job.id());
    }
    out.flush();
  }
}
