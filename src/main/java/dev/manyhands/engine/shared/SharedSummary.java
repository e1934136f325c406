package dev.manyhands.engine.shared;

import dev.manyhands.model.JobId;
import dev.manyhands.model.SharedKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A shared object at one moment, for people.
 *
 * @param value what a value is, as JSON; null for other kinds, and for a value that was lost
 * @param length how many entries the object has, or how many permits are free; null for a value and
 *     a lock
 * @param bytes about how much memory its entries take
 * @param waiting how many calls wait for the object
 * @param holder the item that holds its lock; null for none
 * @param changes how often its entries were changed since the set is in memory
 */
public record SharedSummary(
    String name,
    SharedKind kind,
    @Nullable String value,
    @Nullable Long length,
    long bytes,
    int waiting,
    @Nullable Holder holder,
    long changes) {

  /**
   * The item that holds a lock, as its worker has written.
   *
   * @param worker the number of the worker
   * @param item the index of the item in the job; -1 if it is unknown
   * @param since when the item got the lock
   * @param job the job that the worker serves; null if it is unknown
   */
  public record Holder(long worker, long item, Instant since, @Nullable JobId job) {
    Holder withJob(@Nullable JobId newJob) {
      return new Holder(worker, item, since, newJob);
    }
  }
}
