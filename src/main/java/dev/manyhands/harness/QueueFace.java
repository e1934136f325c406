package dev.manyhands.harness;

import dev.manyhands.sdk.SharedQueue;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A queue as user code has it. */
record QueueFace(Remote remote) implements SharedQueue {

  @Override
  public void put(@Nullable Object value) throws InterruptedException {
    remote.await("put", null, value);
  }

  @Override
  public boolean put(@Nullable Object value, Duration patience) throws InterruptedException {
    return remote.await("put", Objects.requireNonNull(patience), value) != null;
  }

  @Override
  public @Nullable Object get() throws InterruptedException {
    return remote.value(Objects.requireNonNull(remote.await("get", null)));
  }

  @Override
  public @Nullable Object get(Duration patience) throws InterruptedException, TimeoutException {
    Frame answer = remote.await("get", Objects.requireNonNull(patience));
    if (answer == null) {
      throw new TimeoutException("the queue was empty for " + patience);
    }
    return remote.value(answer);
  }

  @Override
  public int length() {
    return remote.number("length").intValue();
  }

  @Override
  public void clear() {
    remote.call("clear");
  }
}
