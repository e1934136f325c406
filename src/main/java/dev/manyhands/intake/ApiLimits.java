package dev.manyhands.intake;

import dev.manyhands.model.Refusal;
import dev.manyhands.model.json.JsonLimits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Caps on what requests may ask for; {@code GET /api/v1/limits} shows most of them.
 *
 * @param maxBodyBytes limit for the whole body of a request
 * @param maxItems limit for the items of a job
 * @param maxUnfinishedJobs limit for the jobs that wait or run at one time
 * @param maxUnfinishedBytes limit for the code and arguments of all unfinished jobs together
 * @param json limits for each item; its depth and its length of numbers hold for all JSON of
 *     requests
 * @param maxSpecBytes limit for a job without its inputs, and for a function
 * @param maxMemoryBytes limit for the {@code memory} that a job may name for each of its workers
 * @param maxCpuTime limit for the processor time that a job may allow an item; zero for no limit
 * @param jobLogBytes limit for the bytes that are kept of what a job prints
 * @param maxSharedBytes limit for what the shared objects of a job, or of a set, hold
 * @param maxSharedSets limit for the sets of shared objects
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
    long maxSharedBytes,
    int maxSharedSets,
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
