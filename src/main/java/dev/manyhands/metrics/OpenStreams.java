package dev.manyhands.metrics;

import dev.manyhands.job.Refusal;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Counts the requests that stay open, and bounds them: {@code manyhands_streams}. Each holds memory
 * for as long as its client likes. A number that only grows tells of readers that are gone and were
 * not noticed. Safe for use by any thread.
 */
public final class OpenStreams {

  /** What stays open. */
  public enum Kind {
    /** How far a job is. */
    EVENTS,
    /** Results as lines. */
    RESULTS,
    /** An answer that waits for an end. */
    WAITS,
    /** Inputs as lines, or a form. */
    UPLOADS
  }

  /** A stream, until it is closed. */
  @FunctionalInterface
  public interface Open extends AutoCloseable {
    @Override
    void close();
  }

  private final int most;

  /**
   * A request that waits holds about 125 KB, most of it the web server's buffers; and half of the
   * heap is for all else.
   */
  private static final long HEAP_BYTES_EACH = 256 << 10;

  private static final int MOST_BY_ITSELF = 10_000;

  private final AtomicInteger all = new AtomicInteger();
  private final Map<Kind, AtomicInteger> counts;

  /**
   * @param most of all kinds together
   */
  public OpenStreams(MeterRegistry registry, int most) {
    this.most = most;
    counts =
        new EnumMap<>(
            Arrays.stream(Kind.values())
                .collect(Collectors.toMap(Function.identity(), _ -> new AtomicInteger())));
    counts.forEach((kind, count) ->
        Gauge.builder("manyhands.streams", count, AtomicInteger::get)
            .description("Requests that stay open")
            .tag("kind", kind.name().toLowerCase(Locale.ROOT))
            .register(registry));
  }

  /** How many there may be in a heap of this size when nobody says how many. */
  public static int fitting(long heapBytes) {
    return Math.clamp(heapBytes / HEAP_BYTES_EACH, 1, MOST_BY_ITSELF);
  }

  /**
   * Notes that a stream begins; to be closed when it has ended, however it did.
   *
   * @throws Refusal if there are as many as there may be
   */
  public Open open(Kind kind) {
    if (all.incrementAndGet() > most) {
      all.decrementAndGet();
      throw Refusal.unavailable(
          "there are "
              + most
              + " requests that stream or wait, the most this service holds"
              + " (manyhands.limits.streams); try again later");
    }
    AtomicInteger count = Objects.requireNonNull(counts.get(kind), "all kinds are counted");
    count.incrementAndGet();
    var open = new AtomicBoolean(true);
    return () -> {
      if (open.compareAndSet(true, false)) {
        count.decrementAndGet();
        all.decrementAndGet();
      }
    };
  }

  /** The same for an answer that waits so long; nothing is noted of one that does not wait. */
  public Open await(Duration patience) {
    return patience.isZero() ? () -> {} : open(Kind.WAITS);
  }

  /** How many there may be. */
  public int most() {
    return most;
  }
}
