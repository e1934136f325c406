package dev.manyhands.engine.memo;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobId;
import dev.manyhands.model.OutcomeReport;
import java.util.concurrent.CompletableFuture;

/**
 * Receives the result of a lookup. For each item that was asked about, exactly one call reports
 * that its value is known or that it must run. Called from any thread; must return at once.
 */
public interface MemoAnswers {

  /** Reports items that need not run, with their outcomes. */
  void known(JobId job, long version, OutcomeReport report);

  /** Reports items that are not known and must run. */
  void release(JobId job, long version, ItemRange items);

  /**
   * Returns a future that completes when all outcomes reported so far are on disk. A lookup that
   * reports much waits for it.
   */
  CompletableFuture<Void> stored();
}
