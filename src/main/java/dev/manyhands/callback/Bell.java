package dev.manyhands.callback;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Wakes one sleeper; a ring while it is up is heard when it lies down. */
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

  /** Waits for a ring, but not longer than this. */
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
