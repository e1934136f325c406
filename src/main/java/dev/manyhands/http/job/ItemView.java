package dev.manyhands.http.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.manyhands.model.ItemError;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One item as clients see it. The fields about the run of an item, {@code seconds} to {@code
 * startedAt}, are null in two cases: the item has no outcome, or its value was remembered. A
 * running item has its {@code worker} and {@code pid} all the same. {@code peakRss} is null also if
 * it was not measured.
 *
 * @param parentIndex of the item of the parent that an item of a retry tries again; null elsewhere
 */
record ItemView(
    long index,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long parentIndex,
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
    /** No worker has begun the item, as far as the service knows. */
    PENDING,
    /** A worker reports that it runs the item. */
    RUNNING,
    SUCCEEDED,
    FAILED,
    /** The job ended, or the item was cancelled, before the item had an outcome. */
    SKIPPED
  }

  /**
   * @param items the items that were reported together, this one included: the first index, and the
   *     index after the last
   */
  record Chunk(List<Long> items) {}

  /**
   * @param script null if the function has no scripts
   */
  record Links(String self, String log, @Nullable String script, String job) {}
}
