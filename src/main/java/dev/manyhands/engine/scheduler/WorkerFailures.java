package dev.manyhands.engine.scheduler;

import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.engine.worker.StartFault;
import dev.manyhands.model.JobError;
import org.jspecify.annotations.Nullable;

/**
 * Counts the failures of one job's workers that no item is charged for, and decides when there are
 * too many. Owned by the scheduler thread.
 */
final class WorkerFailures {
  /**
   * Limit for passing failures in a row to load the function. At the limit the job fails. If {@code
   * retry.crash} is larger, it is the limit.
   */
  private static final int MOST_START_FAILURES = 3;

  /**
   * Faults of the service in a row for which no item is charged. More faults are taken to have
   * their reason in the job, such as results that need too much memory.
   */
  private static final int MOST_FAULTS = 3;

  /** Workers in a row that died or did not start before the function was loaded. */
  private int startFailures;

  private @Nullable JobError loadError;

  /** Faults of the service that cost the job a worker, since a worker last reported. */
  private int faults;

  /**
   * Notes that a worker has answered. The function can thus be loaded, and the service can handle
   * the job.
   */
  void noteAnswer() {
    startFailures = 0;
    faults = 0;
  }

  /**
   * Notes that a worker could not load the function, which may end the job.
   *
   * @param attempts {@code retry.crash} of the job
   */
  void noteNotLoaded(StartFault fault, JobError error, int attempts) {
    if (!mayLoadAgain(fault, attempts)) {
      loadError = error;
    }
  }

  private boolean mayLoadAgain(StartFault fault, int attempts) {
    return switch (fault) {
      case FUNCTION -> false;
      case PASSING -> ++startFailures < Math.max(MOST_START_FAILURES, attempts);
      case OUTAGE -> true;
    };
  }

  /** Notes the end of a worker; returns whether an item of the job is charged for it. */
  boolean isToBlameFor(SlotEvent.Cause cause) {
    return switch (cause) {
      case STOPPED -> false;
      case FAULT -> ++faults > MOST_FAULTS;
      case CRASH, OOM, TIMEOUT -> true;
    };
  }

  /** Returns the reason why the function cannot be loaded; null as long as a worker may try. */
  @Nullable JobError loadError() {
    return loadError;
  }
}
