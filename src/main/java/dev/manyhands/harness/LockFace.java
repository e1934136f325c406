package dev.manyhands.harness;

import dev.manyhands.sdk.SharedLock;
import java.time.Duration;
import java.util.Objects;

/** A lock as user code has it, for one item. */
record LockFace(WordLock lock, ItemContext context) implements SharedLock {

  @Override
  public void acquire() throws InterruptedException {
    lock.acquire(context, Remote.nanos(null));
  }

  @Override
  public boolean acquire(Duration patience) throws InterruptedException {
    return lock.acquire(context, Remote.nanos(Objects.requireNonNull(patience)));
  }

  @Override
  public void release() {
    lock.release();
  }

  @Override
  public boolean abandoned() {
    return lock.isAbandoned();
  }
}
