package dev.manyhands.job;

import java.time.Duration;
import java.time.Instant;

/**
 * A command that reads lines and has answered none. A command that does not flush its output looks
 * like one that takes long, and hangs for ever.
 */
public final class CommandSilence {
  /** How long a command may take for its first answer before something is said. */
  public static final Duration AFTER = Duration.ofSeconds(10);

  /** The remedies, for the user. */
  public static final String MEND =
      "let it flush after each line (stdbuf -oL, python -u, jq --unbuffered, mawk -W interactive;"
          + " docs/commands.md has more)";

  /** For the user: what was seen, and what to do. */
  public static final String TEXT =
      "The command has answered no item for "
          + AFTER.toSeconds()
          + " s or more. If its items do not take that long, its"
          + " answers are in the buffer of its output: "
          + MEND
          + ". Give timeouts.item, so that an item that is not answered ends.";

  private CommandSilence() {}

  /** Whether the job runs such a command now, or did until somebody or its time ended it. */
  public static boolean isSeenIn(Job job, Instant now) {
    JobStatus status = job.status();
    var resumption = status.resumption();
    Instant startedAt = resumption == null ? status.startedAt() : resumption.at();
    Instant until = status.finishedAt() == null ? now : status.finishedAt();
    return mayHang(status)
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
