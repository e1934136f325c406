package dev.manyhands.harness;

import dev.manyhands.sdk.SharedSemaphore;
import java.time.Duration;
import java.util.Objects;

/** A semaphore as user code has it. */
record SemaphoreFace(Remote remote) implements SharedSemaphore {

  @Override
  public void acquire() throws InterruptedException {
    remote.await("acquire", null);
  }

  @Override
  public boolean acquire(Duration patience) throws InterruptedException {
    return remote.await("acquire", Objects.requireNonNull(patience)) != null;
  }

  @Override
  public void release() {
    remote.call("release");
  }

  @Override
  public int free() {
    return remote.number("length").intValue();
  }
}
