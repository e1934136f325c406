package dev.manyhands.report;

import dev.manyhands.model.JobSpec.Chunking;
import org.jspecify.annotations.Nullable;

/**
 * The facts about a job that the rules of {@link Advice} depend on.
 *
 * @param workersAsked the job's own limit for its workers; null for none
 * @param threads items that each worker runs at once
 * @param items items that were reported, each as often as it was
 * @param mostItems the items that the job has, or may still get; the greatest number while its
 *     inputs are open
 * @param typicalItemSeconds the median over all reports of the time for one of their items
 * @param last the report that arrived last; null before the first
 * @param processorShare the share of the function's time that was spent on a processor, at most;
 *     null when it is not known
 * @param memory bytes that each worker may hold, as the job set them; null if the job did not
 * @param peakRss bytes that a worker held at most; null when it is not known
 * @param commandSilence the note about a command that has answered nothing for long; null if there
 *     is no such command
 * @param cutShort whether the job ended before all of its items had an outcome
 */
record AdviceFacts(
    Chunking chunking,
    boolean openInputs,
    @Nullable Integer workersAsked,
    int threads,
    int slots,
    double wallSeconds,
    SlotTime time,
    long items,
    long mostItems,
    double typicalItemSeconds,
    JobReport.Chunks chunks,
    JobReport.Attempts attempts,
    double tailSeconds,
    @Nullable SlowChunk last,
    @Nullable Double processorShare,
    @Nullable Long memory,
    @Nullable Long peakRss,
    @Nullable String commandSilence,
    boolean cutShort) {

  double share(double seconds) {
    return time.share(seconds);
  }

  boolean chunkingAsked() {
    return chunking.size() != null || chunking.count() != null;
  }

  double itemSeconds() {
    return items == 0 ? 0 : time.run() / items;
  }

  /** Whether no item of the job needs to wait until a worker is done with another. */
  boolean allFitAtOnce() {
    return mostItems <= (long) slots * threads;
  }
}
