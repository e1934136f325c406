package dev.manyhands.model;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place in a distributed trace, in the words of <a
 * href="https://www.w3.org/TR/trace-context/">W3C Trace Context</a>.
 *
 * @param traceId 32 hex digits
 * @param spanId 16 hex digits
 * @param sampled whether spans of this trace are kept
 * @param parentSpan the span above, 16 hex digits; null when the service makes no spans here, and
 *     {@code spanId} is the client's
 */
public record Trace(String traceId, String spanId, boolean sampled, @Nullable String parentSpan) {
  /**
   * Matches a header of version 00, or of a later version. A later version begins with these four
   * parts, and its other parts are ignored.
   */
  private static final Pattern TRACEPARENT =
      Pattern.compile(
          "(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.{0,200})?");

  /** Reads a client's {@code traceparent}; empty if it is invalid, which is to be ignored. */
  public static Optional<Trace> parse(@Nullable String traceparent) {
    if (traceparent == null) {
      return Optional.empty();
    }
    Matcher parts = TRACEPARENT.matcher(traceparent.strip());
    if (!parts.matches() || (parts.group(1).equals("00") && parts.group(5) != null)) {
      return Optional.empty();
    }
    boolean sampled = (Integer.parseInt(parts.group(4), 16) & 1) != 0;
    return Optional.of(new Trace(parts.group(2), parts.group(3), sampled, null));
  }

  /** Returns the value of the header {@code traceparent}. */
  public String traceparent() {
    return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
  }
}
