package dev.manyhands.harness;

import dev.manyhands.sdk.ItemStopped;
import dev.manyhands.sdk.SharedFullException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A shared object that the service holds, as one item sees it: writes calls, and reads answers and
 * errors. Safe for use by any thread.
 */
final class Remote {
  /**
   * The longest wait of one call. A wait of any length is several calls, so that an interrupt or a
   * stop is noticed between them. The service could not take back what it gave to a call that its
   * thread has left.
   */
  private static final long MOST_WAIT_NANOS = 1_000_000_000;

  private final String name;
  private final Calls calls;
  private final ItemContext context;
  private final NonFinite nonFinite;
  private final int maxFrameBytes;

  Remote(String name, Calls calls, ItemContext context, NonFinite nonFinite, int maxFrameBytes) {
    this.name = name;
    this.calls = calls;
    this.context = context;
    this.nonFinite = nonFinite;
    this.maxFrameBytes = maxFrameBytes;
  }

  /** Makes a call that does not wait; returns its answer, which may be that a key is missing. */
  Frame call(String operation, @Nullable Object... arguments) {
    return checked(answer(operation, -1, arguments), 0);
  }

  /** Returns the value of {@link #call}; null if it is missing. */
  @Nullable Object value(String operation, @Nullable Object... arguments) {
    return value(call(operation, arguments));
  }

  /** Returns the value of {@link #call} that is a number. */
  Number number(String operation, @Nullable Object... arguments) {
    if (value(operation, arguments) instanceof Number number) {
      return number;
    }
    throw new IllegalStateException(text("the service has answered with no number"));
  }

  /**
   * Makes a call that may wait.
   *
   * @param patience the longest wait; null for no limit
   * @return the answer; null if the call waited in vain
   */
  @Nullable Frame await(
      String operation, @Nullable Duration patience, @Nullable Object... arguments)
      throws InterruptedException {
    long most = nanos(patience);
    long began = System.nanoTime();
    while (true) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (context.stopped()) {
        throw new ItemStopped();
      }
      long left = Math.max(0, most - (System.nanoTime() - began));
      long chunk = context.chunk();
      Frame answer = checked(answer(operation, Math.min(left, MOST_WAIT_NANOS), arguments), chunk);
      if (!answer.truth("late")) {
        return answer;
      }
      if (left <= MOST_WAIT_NANOS) {
        return null;
      }
    }
  }

  /** Returns a time in nanoseconds; {@code Long.MAX_VALUE} for null, which is no limit. */
  static long nanos(@Nullable Duration patience) {
    if (patience == null) {
      return Long.MAX_VALUE;
    }
    if (patience.isNegative()) {
      throw new IllegalArgumentException("the time to wait is " + patience + ", less than zero");
    }
    return TimeUnit.NANOSECONDS.convert(patience);
  }

  /**
   * @param wait nanoseconds; negative for a call that never waits
   */
  private Frame answer(String operation, long wait, @Nullable Object[] arguments) {
    long number = calls.nextNumber();
    JsonWriter frame = new JsonWriter(maxFrameBytes);
    frame.nonFinite(nonFinite);
    try {
      Calls.begin(frame, number, name, operation);
      if (wait >= 0) {
        frame.ascii(",\"chunk\":");
        frame.value(context.chunk());
        frame.ascii(",\"wait\":");
        frame.value(wait / 1e9);
      }
      if (arguments.length > 0) {
        frame.ascii(",\"count\":");
        frame.value(arguments.length);
      }
      frame.put('}');
      byte before = '[';
      for (int i = 0; i < arguments.length; i++) {
        if (i == 0) {
          frame.put('\n');
        }
        frame.put(before);
        frame.value(arguments[i]);
        before = ',';
      }
      if (arguments.length > 0) {
        frame.put(']');
      }
    } catch (UnserializableException e) {
      throw unwritable(e);
    }
    return calls.call(number, frame);
  }

  private RuntimeException unwritable(UnserializableException e) {
    if (e.isTooLong()) {
      return new SharedFullException(
          text(
              "the values take more than the "
                  + maxFrameBytes
                  + " bytes that are allowed in one"
                  + " call; share less at a time"));
    }
    // The messages are those for results.
    String message = String.valueOf(e.getMessage());
    message = message.replaceFirst("result", "value").replaceFirst("; return ", "; share ");
    return new IllegalArgumentException(text(message));
  }

  private Frame checked(Frame answer, long chunk) {
    String error = answer.text("error");
    if (error == null) {
      return answer;
    }
    String message = text(String.valueOf(answer.text("message")));
    switch (error) {
      case "stopped" -> {
        context.endWait(chunk);
        throw new ItemStopped();
      }
      case "full" -> throw new SharedFullException(message);
      case "type", "unknown" -> throw new IllegalArgumentException(message);
      default -> throw new IllegalStateException(message);
    }
  }

  private String text(String message) {
    return "'" + name + "': " + message;
  }

  /** Returns the value of an answer; null if it has none. */
  @Nullable Object value(Frame answer) {
    try {
      return answer.hasBody() ? JsonReader.read(answer.payload(), answer.bodyStart()) : null;
    } catch (JsonException e) {
      throw new IllegalStateException(text("a value cannot be decoded: " + e.getMessage()), e);
    }
  }

  /** Returns a key as a value for a call. */
  Object key(Object key) {
    return switch (key) {
      case String text -> text;
      case Long number -> number;
      case Integer number -> number;
      case Short number -> number;
      case Byte number -> number;
      case BigInteger number -> number;
      default ->
          throw new IllegalArgumentException(
              text(
                  "a key is a String or an integer, and this one is a "
                      + key.getClass().getName()
                      + "; use its toString()"));
    };
  }

  IndexOutOfBoundsException noElement(String index) {
    return new IndexOutOfBoundsException(text("there is no element " + index));
  }
}
