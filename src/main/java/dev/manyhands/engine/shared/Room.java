package dev.manyhands.engine.shared;

import dev.manyhands.model.SharedObject;
import java.util.concurrent.atomic.AtomicLong;

/** The memory that the entries of one job's objects take, within bounds. Guarded by its set. */
final class Room {
  /** About what an entry takes beside its key and its value. */
  static final int ENTRY_BYTES = SharedObject.ENTRY_BYTES;

  private final long most;
  private final AtomicLong ofAllJobs;
  private final long mostOfAllJobs;
  private long bytes;

  /** Whether the objects get their first state, which was checked with the job. */
  private boolean takesAll;

  /**
   * @param most bytes of this job
   * @param ofAllJobs the bytes of all jobs, which this room adds to
   */
  Room(long most, AtomicLong ofAllJobs, long mostOfAllJobs) {
    this.most = most;
    this.ofAllJobs = ofAllJobs;
    this.mostOfAllJobs = mostOfAllJobs;
  }

  /**
   * Takes memory for an entry.
   *
   * @throws SharedFault if a bound is exceeded; then nothing was taken
   */
  void take(long more) {
    if (more <= 0 || takesAll) {
      takeAnyway(more);
      return;
    }
    if (bytes + more > most) {
      throw SharedFault.full(
          "the shared objects of a job, or of a set, may hold at most "
              + most
              + " bytes; remove entries first");
    }
    if (ofAllJobs.addAndGet(more) > mostOfAllJobs) {
      ofAllJobs.addAndGet(-more);
      throw SharedFault.full(
          "the shared objects of all jobs together hold as much as the service has memory for");
    }
    bytes += more;
  }

  /** Runs a task that takes memory for what was accepted with the job, whatever the bounds are. */
  void withoutBounds(Runnable task) {
    takesAll = true;
    try {
      task.run();
    } finally {
      takesAll = false;
    }
  }

  /** Takes memory for an entry that was accepted before. */
  void takeAnyway(long more) {
    ofAllJobs.addAndGet(more);
    bytes += more;
  }

  void give(long less) {
    ofAllJobs.addAndGet(-less);
    bytes -= less;
  }

  /** Gives everything back. */
  void close() {
    give(bytes);
  }
}
