package dev.manyhands.api;

import dev.manyhands.job.Job;
import dev.manyhands.job.Refusal;
import dev.manyhands.metrics.OpenStreams;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
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
import org.springframework.web.bind.annotation.RestController;

/** Inputs as lines (NDJSON), of any number: the job runs while they are still coming. */
@RestController
@RequestMapping("/api/v1/jobs")
@Tag(name = "Jobs")
class InputsController {
  private final Jobs jobs;
  private final Uploads uploads;
  private final JobForms forms;
  private final JobViews views;
  private final OpenStreams streams;

  InputsController(
      Jobs jobs, Uploads uploads, JobForms forms, JobViews views, OpenStreams streams) {
    this.streams = streams;
    this.jobs = jobs;
    this.uploads = uploads;
    this.forms = forms;
    this.views = views;
  }

  @PostMapping(path = "", consumes = MediaType.APPLICATION_NDJSON_VALUE)
  @Operation(hidden = true) // described with the JSON form, on the same path
  ResponseEntity<byte[]> submitLines(
      HttpServletRequest request,
      @RequestHeader(name = "Prefer", required = false) @Nullable String prefer,
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
      @RequestParam(name = "wait", required = false) @Nullable Double wait)
      throws IOException {
    refuseKey(key);
    Duration patience = JobsController.patience(wait, prefer);
    try (var _ = streams.open(OpenStreams.Kind.UPLOADS)) {
      return answer(uploads.submit(request.getInputStream()), patience);
    }
  }

  @PostMapping(path = "", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
  @Operation(hidden = true) // described with the JSON form, on the same path
  ResponseEntity<byte[]> submitForm(
      HttpServletRequest request,
      @RequestHeader(name = "Prefer", required = false) @Nullable String prefer,
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
      @RequestParam(name = "wait", required = false) @Nullable Double wait)
      throws IOException {
    refuseKey(key);
    Duration patience = JobsController.patience(wait, prefer);
    try (var _ = streams.open(OpenStreams.Kind.UPLOADS)) {
      return answer(forms.submit(request), patience);
    }
  }

  private static void refuseKey(@Nullable String key) {
    if (key != null) {
      throw Refusal.invalid(
          "Idempotency-Key",
          "only goes with a job in one JSON body: lines run before the last is known");
    }
  }

  private ResponseEntity<byte[]> answer(Job submitted, Duration patience) throws IOException {
    Job job = jobs.await(submitted, patience);
    boolean ended = job.status().state().isTerminal() && !patience.isZero();
    return answer(job, ended ? HttpStatus.OK : HttpStatus.ACCEPTED);
  }

  private ResponseEntity<byte[]> answer(Job job, HttpStatus status) throws IOException {
    return ResponseEntity.status(status)
        .location(URI.create(JobView.JOBS + "/" + job.id()))
        .contentType(MediaType.APPLICATION_JSON)
        .body(views.afterwards(job));
  }

  @PostMapping(path = "/{id}/inputs", consumes = MediaType.APPLICATION_NDJSON_VALUE)
  @Operation(
      operationId = "appendInputs",
      summary = "Append inputs to an open job",
      description =
          "For jobs submitted with `\"inputs\": {\"open\": true}`: an item a line. If a line is refused, those before it are taken: `stored` of the problem says how many.",
      requestBody =
          @RequestBody(
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_NDJSON_VALUE,
                      schema = @Schema(type = "string"),
                      examples = @ExampleObject("[12, 18]\n[7, 13]\n"))),
      responses =
          @ApiResponse(
              responseCode = "202",
              content = @Content(examples = @ExampleObject(Examples.JOB))))
  ResponseEntity<byte[]> append(
      @PathVariable String id,
      HttpServletRequest request,
      @Parameter(
              description =
                  "Same key and lines: nothing is appended twice, also after a request that was cut. Same key, other lines: 422.")
          @RequestHeader(name = "Idempotency-Key", required = false)
          @Nullable String key)
      throws IOException {
    JobsController.checkKey(key);
    Job job = jobs.get(JobsController.id(id));
    try (var _ = streams.open(OpenStreams.Kind.UPLOADS)) {
      uploads.append(job, request.getInputStream(), key);
    }
    return answer(job, Duration.ZERO);
  }

  @PostMapping("/{id}/close")
  @Operation(
      operationId = "closeInputs",
      summary = "Say that no more inputs come",
      description =
          "For jobs submitted with `\"inputs\": {\"open\": true}`. Again, or when the job has ended: 200 and nothing changes.",
      responses = {
        @ApiResponse(
            responseCode = "202",
            content = @Content(examples = @ExampleObject(Examples.JOB))),
        @ApiResponse(
            responseCode = "200",
            content = @Content(examples = @ExampleObject(Examples.JOB)))
      })
  ResponseEntity<byte[]> close(@PathVariable String id) throws IOException {
    Job job = jobs.get(JobsController.id(id));
    boolean closed = uploads.close(job);
    Job now = jobs.latest(job.withStatus(job.status().withInputsClosed()));
    return answer(now, closed ? HttpStatus.ACCEPTED : HttpStatus.OK);
  }
}
