package dev.manyhands.model;

import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Names a job. The value is a UUID of version 7 (RFC 9562), so ids sort by the time of submission.
 */
public record JobId(UUID value) implements Comparable<JobId> {

  /** Returns a new id for this moment. Its 74 random bits make it unique. */
  public static JobId next(Clock clock, RandomGenerator random) {
    long millis = clock.millis();
    long high = (millis << 16) | 0x7000L | (random.nextLong() & 0x0FFFL);
    long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new JobId(new UUID(high, low));
  }

  /** Returns the id that the text encodes; empty if it encodes none. */
  public static Optional<JobId> parse(String text) {
    try {
      var uuid = UUID.fromString(text);
      // UUID.fromString is lenient ("1-1-1-1-1"), but only the canonical spelling names a job.
      return uuid.toString().equals(text) ? Optional.of(new JobId(uuid)) : Optional.empty();
    } catch (IllegalArgumentException notAnId) {
      return Optional.empty();
    }
  }

  @Override
  public int compareTo(JobId other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
