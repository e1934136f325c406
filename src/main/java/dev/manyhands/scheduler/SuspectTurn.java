package dev.manyhands.scheduler;

import org.jspecify.annotations.Nullable;

/**
 * Lets a suspected job keep its turn for a second. A suspected job runs alone, on one worker. With
 * a turn of one chunk each, many suspected jobs would need a new worker for each chunk.
 *
 * <p>A job that is not suspected never waits for the end of a turn.
 *
 * <p>Owned by the scheduler thread.
 */
final class SuspectTurn {
  static final double SECONDS = 1;

  private @Nullable JobRun holder;

  /** The holder's first answer, by the monotonic clock: the start of its worker does not count. */
  private @Nullable Long sinceNanos;

  /** The job that gets the next free slot; null when none waits. */
  @Nullable JobRun next(FairQueue queue, Moment now) {
    JobRun next = queue.next();
    if (next == null || !next.suspicious) {
      return next;
    }
    if (holder != null && holder.suspicious && queue.isWaiting(holder) && !isOver(now)) {
      return holder;
    }
    holder = next;
    sinceNanos = null;
    return next;
  }

  /** Notes that items of the job have outcomes. */
  void noteAnswer(JobRun run, Moment now) {
    if (run == holder && sinceNanos == null) {
      sinceNanos = now.nanos();
    }
  }

  private boolean isOver(Moment now) {
    return sinceNanos != null && now.secondsSince(sinceNanos) >= SECONDS;
  }
}
