package dev.manyhands.harness;

import dev.manyhands.sdk.SharedLock;
import dev.manyhands.sdk.SharedValue;
import java.util.Objects;

/** A value as user code has it, for one item. */
record ValueFace(WordValue value, ItemContext context) implements SharedValue {

  @Override
  public Object get() {
    return value.get();
  }

  @Override
  public void set(Object newValue) {
    value.set(Objects.requireNonNull(newValue));
  }

  @Override
  public Number add(Number n) throws InterruptedException {
    value.lock().acquire(context, Remote.nanos(null));
    try {
      return value.add(Objects.requireNonNull(n));
    } finally {
      value.lock().release();
    }
  }

  @Override
  public SharedLock lock() {
    return new LockFace(value.lock(), context);
  }
}
