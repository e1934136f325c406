package dev.manyhands.telemetry;

import dev.manyhands.model.Trace;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** The trace in the headers of a client's request. */
final class ClientTrace {
  private static final String HEADER = "traceparent";

  private ClientTrace() {}

  /**
   * Returns the trace of the request that this thread serves; null if it serves none, or the client
   * sent no trace.
   */
  static @Nullable Trace ofThisRequest() {
    return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes current
        ? Trace.parse(current.getRequest().getHeader(HEADER)).orElse(null)
        : null;
  }
}
