package dev.manyhands.model.comparison;

import dev.manyhands.model.JobId;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Names a comparison. Like the ids of jobs, ids sort by the time of submission. */
public record ComparisonId(UUID value) {

  public static ComparisonId next(Clock clock, RandomGenerator random) {
    return new ComparisonId(JobId.next(clock, random).value());
  }

  /** Returns the id that the text encodes; empty if it encodes none. */
  public static Optional<ComparisonId> parse(String text) {
    return JobId.parse(text).map(id -> new ComparisonId(id.value()));
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
