package dev.manyhands.http.job;

import dev.manyhands.engine.logs.JobLogs;
import dev.manyhands.http.Answers;
import dev.manyhands.http.EarlyLocation;
import dev.manyhands.http.JobPath;
import dev.manyhands.http.OpenStreams;
import dev.manyhands.http.Patience;
import dev.manyhands.intake.JobChange;
import dev.manyhands.intake.RequestKey;
import dev.manyhands.intake.StrictJson;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.jobs.Retries;
import dev.manyhands.jobs.Submissions;
import dev.manyhands.model.Job;
import dev.manyhands.model.Refusal;
import dev.manyhands.support.Sha256;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Jobs over HTTP. */
@RestController
@RequestMapping(JobPath.JOBS)
class JobsController {
  private static final int MAX_CHANGE_BYTES = 64 << 10;

  private final JobDesk jobs;
  private final Submissions submissions;
  private final JobViews views;
  private final StrictJson strict;
  private final Retries retries;
  private final JobLogs logs;
  private final OpenStreams streams;

  JobsController(
      JobDesk jobs,
      Submissions submissions,
      JobViews views,
      StrictJson strict,
      Retries retries,
      JobLogs logs,
      OpenStreams streams) {
    this.streams = streams;
    this.strict = strict;
    this.retries = retries;
    this.jobs = jobs;
    this.submissions = submissions;
    this.views = views;
    this.logs = logs;
  }

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<byte[]> submit(
      HttpServletRequest request,
      HttpServletResponse response,
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
      @RequestHeader(name = "Prefer", required = false) @Nullable String prefer,
      @RequestParam(name = "wait", required = false) @Nullable Double wait)
      throws IOException {
    RequestKey.check(key);
    Duration patience = Patience.of(wait, prefer);
    var early = new EarlyLocation(request, response, prefer);
    Job job;
    // The wait is registered before the job is accepted: a refused wait then leaves nothing to
    // undo.
    try (var _ = streams.await(patience)) {
      var stored = submissions.submit(request.getInputStream(), key);
      early.send(stored.job());
      job = patience.isZero() ? stored.job() : jobs.await(stored, patience);
    }
    return early.applied(Answers.submitted(job, patience, prefer)).body(views.afterwards(job));
  }

  @GetMapping("/{id}")
  ResponseEntity<byte[]> get(
      @PathVariable String id,
      @RequestParam(required = false) @Nullable Double wait,
      @RequestHeader(name = "Prefer", required = false) @Nullable String prefer,
      @RequestHeader(name = "If-None-Match", required = false) @Nullable String ifNoneMatch)
      throws IOException {
    Duration patience = Patience.of(wait, prefer);
    Job job;
    try (var _ = streams.await(patience)) {
      job = jobs.await(JobPath.id(id), patience);
    }
    byte[] body = views.of(job);
    String tag = "\"" + digest(body) + "\"";
    if (ifNoneMatch != null && ifNoneMatch.contains(tag)) {
      return ResponseEntity.status(HttpStatus.NOT_MODIFIED).eTag(tag).build();
    }
    return ResponseEntity.ok().eTag(tag).contentType(MediaType.APPLICATION_JSON).body(body);
  }

  @PatchMapping(
      path = "/{id}",
      consumes = {MediaType.APPLICATION_JSON_VALUE, "application/merge-patch+json"})
  ResponseEntity<byte[]> change(@PathVariable String id, HttpServletRequest request)
      throws IOException {
    byte[] body = small(request);
    Job job = jobs.change(JobPath.id(id), strict.read(body, JobChange.class, ""));
    return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(views.afterwards(job));
  }

  @PostMapping("/{id}/cancel")
  ResponseEntity<byte[]> cancel(@PathVariable String id) throws IOException {
    Job job = jobs.get(JobPath.id(id));
    boolean didEnd = jobs.cancel(job.id());
    return ResponseEntity.status(didEnd ? HttpStatus.ACCEPTED : HttpStatus.OK)
        .contentType(MediaType.APPLICATION_JSON)
        .body(views.afterwards(jobs.withLiveStatus(job)));
  }

  @PostMapping("/{id}/retry")
  ResponseEntity<byte[]> retry(@PathVariable String id, HttpServletRequest request)
      throws IOException {
    refuseKey(request, "look for a retry with GET /api/v1/jobs?parent=<id> before you repeat it");
    Job job = retries.retry(JobPath.id(id), request.getInputStream());
    return Answers.placed(job, HttpStatus.ACCEPTED).body(views.afterwards(job));
  }

  /**
   * Refuses the header {@code Idempotency-Key} on a request whose key is not stored, so that no
   * client relies on it.
   */
  static void refuseKey(HttpServletRequest request, String remedy) {
    String name = "Idempotency-Key";
    if (request.getHeader(name) != null) {
      throw Refusal.malformed(name, "is not a header of this request: " + remedy);
    }
  }

  /** Reads a whole body. A body of more than {@link #MAX_CHANGE_BYTES} is refused. */
  static byte[] small(HttpServletRequest request) throws IOException {
    byte[] body = request.getInputStream().readNBytes(MAX_CHANGE_BYTES + 1);
    if (body.length > MAX_CHANGE_BYTES) {
      throw Refusal.tooLarge("", "this body may have at most " + MAX_CHANGE_BYTES + " bytes");
    }
    return body;
  }

  @DeleteMapping("/{id}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(@PathVariable String id) {
    jobs.delete(JobPath.id(id));
    logs.forget(JobPath.id(id));
  }

  private static String digest(byte[] body) {
    return HexFormat.of().formatHex(Sha256.digest().digest(body), 0, 16);
  }
}
