package dev.manyhands.harness;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of one item as JSON. A result is written as soon as it is available, because the
 * function may change the object later. The written size is also the memory that it takes. Owned by
 * one thread at a time.
 */
final class OutcomeText {
  private final JsonWriter value;
  private final JsonWriter error = new JsonWriter(Integer.MAX_VALUE - 8);
  private boolean failed;
  private int thread;
  private long beganNanos;
  private long endedNanos;

  OutcomeText(int maxValueBytes) {
    value = new JsonWriter(maxValueBytes);
  }

  void nonFinite(NonFinite form) {
    value.nonFinite(form);
  }

  /** Notes when the item ran. The times are those of {@link System#nanoTime}. */
  void ran(int newThread, long began, long ended) {
    thread = newThread;
    beganNanos = began;
    endedNanos = ended;
  }

  int thread() {
    return thread;
  }

  long beganNanos() {
    return beganNanos;
  }

  long endedNanos() {
    return endedNanos;
  }

  void result(long index, @Nullable Object result) {
    failed = false;
    value.clear();
    try {
      value.value(result);
    } catch (UnserializableException e) {
      failure(index, Failure.unserializable(result == null ? "" : result, e));
    } catch (Throwable e) { // thrown by the user's accessors and iterators, or for lack of memory
      failure(index, Failure.of(e));
    }
  }

  void failure(long index, Failure failure) {
    failed = true;
    try {
      value.clear();
      value.ascii("null");
      error.clear();
      error.ascii("{\"index\":");
      error.value(index);
      error.ascii(",\"kind\":");
      error.string(failure.kind());
      error.put(',');
      failure.writeTo(error);
      error.put('}');
    } catch (UnserializableException e) {
      throw new IllegalStateException(e);
    }
  }

  JsonWriter value() {
    return value;
  }

  /** Returns an element of {@code errors}; null if there is a result. */
  @Nullable JsonWriter error() {
    return failed ? error : null;
  }

  /** Returns the bytes of the outcome in a frame, with the commas. */
  long bytes() {
    return value.size() + 1L + (failed ? error.size() + 1L : 0);
  }
}
