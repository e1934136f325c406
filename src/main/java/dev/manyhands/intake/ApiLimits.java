package dev.manyhands.intake;

import dev.manyhands.model.Refusal;
import dev.manyhands.model.json.JsonLimits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Caps on what requests may ask for; {@code GET /api/v1/limits} shows most of them.
 *
 * @param maxBodyBytes of a whole request
 * @param maxItems of a job
 * @param maxUnfinishedJobs that wait or run
 * @param maxUnfinishedBytes of the code and arguments of unfinished jobs
 * @param json of each item
 * @param maxSpecBytes of a job without its inputs
 * @param maxMemoryBytes that a job may ask for, for each of its workers
 * @param maxCpuTime that a job may allow an item, in processor time; zero for no limit
 * @param jobLogBytes kept of what a job prints
 * @param retention how long jobs without a {@code ttl} are kept after their end; null for as long
 *     as nobody deletes them
 */
public record ApiLimits(
    long maxBodyBytes,
    long maxItems,
    int maxUnfinishedJobs,
    long maxUnfinishedBytes,
    JsonLimits json,
    int maxSpecBytes,
    long maxMemoryBytes,
    Duration maxCpuTime,
    long jobLogBytes,
    @Nullable Duration retention) {

  /**
   * Returns the refusal of a job that has too many items.
   *
   * @param pointer to the inputs, or the line of the first item beyond the limit
   */
  public Refusal tooManyItems(String pointer) {
    return Refusal.tooLarge(
        pointer,
        "a job may have at most "
            + maxItems
            + " items (manyhands.limits.items); split it into several jobs");
  }
}
