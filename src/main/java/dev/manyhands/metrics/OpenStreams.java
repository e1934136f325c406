package dev.manyhands.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the answers that are being streamed: {@code manyhands_streams}. A number that only grows
 * tells of readers that are gone and were not noticed. Safe for use by any thread.
 */
public final class OpenStreams {

  /** What is streamed. */
  public enum Kind {
    /** How far a job is. */
    EVENTS,
    /** Results as lines. */
    RESULTS
  }

  /** A stream, until it is closed. */
  @FunctionalInterface
  public interface Open extends AutoCloseable {
    @Override
    void close();
  }

  private final Map<Kind, AtomicInteger> counts = new EnumMap<>(Kind.class);

  public OpenStreams(MeterRegistry registry) {
    for (Kind kind : Kind.values()) {
      var count = new AtomicInteger();
      counts.put(kind, count);
      Gauge.builder("manyhands.streams", count, AtomicInteger::get)
          .description("Answers that are being streamed")
          .tag("kind", kind.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
  }

  /** Notes that a stream begins; to be closed once, when it has ended, however it did. */
  public Open open(Kind kind) {
    AtomicInteger count = counts.computeIfAbsent(kind, _ -> new AtomicInteger());
    count.incrementAndGet();
    return count::decrementAndGet;
  }
}
