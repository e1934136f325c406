package dev.manyhands.http.event;

import dev.manyhands.http.OpenStreams;
import dev.manyhands.jobs.NamedSets;
import dev.manyhands.model.NamedSet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** Changes of a set of shared objects over HTTP, as Server-Sent Events. */
@RestController
class SharedSetEventsController {
  private final NamedSets sets;
  private final SharedSetEvents events;
  private final OpenStreams streams;

  SharedSetEventsController(NamedSets sets, SharedSetEvents events, OpenStreams streams) {
    this.sets = sets;
    this.events = events;
    this.streams = streams;
  }

  @GetMapping(path = "/api/v1/shared/{name}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  void watch(
      @PathVariable String name,
      @RequestHeader(name = EventIds.HEADER, required = false) @Nullable String lastEventId,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    long last = EventIds.last(lastEventId);
    NamedSet set = sets.use(name);
    EventAnswer.send(request, response, streams, out -> events.stream(set, last, out));
  }
}
