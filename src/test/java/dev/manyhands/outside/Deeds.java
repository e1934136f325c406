package dev.manyhands.outside;

import java.util.TreeSet;

/**
 * Deeds from outside that decide what becomes of the items of a job, as far as the service has
 * answered it. Used by one thread at a time.
 */
final class Deeds {
  /** The items that will never run, by index. */
  final TreeSet<Long> cancelled = new TreeSet<>();

  /** The items that have an outcome. */
  final TreeSet<Long> done = new TreeSet<>();

  /** Requests to cancel items. */
  int cancels;

  /** The items that the job has got, where its user has left it before all were sent; else -1. */
  int sentUntilAbandoned = -1;
}
