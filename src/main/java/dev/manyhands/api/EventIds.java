package dev.manyhands.api;

import dev.manyhands.job.Refusal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Numbers the events of one stream: microseconds since the job was submitted, or one more than the
 * number before, whichever is more.
 *
 * <p>So they grow strictly within a stream, and over reconnects, because the number before is then
 * the one that the client gives; neither a restart of the service nor a clock that is set back
 * changes that. The time is in it so that streams which know nothing of each other, before and
 * after a restart as well, go on upwards too. A tally would not do for it: after a crash a job may
 * be less far than it was seen to be, and a client that comes again to an unchanged job is owed its
 * present state under a new number.
 *
 * <p>Owned by the stream's thread.
 */
final class EventIds {
  static final String HEADER = "Last-Event-ID";

  /** Every number of ours, and none so large that counting on from it would overflow. */
  private static final Pattern ID = Pattern.compile("[0-9]{1,18}");

  private final Instant submittedAt;
  private final Clock clock;
  private long last;

  /**
   * @param last the number before the first
   */
  EventIds(long last, Instant submittedAt, Clock clock) {
    this.last = last;
    this.submittedAt = submittedAt;
    this.clock = clock;
  }

  /**
   * The last number that a client has.
   *
   * @param header what it says of it; null for nothing
   */
  static long last(@Nullable String header) {
    if (header == null || header.isBlank()) {
      return 0;
    }
    if (!ID.matcher(header.strip()).matches()) {
      throw Refusal.malformed(
          HEADER,
          "is not the id of an event of this service; send the last one, or no such header");
    }
    return Long.parseLong(header.strip());
  }

  long next() {
    long micros = Duration.between(submittedAt, clock.instant()).toNanos() / 1_000;
    last = Math.max(last + 1, micros);
    return last;
  }
}
