package dev.manyhands.jobs.callback;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Wakes one sleeping thread. A ring while the thread is awake ends its next wait at once. */
final class Bell {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition rings = lock.newCondition();

  /** Guarded by the lock. */
  private boolean rung;

  void ring() {
    lock.lock();
    try {
      rung = true;
      rings.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a ring, but at most for this time. */
  void await(Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = patience.toNanos();
      while (!rung && nanos > 0) {
        nanos = rings.awaitNanos(nanos);
      }
      rung = false;
    } finally {
      lock.unlock();
    }
  }
}
