package dev.manyhands.telemetry;

import io.opentelemetry.sdk.trace.IdGenerator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Generates random ids, except for a span whose id was published before the span was made. */
final class GivenIds implements IdGenerator {
  private final IdGenerator random = IdGenerator.random();
  private final ThreadLocal<@Nullable String> next = new ThreadLocal<>();

  /** Calls the supplier. The span that it makes gets the given id. */
  <T> T withNext(String spanId, Supplier<T> make) {
    next.set(spanId);
    try {
      return make.get();
    } finally {
      next.remove();
    }
  }

  @Override
  public String generateSpanId() {
    String given = next.get();
    return given == null ? random.generateSpanId() : given;
  }

  @Override
  public String generateTraceId() {
    return random.generateTraceId();
  }
}
