package dev.manyhands.harness;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of one item as JSON. A result is written down as soon as it is there: the function
 * may go on to change it, and the memory it takes is known. Owned by one thread at a time.
 */
final class OutcomeText {
  private final JsonWriter value;
  private final JsonWriter error = new JsonWriter(Integer.MAX_VALUE - 8);
  private boolean failed;

  OutcomeText(int maxValueBytes) {
    value = new JsonWriter(maxValueBytes);
  }

  void result(long index, @Nullable Object result) {
    failed = false;
    value.clear();
    try {
      value.value(result);
    } catch (UnserializableException e) {
      failure(index, Failure.unserializable(result == null ? "" : result, e));
    } catch (Throwable e) { // of the user's accessors and iterators, or for want of memory
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

  /** An element of {@code errors}; null if there is a result. */
  @Nullable JsonWriter error() {
    return failed ? error : null;
  }

  /** What it takes in a frame, with the commas. */
  long bytes() {
    return value.size() + 1L + (failed ? error.size() + 1L : 0);
  }
}
