package dev.manyhands.http.event;

import dev.manyhands.model.Refusal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Numbers the events of one stream. A number is the microseconds since the submission of the job,
 * or one more than the number before, whichever is greater.
 *
 * <p>The numbers grow strictly within a stream. They also grow over reconnects, because the client
 * sends the last number that it has. Neither a restart of the service nor a clock that is set back
 * changes this. The time is part of the number so that separate streams grow as well, before and
 * after a restart. A count of finished items would not be enough. After a crash, a job may have
 * fewer finished items than a client has seen. A client that returns to an unchanged job still
 * needs the present state under a new number.
 *
 * <p>Owned by the stream's thread.
 */
final class EventIds {
  static final String HEADER = "Last-Event-ID";

  /** Matches every number of this class, and none so large that the next number would overflow. */
  private static final Pattern ID = Pattern.compile("[0-9]{1,18}");

  private final Instant submittedAt;
  private final Clock clock;
  private long last;

  /**
   * @param last the last number that the client has; 0 for none
   */
  EventIds(long last, Instant submittedAt, Clock clock) {
    this.last = last;
    this.submittedAt = submittedAt;
    this.clock = clock;
  }

  /**
   * Returns the last number that a client has; 0 for none.
   *
   * @param header the value that the client sent; null for none
   * @throws Refusal if the value is not the id of an event
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
