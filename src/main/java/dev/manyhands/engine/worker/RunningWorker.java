package dev.manyhands.engine.worker;

import dev.manyhands.model.JobId;

/** The process of a worker, for the {@code WorkerPool}. Safe for use by any thread. */
public interface RunningWorker {

  long pid();

  /**
   * Returns the page that the process and the service share; closed once the worker is discarded.
   */
  ControlPage page();

  /** Returns whether the worker is idle only because the store does not provide its inputs. */
  boolean waitsForInputs();

  /**
   * Explains to the user why the worker may never have answered; empty if there is no explanation.
   *
   * @param hasPrinted whether the worker wrote to stderr, which the user gets to see
   */
  default String unanswered(boolean hasPrinted) {
    return "";
  }

  /** Writes a line of the service into the log of a job. */
  void note(JobId job, String text);

  /**
   * Asks the process to print where each of its threads is, and to end then. Returns false if this
   * kind of worker cannot do so.
   */
  default boolean printStacks() {
    return false;
  }

  /**
   * Ends the waits of items for shared objects: these chunks and the earlier ones are to stop, as
   * the control page says already.
   */
  default void stopWaits(long throughChunk) {}

  /** Ends the process with all that it started. Does nothing if the process has ended. */
  void kill();

  /** Frees the resources of the worker; blocks. To be called only once the process has ended. */
  void discard();
}
