package dev.manyhands.http.event;

import dev.manyhands.http.JobPath;
import dev.manyhands.http.OpenStreams;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.model.Job;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Progress over HTTP, as Server-Sent Events. */
@RestController
@RequestMapping(JobPath.JOBS + "/{id}/events")
class EventsController {
  private final JobDesk jobs;
  private final JobEvents events;
  private final OpenStreams streams;

  EventsController(JobDesk jobs, JobEvents events, OpenStreams streams) {
    this.jobs = jobs;
    this.events = events;
    this.streams = streams;
  }

  @GetMapping(produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  void watch(
      @PathVariable String id,
      @RequestHeader(name = EventIds.HEADER, required = false) @Nullable String lastEventId,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    long last = EventIds.last(lastEventId);
    Job job = jobs.get(JobPath.id(id));
    EventAnswer.send(request, response, streams, out -> events.stream(job, last, out));
  }
}
