package dev.manyhands.worker;

import dev.manyhands.job.JobId;

/** The process of a worker, for the {@link WorkerPool}. Safe for use by any thread. */
interface RunningWorker {

  long pid();

  /** The page that the process and the service share; closed once the worker is discarded. */
  ControlPage page();

  /** Whether the worker has nothing to do only because the store does not hand out its inputs. */
  boolean waitsForInputs();

  /**
   * Explains to the user why the worker may never have answered; empty for nothing to say.
   *
   * @param hasPrinted whether it wrote to stderr meanwhile, which the user gets to see
   */
  default String unanswered(boolean hasPrinted) {
    return "";
  }

  /** Writes a line of the service's own into the log of a job. */
  void note(JobId job, String text);

  /** Ends the process with all that it started. Does nothing if the process has ended. */
  void kill();

  /** Frees what the worker held; blocks. Only once the process has ended. */
  void discard();
}
