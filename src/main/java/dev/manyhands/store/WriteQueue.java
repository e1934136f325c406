package dev.manyhands.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes on their way to the writer, first in, first out. Callers put in, the writer takes out;
 * while it says that the database is away, writes that would not wait are turned down at the door.
 */
final class WriteQueue {

  /**
   * A group is large enough to share the cost of a commit, and small enough not to keep others
   * waiting.
   */
  static final int MAX_GROUP_WRITES = 512;

  static final long MAX_GROUP_BYTES = 8L << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition something = lock.newCondition();

  // All below is guarded by the lock.
  private final Deque<Write<?>> writes = new ArrayDeque<>();

  /** So many of the first are to be taken one at a time: one of them spoilt its group. */
  private int suspects;

  private @Nullable StoreException away;
  private boolean closed;

  void add(Write<?> write) {
    StoreException refusal;
    lock.lock();
    try {
      refusal = refusal(write);
      if (refusal == null) {
        writes.addLast(write);
        something.signal();
      }
    } finally {
      lock.unlock();
    }
    if (refusal != null) {
      write.failed(refusal);
    }
  }

  private @Nullable StoreException refusal(Write<?> write) {
    if (closed) {
      return new StoreException("the store is closed", null);
    }
    return write.waitsWhenAway() ? null : away;
  }

  /** The next group, waiting for one; empty when there will be none because the queue is closed. */
  List<Write<?>> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (writes.isEmpty() && !closed) {
        something.await();
      }
      var group = new ArrayList<Write<?>>();
      long bytes = 0;
      while (!writes.isEmpty()
          && group.size() < (suspects > 0 ? 1 : MAX_GROUP_WRITES)
          && (group.isEmpty() || bytes + writes.getFirst().bytes() <= MAX_GROUP_BYTES)) {
        Write<?> next = writes.removeFirst();
        bytes += next.bytes();
        group.add(next);
      }
      suspects = Math.max(0, suspects - 1);
      return group;
    } finally {
      lock.unlock();
    }
  }

  /** Puts writes back in front, in their order, to be taken again. */
  void giveBack(List<? extends Write<?>> group) {
    lock.lock();
    try {
      group.reversed().forEach(writes::addFirst);
    } finally {
      lock.unlock();
    }
  }

  /** Puts writes back in front, to be taken again each on its own. */
  void giveBackOneByOne(List<Write<?>> group) {
    lock.lock();
    try {
      giveBack(group);
      suspects = group.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends away the writes that do not wait, and from now on lets in only those that do.
   *
   * @param pending whether writes that are not in here wait for the database too
   * @return false when nobody waits: then the door stays open, since the next to come in must be
   *     the one who finds out whether the database is there again
   */
  boolean away(StoreException why, boolean pending) {
    var turnedDown = new ArrayList<Write<?>>();
    boolean somebodyWaits;
    lock.lock();
    try {
      suspects = 0; // the guilty one, if it is still there, will spoil its group again
      for (var all = writes.iterator(); all.hasNext(); ) {
        Write<?> write = all.next();
        if (!write.waitsWhenAway()) {
          all.remove();
          turnedDown.add(write);
        }
      }
      somebodyWaits = pending || !writes.isEmpty();
      away = somebodyWaits ? why : null;
    } finally {
      lock.unlock();
    }
    turnedDown.forEach(write -> write.failed(why));
    return somebodyWaits;
  }

  void back() {
    lock.lock();
    try {
      away = null;
    } finally {
      lock.unlock();
    }
  }

  /** Why the database cannot be written to; null when it can, as far as is known. */
  @Nullable StoreException whyAway() {
    lock.lock();
    try {
      return away;
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return writes.size();
    } finally {
      lock.unlock();
    }
  }

  /** Lets nothing in any more; what is in can still be taken. */
  void close() {
    lock.lock();
    try {
      closed = true;
      something.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Fails all that is in. */
  void failAll(StoreException why) {
    List<Write<?>> left;
    lock.lock();
    try {
      left = List.copyOf(writes);
      writes.clear();
    } finally {
      lock.unlock();
    }
    left.forEach(write -> write.failed(why));
  }
}
