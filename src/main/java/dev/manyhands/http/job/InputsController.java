package dev.manyhands.http.job;

import dev.manyhands.http.Answers;
import dev.manyhands.http.EarlyLocation;
import dev.manyhands.http.JobPath;
import dev.manyhands.http.OpenStreams;
import dev.manyhands.http.Patience;
import dev.manyhands.intake.RequestKey;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.jobs.Uploads;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Accepts inputs as lines (NDJSON), behind a new job or for an open job. Accepts a new job as a
 * form, too. The job runs while its inputs still arrive.
 */
@RestController
@RequestMapping(JobPath.JOBS)
class InputsController {
  private final JobDesk jobs;
  private final Uploads uploads;
  private final JobForms forms;
  private final JobViews views;
  private final OpenStreams streams;

  InputsController(
      JobDesk jobs, Uploads uploads, JobForms forms, JobViews views, OpenStreams streams) {
    this.streams = streams;
    this.jobs = jobs;
    this.uploads = uploads;
    this.forms = forms;
    this.views = views;
  }

  @PostMapping(path = "", consumes = MediaType.APPLICATION_NDJSON_VALUE)
  ResponseEntity<byte[]> submitLines(
      HttpServletRequest request,
      HttpServletResponse response,
      @RequestHeader(name = "Prefer", required = false) @Nullable String prefer,
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
      @RequestParam(name = "wait", required = false) @Nullable Double wait)
      throws IOException {
    refuseKey(key);
    Duration patience = Patience.of(wait, prefer);
    try (var _ = streams.open(OpenStreams.Kind.UPLOADS)) {
      var early = new EarlyLocation(request, response, prefer);
      return answer(uploads.submit(request.getInputStream(), early::send), patience, prefer, early);
    }
  }

  @PostMapping(path = "", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
  ResponseEntity<byte[]> submitForm(
      HttpServletRequest request,
      HttpServletResponse response,
      @RequestHeader(name = "Prefer", required = false) @Nullable String prefer,
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
      @RequestParam(name = "wait", required = false) @Nullable Double wait)
      throws IOException {
    refuseKey(key);
    Duration patience = Patience.of(wait, prefer);
    try (var _ = streams.open(OpenStreams.Kind.UPLOADS)) {
      var early = new EarlyLocation(request, response, prefer);
      return answer(forms.submit(request, early::send), patience, prefer, early);
    }
  }

  private static void refuseKey(@Nullable String key) {
    if (key != null) {
      throw Refusal.invalid(
          "Idempotency-Key",
          "only goes with a job in one JSON body: lines run before the last is known");
    }
  }

  private ResponseEntity<byte[]> answer(
      Job submitted, Duration patience, @Nullable String prefer, EarlyLocation early)
      throws IOException {
    Job job = jobs.await(submitted, patience);
    return early.applied(Answers.submitted(job, patience, prefer)).body(views.afterwards(job));
  }

  @PostMapping(path = "/{id}/inputs", consumes = MediaType.APPLICATION_NDJSON_VALUE)
  ResponseEntity<byte[]> append(
      @PathVariable String id,
      @RequestParam(required = false) @Nullable Long first,
      HttpServletRequest request,
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key)
      throws IOException {
    RequestKey.check(key);
    if (first != null && first < 0) {
      throw Refusal.malformed("first", "must not be negative");
    }
    Job job = jobs.get(JobPath.id(id));
    boolean appended;
    try (var _ = streams.open(OpenStreams.Kind.UPLOADS)) {
      appended = uploads.append(job, request.getInputStream(), key, first);
    }
    Job now = jobs.getOr(job);
    return Answers.placed(now, appended || first == null ? HttpStatus.ACCEPTED : HttpStatus.OK)
        .body(views.afterwards(now));
  }

  /**
   * Shows that somebody still waits for an open job; {@link LeaseUse} notes the request. A client
   * that keeps a job alive learns here that the job has ended.
   */
  @PostMapping("/{id}/ping")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void ping(@PathVariable String id) {
    Job job = jobs.get(JobPath.id(id));
    JobStatus status = job.status();
    if (status.state().isTerminal()) {
      String why = status.stopReason() == null ? "" : " (" + status.stopReason() + ")";
      throw Refusal.conflict(
          "job " + job.id() + " has ended as " + status.state() + why + ": nothing keeps it open");
    }
  }

  @PostMapping("/{id}/close")
  ResponseEntity<byte[]> close(@PathVariable String id) throws IOException {
    Job job = jobs.get(JobPath.id(id));
    boolean closed = uploads.close(job);
    Job now = jobs.getOr(job.withStatus(job.status().withInputsClosed()));
    return Answers.placed(now, closed ? HttpStatus.ACCEPTED : HttpStatus.OK)
        .body(views.afterwards(now));
  }
}
