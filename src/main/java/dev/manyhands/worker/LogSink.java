package dev.manyhands.worker;

import dev.manyhands.job.JobId;

/**
 * Takes what user code printed, line by line. Called by the threads that read workers' pipes, each
 * of which holds up its worker for as long as the call takes: it must not wait for a disk.
 */
public interface LogSink {
  /** Where there is no item: the function was being loaded, say. */
  long NO_ITEM = -1;

  void print(Line line);

  /** For those who do not want to know. */
  LogSink NONE = line -> {};

  /**
   * A line, or a piece of one that was very long.
   *
   * @param job whose function printed it
   * @param worker the number of the worker
   * @param item the item that was being run; {@link #NO_ITEM} if there was none
   * @param text without its line feed; may hold any other character
   */
  record Line(JobId job, long worker, long item, String text) {}
}
