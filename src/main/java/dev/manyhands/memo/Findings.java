package dev.manyhands.memo;

import dev.manyhands.job.ItemRange;
import dev.manyhands.job.JobId;
import dev.manyhands.store.JobStore.OutcomeReport;
import java.util.concurrent.CompletableFuture;

/**
 * Takes what is found out about a job's items: of each that was asked about, once, either that it
 * is known or that it is to run. Called from any thread; must return at once.
 */
public interface Findings {

  /** These items need not run: this is what they come to. */
  void known(JobId job, long version, OutcomeReport report);

  /** Nothing is known of these: they are to run. */
  void release(JobId job, long version, ItemRange items);

  /** Completes when all that was told before is on disk: whoever tells much waits for it. */
  CompletableFuture<Void> stored();
}
