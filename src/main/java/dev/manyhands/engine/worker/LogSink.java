package dev.manyhands.engine.worker;

import dev.manyhands.model.JobId;

/**
 * Receives the output of user code, line by line. Called by the threads that read workers' pipes.
 * Each call holds up its worker, so that it must not wait for a disk.
 */
public interface LogSink {
  /** The item of output without an item, such as output while the function was being loaded. */
  long NO_ITEM = -1;

  void print(Line line);

  /** A sink that ignores all lines. */
  LogSink NONE = line -> {};

  /**
   * A line of output, or a note of the service about the worker. A very long line comes in pieces.
   *
   * @param job the job whose function printed the line
   * @param worker the number of the worker
   * @param item the item that was being run; {@link #NO_ITEM} if there was none
   * @param text the text without its line feed; may hold any other character
   */
  record Line(JobId job, long worker, long item, String text) {}
}
