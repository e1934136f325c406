package dev.manyhands.api;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.manyhands.job.ItemError;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One item as clients see it. What belongs to the run of an item is null for one that has not
 * finished, also when its job has ended, and for one whose value was remembered.
 */
@Schema(name = "Item")
record ItemView(
    long index,
    State state,
    @JsonRawValue @Schema(type = "object", description = "As it was posted; any JSON value")
        String input,
    @JsonRawValue @Schema(type = "object", description = "What the function returned")
        @Nullable String value,
    @Nullable ItemError error,
    @Schema(
            description =
                "0 as long as it has not finished, also if a worker was at it when the job ended")
        int attempts,
    @Schema(description = "The value was remembered: nothing was run for it") boolean cached,
    @Schema(
            description =
                "Inside the function: the mean of the items that were reported together; of an item that its worker was killed for, until then")
        @Nullable Double seconds,
    @Nullable Long worker,
    @Nullable Long pid,
    @Schema(
            description =
                "Bytes: the most that the worker held while it ran the items of that report; null if nobody looked")
        @Nullable Long peakRss,
    @Nullable Chunk chunk,
    @Schema(description = "When the service handed over the chunk") @Nullable Instant startedAt,
    @Schema(description = "When the service had the report") @Nullable Instant finishedAt,
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
