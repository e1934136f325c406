package dev.manyhands.store;

import dev.manyhands.model.comparison.Comparison;
import dev.manyhands.model.comparison.ComparisonId;
import dev.manyhands.model.comparison.ComparisonState;
import dev.manyhands.model.comparison.Run;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Comparisons, and how far each is. Writes and reads behave as in {@link JobStore}. Safe for use by
 * any thread.
 */
public interface ComparisonStore {

  /**
   * Stores a comparison.
   *
   * @param job the fields that its jobs have in common, as a JSON object
   */
  CompletableFuture<Void> submit(Comparison comparison, byte[] job);

  /**
   * Records that a run has begun, or how it ended.
   *
   * @return false, and nothing is recorded, when the comparison has ended or is gone
   */
  CompletableFuture<Boolean> record(ComparisonId id, Run run);

  /**
   * Ends a comparison.
   *
   * @param state terminal
   * @param problem why the comparison could not go on; null when it could
   * @return false when it had ended before, or is gone
   */
  CompletableFuture<Boolean> finish(
      ComparisonId id, ComparisonState state, Instant at, @Nullable String problem);

  /** Deletes a comparison that has ended; false when there is no such ended comparison. */
  CompletableFuture<Boolean> delete(ComparisonId id);

  Optional<Comparison> find(ComparisonId id);

  /** Returns the fields that the jobs of a comparison have in common, as they were submitted. */
  Optional<byte[]> job(ComparisonId id);

  /**
   * Returns comparisons, newest first.
   *
   * @param before only comparisons older than this one (a cursor); null for the newest
   */
  List<Comparison> list(@Nullable ComparisonId before, int limit);

  /** Returns the comparisons that have not ended, oldest first. */
  List<ComparisonId> unfinished();
}
