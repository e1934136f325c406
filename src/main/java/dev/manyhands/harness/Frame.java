package dev.manyhands.harness;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A frame from the service.
 *
 * @param bodyStart the index in the payload at which the body begins; the payload's length if there
 *     is no body
 */
record Frame(Map<?, ?> header, byte[] payload, int bodyStart) {

  /** Splits a payload at the line feed that ends the header. */
  static Frame of(byte[] payload) {
    int end = 0;
    while (end < payload.length && payload[end] != '\n') {
      end++;
    }
    byte[] header = end == payload.length ? payload : Arrays.copyOf(payload, end);
    if (JsonReader.read(header, 0) instanceof Map<?, ?> members) {
      return new Frame(members, payload, Math.min(end + 1, payload.length));
    }
    throw new JsonException("a header that is not an object", 0);
  }

  boolean hasBody() {
    return bodyStart < payload.length;
  }

  @Nullable String text(String member) {
    return header.get(member) instanceof String text ? text : null;
  }

  @Nullable Number number(String member) {
    return header.get(member) instanceof Number number ? number : null;
  }

  boolean truth(String member) {
    return Boolean.TRUE.equals(header.get(member));
  }

  long need(String member) {
    Number number = number(member);
    if (number == null) {
      throw new IllegalStateException("a frame from the service lacks '" + member + "'");
    }
    return number.longValue();
  }
}
