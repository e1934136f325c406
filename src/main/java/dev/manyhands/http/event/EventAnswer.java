package dev.manyhands.http.event;

import dev.manyhands.http.OpenStreams;
import dev.manyhands.http.Streaming;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.StoreException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;

/** Answers a request by a stream of Server-Sent Events. */
final class EventAnswer {
  private EventAnswer() {}

  /** Writes events until the stream is over. */
  @FunctionalInterface
  interface Events {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Sends the events, or only the head for a request that wants no more.
   *
   * @throws Refusal if too many streams are open
   * @throws IOException when the reader is gone
   */
  static void send(
      HttpServletRequest request, HttpServletResponse response, OpenStreams streams, Events events)
      throws IOException {
    response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
    Streaming.headers(response);
    if (HttpMethod.HEAD.matches(request.getMethod())) {
      return;
    }
    var out = new BufferedOutputStream(response.getOutputStream());
    try (var _ = streams.open(OpenStreams.Kind.EVENTS)) {
      events.writeTo(out);
    } catch (StoreException | JobGoneException | Refusal e) {
      Streaming.brokeOff(response, e);
    }
  }
}
