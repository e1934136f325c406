package dev.manyhands.engine.scheduler;

import dev.manyhands.model.Failures;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobStatus;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The order in which jobs have changed, for readers of all jobs. Holds one change for each job: a
 * newer change replaces the older one and gets a new number. A reader keeps only the number up to
 * which it has read, so that a slow reader costs no memory. The oldest changes are forgotten beyond
 * {@link #MOST} jobs. A reader that needs a forgotten change learns this from {@link
 * #hasForgotten}.
 *
 * <p>A job that has changed again while no reader has read the earlier change keeps its number.
 * Readers take the status from the board, so that such a change needs no entry here.
 *
 * <p>Safe for use by any thread.
 */
public final class BoardChanges {
  /** The most jobs whose newest change is held. Beyond, the oldest change is forgotten. */
  static final int MOST = 10_000;

  private final long run = ThreadLocalRandom.current().nextLong(1L << 40);

  /** The changes by number. Written under the lock of this object, read without. */
  private final ConcurrentSkipListMap<Long, BoardChange> byNumber = new ConcurrentSkipListMap<>();

  /** The number of the newest change of each job. Guarded by this object. */
  private final Map<JobId, Long> numbers = new HashMap<>();

  private volatile long last;

  /** The greatest number up to which any reader has read, or is about to read. */
  private volatile long read;

  /** The greatest number that was forgotten. */
  private volatile long forgotten;

  /**
   * Returns a random number for this start of the service. Numbers of changes begin at 1 with each
   * start, so that a reader must compare this number first.
   */
  public long run() {
    return run;
  }

  /**
   * Notes that an unfinished job has changed, after its new status is on the board.
   *
   * @param before the number that this method returned for the job before; 0 for none
   * @return the number of the change; {@code before} if no reader has read that change
   */
  long changed(BoardChange.Label label, long before) {
    return before > read ? before : put(new BoardChange.Live(label));
  }

  void ended(BoardChange.Label label, JobStatus status) {
    var small = status.toBuilder().result(null).error(null).failures(Failures.NONE).build();
    put(new BoardChange.Ended(label, small));
  }

  void deleted(JobId job) {
    put(new BoardChange.Deleted(job));
  }

  private synchronized long put(BoardChange change) {
    Long before = numbers.get(change.job());
    if (before != null) {
      if (change instanceof BoardChange.Live
          && !(byNumber.get(before) instanceof BoardChange.Live)) {
        return before; // A thread was late: the job has ended meanwhile.
      }
      // Removed first: a reader never meets two changes of a job up to one number.
      byNumber.remove(before);
    }
    long number = last + 1;
    byNumber.put(number, change);
    numbers.put(change.job(), number);
    if (numbers.size() > MOST) {
      var oldest = byNumber.firstEntry();
      forgotten = oldest.getKey();
      byNumber.remove(oldest.getKey());
      numbers.remove(oldest.getValue().job());
    }
    last = number;
    return number;
  }

  /**
   * Begins to read. Returns the number of the newest change. Each change after this call gets a
   * greater number.
   */
  public synchronized long readUpToNow() {
    read = last;
    return last;
  }

  /**
   * Returns the oldest change with a number above {@code after} and at most {@code upTo}; empty if
   * there is none.
   */
  public Optional<BoardChange.Numbered> next(long after, long upTo) {
    var entry = byNumber.higherEntry(after);
    return entry == null || entry.getKey() > upTo
        ? Optional.empty()
        : Optional.of(new BoardChange.Numbered(entry.getKey(), entry.getValue()));
  }

  /** Returns whether a change with a greater number was forgotten. */
  public boolean hasForgotten(long number) {
    return forgotten > number;
  }
}
