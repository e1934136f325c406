package dev.manyhands.engine.logs;

import java.time.Instant;

/** An entry of a job's log. */
public sealed interface LogEntry {

  /**
   * A line that was printed.
   *
   * @param at when the service read it
   * @param worker the number of the worker
   * @param item the item that was being run; -1 if none
   * @param text any characters except the line feed
   */
  record Line(Instant at, long worker, long item, String text) implements LogEntry {}

  /** A gap: this many lines were dropped here. */
  record Dropped(long lines) implements LogEntry {}
}
