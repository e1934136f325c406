package dev.manyhands.logs;

import java.time.Instant;

/** What a job's log consists of, in order. */
public sealed interface LogEntry {

  /**
   * A line that was printed.
   *
   * @param at when the service read it
   * @param worker the number of the worker
   * @param item -1 if none was being run
   * @param text any characters but the line feed
   */
  record Line(Instant at, long worker, long item, String text) implements LogEntry {}

  /** So many lines were here and are not kept. */
  record Dropped(long lines) implements LogEntry {}
}
