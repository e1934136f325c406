package dev.manyhands.engine.scheduler;

import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.model.JobError;

/** Errors of jobs that end because of a failure other than that of an item. */
final class SchedulerErrors {
  static final JobError INTERNAL_ERROR =
      new JobError(
          "INTERNAL_ERROR",
          "the service failed in a decision about this job, which was ended lest its results be"
              + " wrong; the log of the service says why. Finished items keep their results: submit"
              + " the job again, or retry what is unfinished",
          null);

  static final String NOT_STORED_REASON = "notStored";

  static final JobError NOT_STORED =
      new JobError(
          "NOT_STORED",
          "the store refused some of the outcomes, which are missing; the log of the service says"
              + " why",
          null);

  private SchedulerErrors() {}

  static JobError excess(WorkerEvent.Excess event) {
    return new JobError(
        "EXCESS_LINE",
        event.detail()
            + ". It must write one line for each item: which answers before are those of other items"
            + " cannot be known, so no result of this job is to be trusted. A line before the first"
            + " answer, such as a greeting, shifts all others. Write all else to stderr,"
            + " or let the command name its items (\"indexed\": true)",
        null);
  }
}
