package dev.manyhands.http;

import dev.manyhands.model.Refusal;
import dev.manyhands.support.Word;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Counts the requests that stay open, and refuses more than a limit. Each request holds memory for
 * as long as its client likes. The metric {@code manyhands.streams} has the counts: a count that
 * only grows shows that readers are gone and were not noticed. Safe for use by any thread.
 */
public final class OpenStreams {

  /** The kind of a request that stays open. */
  public enum Kind {
    /** Progress of a job, or changes of all jobs. */
    EVENTS,
    /** Results as lines, and jobs that are read back as requests. */
    RESULTS,
    /** Logs that are followed. */
    LOGS,
    /** An answer that waits for the end of a job or comparison. */
    WAITS,
    /** Inputs as lines, or a job as a form. */
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
   * Heap for each request, which gives the default limit. A request that waits holds about 125 KB,
   * mostly buffers of the web server, and half of the heap is for everything else.
   */
  private static final long HEAP_BYTES_EACH = 256 << 10;

  private static final int MOST_BY_ITSELF = 10_000;

  private final AtomicInteger all = new AtomicInteger();
  private final Map<Kind, AtomicInteger> counts;

  /**
   * @param most the limit for requests of all kinds together
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
            .tag("kind", Word.of(kind))
            .register(registry));
  }

  /** Returns the default limit for a heap of this size. */
  public static int fitting(long heapBytes) {
    return Math.clamp(heapBytes / HEAP_BYTES_EACH, 1, MOST_BY_ITSELF);
  }

  /**
   * Counts a stream that begins. The caller closes it at its end, also after a failure.
   *
   * @throws Refusal if the limit is reached
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

  /**
   * Counts an answer that waits for at most this time. An answer that does not wait is not counted.
   */
  public Open await(Duration patience) {
    return patience.isZero() ? () -> {} : open(Kind.WAITS);
  }

  /** Returns the limit. */
  public int most() {
    return most;
  }
}
