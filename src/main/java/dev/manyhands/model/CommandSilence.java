package dev.manyhands.model;

import java.time.Duration;
import java.time.Instant;

/**
 * Recognises a command that reads lines and has answered none. A command that does not flush its
 * output looks like a slow command, and hangs for ever.
 */
public final class CommandSilence {
  /** How long a command may take for its first answer before a note is shown. */
  public static final Duration AFTER = Duration.ofSeconds(10);

  /** The remedies, for the user. */
  public static final String MEND =
      "let it flush after each line (stdbuf -oL, python -u, jq --unbuffered, mawk -W interactive;"
          + " docs/how-to/commands.md has more)";

  /** The note for the user: what was seen, and what to do. */
  public static final String TEXT =
      "The command has answered no item for "
          + AFTER.toSeconds()
          + " s or more. If its items do not take that long, its"
          + " answers are in the buffer of its output: "
          + MEND
          + ". Give timeouts.item, so that an item that is not answered ends.";

  /** The note for the user of a job whose items have all timed out. */
  public static final String TIMED_OUT_TEXT =
      "The command has answered no item: each that ran took its whole timeouts.item. If the items do"
          + " not take that long, its answers are in the buffer of its output: "
          + MEND
          + ".";

  private CommandSilence() {}

  /**
   * Whether, by the counts alone, a command may have answered nothing until its items timed out.
   */
  public static boolean mayHaveTimedOut(Job job) {
    var tally = job.status().tally();
    return job.status().state().isTerminal()
        && job.spec().function().definition().speaksLines()
        && tally.succeeded() == 0
        && tally.failed() > 0;
  }

  /** Whether the error shows only a silent command: its program printed no cause. */
  public static boolean isSeenIn(ItemError error) {
    return error.kind() == ItemError.Kind.TIMEOUT
        && error.type().equals(ItemError.TIMED_OUT)
        && error.traceback() == null;
  }

  /**
   * Whether the job runs a silent command now, or ran one until a user or a timeout ended the job.
   *
   * @param silence how long a worker has had items of the job and reported nothing; zero if no
   *     worker has. A command that ends by itself is not silent, nor are items that wait for their
   *     backoff
   */
  public static boolean isSeenIn(Job job, Duration silence, Instant now) {
    JobStatus status = job.status();
    var resumption = status.resumption();
    Instant startedAt = resumption == null ? status.startedAt() : resumption.at();
    Instant until = status.finishedAt() == null ? now : status.finishedAt();
    return mayHang(status)
        && (status.state() != JobState.RUNNING || silence.compareTo(AFTER) >= 0)
        && job.spec().function().definition().speaksLines()
        && status.tally().succeeded() + status.tally().failed() == 0
        && startedAt != null
        && !until.isBefore(startedAt.plus(AFTER));
  }

  private static boolean mayHang(JobStatus status) {
    return switch (status.state()) {
      case RUNNING, CANCELLED -> true;
      case FAILED -> JobStatus.TIMED_OUT.equals(status.stopReason());
      case WAITING, QUEUED, SUCCEEDED -> false;
    };
  }
}
