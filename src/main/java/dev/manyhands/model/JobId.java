package dev.manyhands.model;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Names a job. The value is a UUID of version 7 (RFC 9562), so ids sort by the time of submission.
 */
public record JobId(UUID value) implements Comparable<JobId> {
  private static final long MICROS_PER_MILLI = 1_000;
  private static final long FRACTIONS = 1 << 12;

  /**
   * Returns a new id for this moment. Ids of one millisecond sort by time, too: 12 bits have the
   * fraction of the millisecond (RFC 9562, section 6.2, method 3). The 62 random bits make an id
   * unique.
   */
  public static JobId next(Clock clock, RandomGenerator random) {
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    long fraction = (micros % MICROS_PER_MILLI) * FRACTIONS / MICROS_PER_MILLI;
    long high = ((micros / MICROS_PER_MILLI) << 16) | 0x7000L | fraction;
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
