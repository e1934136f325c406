package dev.manyhands.http.event;

import dev.manyhands.http.OpenStreams;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** Changes of all jobs over HTTP, as Server-Sent Events. */
@RestController
class ServiceEventsController {
  private final ServiceEvents events;
  private final OpenStreams streams;

  ServiceEventsController(ServiceEvents events, OpenStreams streams) {
    this.events = events;
    this.streams = streams;
  }

  @GetMapping(path = "/api/v1/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  void watch(
      @RequestHeader(name = EventIds.HEADER, required = false) @Nullable String lastEventId,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    EventPosition last = EventPosition.of(lastEventId);
    EventAnswer.send(request, response, streams, out -> events.stream(last, out));
  }
}
