package dev.manyhands.model;

import java.time.Instant;

/**
 * An {@link OutcomeReport} without the values and errors of the items.
 *
 * @param failed how many of the items failed
 */
public record ChunkReport(
    ItemRange items,
    long failed,
    Outcomes.Cost cost,
    long worker,
    long pid,
    Instant startedAt,
    Instant finishedAt,
    int attempt) {

  /**
   * Returns whether a worker has run the items. Items that were remembered, or got their outcome
   * from the service itself, ran nowhere.
   */
  public boolean ran() {
    return worker != OutcomeReport.REMEMBERED && worker != OutcomeReport.SERVICE;
  }
}
