package dev.manyhands.model.comparison;

import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.ProcessorShare;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One job of a comparison.
 *
 * @param number counts the jobs of the comparison, from 0
 * @param variant index of the variant
 * @param round from 0
 * @param ending null while the job has not ended
 */
public record Run(int number, int variant, int round, JobId job, @Nullable Ending ending) {

  /**
   * How the job ended.
   *
   * @param took from the job's first chunk to its end
   * @param interrupted whether the service was restarted in between, which makes the time
   *     meaningless
   * @param failedItems items that have an error in place of a value
   * @param digest hex SHA-256 over the values in order; null when some items never ran
   * @param processorShare the share of the time in the function for which a worker had a processor;
   *     null when it is not known
   * @param problem why some items never ran; null when all did
   */
  public record Ending(
      JobState state,
      Duration took,
      boolean interrupted,
      long failedItems,
      @Nullable String digest,
      @Nullable Double processorShare,
      @Nullable String problem) {

    /** Whether the function mostly waited in this run, for a network, a disk or a clock. */
    boolean showsWaiting() {
      return processorShare != null && processorShare <= ProcessorShare.WAITS;
    }

    /** Whether the time counts: all items have run, without a restart of the service in between. */
    public boolean isMeasured() {
      return problem == null && !interrupted;
    }
  }

  public Run withEnding(Ending newEnding) {
    return new Run(number, variant, round, job, newEnding);
  }

  /** Whether the run has ended and has shown that the function mostly waits. */
  boolean showsWaiting() {
    return ending != null && ending.showsWaiting();
  }

  /** Whether the time counts: all items have run, without a restart of the service in between. */
  public boolean isMeasured() {
    return ending != null && ending.isMeasured();
  }

  /** Returns why the job did not run to its end; null if it did, or still runs. */
  public @Nullable String problem() {
    return ending == null ? null : ending.problem();
  }
}
