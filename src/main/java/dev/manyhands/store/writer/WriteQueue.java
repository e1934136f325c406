package dev.manyhands.store.writer;

import dev.manyhands.store.StoreException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes on their way to the writer, first in, first out. Callers add writes, and the writer takes
 * them. While the database is away, the queue rejects writes that do not wait.
 */
final class WriteQueue {

  /**
   * Limit for the writes in a group; further writes wait for the next group. Enough to share the
   * cost of a commit, and few enough not to keep others waiting.
   */
  static final int MAX_GROUP_WRITES = 512;

  /**
   * Limit for the writes in a group of writes that free room. Few, so that little room is enough
   * for them.
   */
  static final int MAX_FREEING_WRITES = 16;

  static final long MAX_GROUP_BYTES = 8L << 20;

  /**
   * Once this many deferrable writes are queued, they are committed without waiting for an urgent
   * one.
   */
  private static final int MOST_WAITING = 16;

  private final long longestWaitNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition something = lock.newCondition();

  // All fields below are guarded by the lock.
  private final Deque<Write<?>> writes = new ArrayDeque<>();

  /** How many writes at the head are taken one at a time, because one of them spoilt its group. */
  private int suspects;

  private @Nullable StoreException away;

  /** Whether the disk is full. If so, writes that free room come first and are always accepted. */
  private boolean full;

  private boolean closed;

  /** The answer to writes that come when the queue is closed. */
  private StoreException whyClosed = new StoreException("the store is closed", null);

  /** How many callers have more writes to add before any write is taken. */
  private int holds;

  /**
   * Creates an empty queue.
   *
   * @param longestWait how long a deferrable write waits for other writes
   */
  WriteQueue(Duration longestWait) {
    this.longestWaitNanos = longestWait.toNanos();
  }

  void add(Write<?> write) {
    StoreException refusal;
    lock.lock();
    try {
      refusal = refusal(write);
      if (refusal == null) {
        writes.addLast(write);
        if (holds == 0) {
          something.signal();
        }
      }
    } finally {
      lock.unlock();
    }
    if (refusal != null) {
      write.failed(refusal);
    }
  }

  /** Runs a task that adds writes. None of the queued writes is taken meanwhile. */
  void together(Runnable adding) {
    hold(1);
    try {
      adding.run();
    } finally {
      hold(-1);
    }
  }

  private void hold(int change) {
    lock.lock();
    try {
      holds += change;
      if (holds == 0 && !writes.isEmpty()) {
        something.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable StoreException refusal(Write<?> write) {
    if (closed) {
      return whyClosed;
    }
    return write.waitsWhenAway() || (full && write.freesRoom()) ? null : away;
  }

  /**
   * Waits until there is a write to take, or never will be one; false when there is none in time.
   */
  boolean await(Duration longest) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = longest.toNanos();
      while (!closed && writes.isEmpty() && nanos > 0) {
        nanos = something.awaitNanos(nanos);
      }
      return closed || !writes.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the next group and returns it; empty when there will be none because the queue is
   * closed. While the disk is full, the group has only writes that free room, if there are any.
   */
  List<Write<?>> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = longestWaitNanos;
      while (!closed && (holds > 0 || (nanos > 0 && allWaitForOthers()))) {
        if (writes.isEmpty() || holds > 0) {
          something.await();
        } else {
          nanos = something.awaitNanos(nanos);
        }
      }
      if (full && hasFreeing()) {
        return takeFreeing();
      }
      var group = new ArrayList<Write<?>>();
      long bytes = 0;
      while (!writes.isEmpty()
          && group.size() < (suspects > 0 ? 1 : MAX_GROUP_WRITES)
          && (group.isEmpty() || bytes + writes.getFirst().bytes() <= MAX_GROUP_BYTES)) {
        Write<?> next = writes.getFirst();
        bytes += next.bytes();
        group.add(next); // may fail for want of memory: then the write stays in the queue
        writes.removeFirst();
      }
      suspects = Math.max(0, suspects - 1);
      return group;
    } finally {
      lock.unlock();
    }
  }

  private boolean allWaitForOthers() {
    return writes.size() < MOST_WAITING && writes.stream().allMatch(Write::waitsForOthers);
  }

  private List<Write<?>> takeFreeing() {
    var group = new ArrayList<Write<?>>();
    for (var all = writes.iterator(); all.hasNext() && group.size() < MAX_FREEING_WRITES; ) {
      Write<?> write = all.next();
      if (write.freesRoom()) {
        all.remove();
        group.add(write);
      }
    }
    suspects = 0; // they were counted from the front of the queue
    return group;
  }

  /** Puts writes back at the front, in their order, to be taken again. */
  void giveBack(List<? extends Write<?>> group) {
    lock.lock();
    try {
      group.reversed().forEach(writes::addFirst);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Queues writes, at the front, that undo committed writes which were reported as failed to their
   * callers.
   */
  void undo(List<Write<?>> committed) {
    // The last write goes first: each write is undone in the state that it left.
    giveBack(committed.reversed().stream().flatMap(write -> write.takingBack().stream()).toList());
  }

  /** Puts writes back at the front, to be taken again one at a time. */
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
   * Rejects the queued writes that do not wait, and from now on accepts only writes that wait. On a
   * full disk, writes that free room stay, and are accepted, too.
   *
   * @param pending whether writes outside of this queue, those of a commit in doubt, wait for the
   *     database too
   * @param isFull whether the disk is full
   * @return false when no write waits: then the queue still accepts all writes, because the next
   *     write must find out whether the database is back
   */
  boolean away(StoreException why, boolean pending, boolean isFull) {
    var turnedDown = new ArrayList<Write<?>>();
    boolean somebodyWaits;
    lock.lock();
    try {
      suspects = 0; // the guilty one, if it is still there, will spoil its group again
      full = isFull;
      for (var all = writes.iterator(); all.hasNext(); ) {
        Write<?> write = all.next();
        if (!write.waitsWhenAway() && !(full && write.freesRoom())) {
          all.remove();
          turnedDown.add(write);
        }
      }
      somebodyWaits = pending || writes.stream().anyMatch(Write::waitsWhenAway);
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
      full = false;
    } finally {
      lock.unlock();
    }
  }

  boolean isFull() {
    lock.lock();
    try {
      return full;
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether there are writes that free room. */
  boolean hasFreeing() {
    lock.lock();
    try {
      return writes.stream().anyMatch(Write::freesRoom);
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether there are writes that need room. */
  boolean hasOthers() {
    lock.lock();
    try {
      return !writes.stream().allMatch(Write::freesRoom);
    } finally {
      lock.unlock();
    }
  }

  /** Returns why the database cannot be written to; null when it can, as far as is known. */
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

  /** Accepts no more writes. Queued writes can still be taken. */
  void close() {
    lock.lock();
    try {
      closed = true;
      something.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Closes the queue as {@link #close()} does.
   *
   * @param why the answer to writes that come from now on
   */
  void close(StoreException why) {
    lock.lock();
    try {
      whyClosed = why;
      close();
    } finally {
      lock.unlock();
    }
  }

  /** Fails all queued writes. */
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
