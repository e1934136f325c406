package dev.manyhands.api;

import dev.manyhands.job.Job;
import dev.manyhands.job.Refusal;
import dev.manyhands.metrics.OpenStreams;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.StoreException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Progress over HTTP, as Server-Sent Events. */
@RestController
@RequestMapping("/api/v1/jobs/{id}/events")
@Tag(name = "Jobs")
class EventsController {
  private final Jobs jobs;
  private final JobEvents events;
  private final OpenStreams streams;

  EventsController(Jobs jobs, JobEvents events, OpenStreams streams) {
    this.jobs = jobs;
    this.events = events;
    this.streams = streams;
  }

  @GetMapping(produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  @Operation(
      operationId = "watchJob",
      summary = "Watch a job: progress, states and the end, as Server-Sent Events",
      description =
          """
          `state` at each change of state, `progress` when something has changed and at most four times a second, `end` with the job \
          as it ended; then the stream closes. It begins with the present state, and with `end` if the job has ended. Ids grow strictly, \
          also over reconnects that send `Last-Event-ID` and over restarts of the service. A reader that falls behind misses \
          reports of progress, never a state. A comment comes every `manyhands.streams.heartbeat` (15 s).\
          """,
      responses =
          @ApiResponse(
              responseCode = "200",
              content =
                  @Content(
                      mediaType = MediaType.TEXT_EVENT_STREAM_VALUE,
                      schema = @Schema(type = "string"),
                      examples = @ExampleObject(Examples.EVENTS))))
  void watch(
      @PathVariable String id,
      @Parameter(description = "`id` of the last event received; browsers send it themselves")
          @RequestHeader(name = EventIds.HEADER, required = false)
          @Nullable String lastEventId,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    long last = EventIds.last(lastEventId);
    Job job = jobs.get(JobsController.id(id));
    response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
    Streaming.headers(response);
    if (HttpMethod.HEAD.matches(request.getMethod())) {
      return;
    }
    var out = new BufferedOutputStream(response.getOutputStream());
    try (var _ = streams.open(OpenStreams.Kind.EVENTS)) {
      events.stream(job, last, out);
    } catch (StoreException | JobGoneException | Refusal e) {
      Streaming.brokeOff(response, e);
    }
  }
}
