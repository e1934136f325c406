package dev.manyhands.engine.scheduler;

import org.jspecify.annotations.Nullable;

/**
 * Lets a suspected job keep its turn for a second. A suspected job runs alone, on one worker. With
 * a turn of one chunk each, many suspected jobs would need a new worker for each chunk.
 *
 * <p>A job that is not suspected never waits for the end of a turn. A suspected job whose turn it
 * is keeps others from free slots until the service is idle. The wait is limited, because an item
 * that hangs would stop all jobs. After a wait in vain, the others run for as long as the wait, and
 * the next wait is twice as long.
 *
 * <p>Owned by the scheduler thread.
 */
final class SuspectTurn {
  /** Length of a turn; also how long a suspected job at first keeps others from free slots. */
  static final double SECONDS = 1;

  private static final double MOST_WAIT_SECONDS = 64;

  private @Nullable JobRun holder;

  /**
   * When the present round began, in which a suspected job keeps others out and then lets them run.
   * Null after a suspected job was handed a chunk.
   */
  private @Nullable Long waitNanos;

  /** How long the suspected job keeps others out, and then lets them run. */
  private double waitSeconds = SECONDS;

  /**
   * Time of the holder's first answer, by the monotonic clock. The start of its worker thus does
   * not count.
   */
  private @Nullable Long sinceNanos;

  /** Returns the job that gets the next free slot; null when no job waits. */
  @Nullable JobRun next(FairQueue queue, Now now) {
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
  void noteAnswer(JobRun run, Now now) {
    if (run == holder && sinceNanos == null) {
      sinceNanos = now.nanos();
    }
  }

  /**
   * Returns whether the suspected job whose turn it is still keeps others from free slots. Begins a
   * round if none is running, and sets the alarm for the end of the wait.
   */
  boolean keepsOthersOut(Now now, Alarm alarm) {
    if (waitNanos == null || now.nanos() - waitNanos >= 2 * nanos(waitSeconds)) {
      waitSeconds = waitNanos == null ? SECONDS : Math.min(2 * waitSeconds, MOST_WAIT_SECONDS);
      waitNanos = now.nanos();
    }
    long left = waitNanos + nanos(waitSeconds) - now.nanos();
    if (left > 0) {
      alarm.setBy(now.nanos() + left);
    }
    return left > 0;
  }

  /**
   * Notes that a suspected job is handed a chunk. Ends the round, so that the next wait is short.
   */
  void noteDispatch() {
    waitNanos = null;
  }

  private static long nanos(double seconds) {
    return (long) (seconds * 1e9);
  }

  private boolean isOver(Now now) {
    return sinceNanos != null && now.secondsSince(sinceNanos) >= SECONDS;
  }
}
