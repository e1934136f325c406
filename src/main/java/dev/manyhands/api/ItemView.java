package dev.manyhands.api;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.manyhands.job.ItemError;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One item as clients see it. What belongs to the run of an item is null for one that has not
 * finished, also when its job has ended, and for one whose value was remembered.
 */
record ItemView(
    long index,
    State state,
    @JsonRawValue String input,
    @JsonRawValue @Nullable String value,
    @Nullable ItemError error,
    int attempts,
    boolean cached,
    @Nullable Double seconds,
    @Nullable Long worker,
    @Nullable Long pid,
    @Nullable Long peakRss,
    @Nullable Chunk chunk,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    Links links) {

  /** Where an item is in its life. */
  enum State {
    /** Nobody has begun it, as far as the service knows. */
    PENDING,
    /** A worker says that it is at it. */
    RUNNING,
    SUCCEEDED,
    FAILED,
    /** The job ended, or was cancelled, before it had an outcome. */
    SKIPPED
  }

  /**
   * @param items that were reported together with this one: the first index, and the one after the
   *     last
   */
  record Chunk(List<Long> items) {}

  record Links(String self, String log, String job) {}
}
