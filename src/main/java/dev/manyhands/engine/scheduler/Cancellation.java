package dev.manyhands.engine.scheduler;

import java.util.List;

/**
 * The answer to a request to cancel items.
 *
 * @param fates the states of the items of the request, in its order; empty unless the result is
 *     {@code STORED}
 */
public record Cancellation(Result result, List<ItemFate> fates) {

  /** How a request ended. */
  public enum Result {
    /** The fates are known, and the cancelled items are stored. */
    STORED,
    /** The scheduler does not have the job, or no longer. Some of the items may be cancelled. */
    NOT_HERE,
    /** The job has too many separate ranges of cancelled items; nothing was cancelled. */
    TOO_MANY,
    /** The job has too many requests that are not answered; nothing was cancelled. */
    BUSY
  }

  static final Cancellation NOT_HERE = new Cancellation(Result.NOT_HERE, List.of());
}
