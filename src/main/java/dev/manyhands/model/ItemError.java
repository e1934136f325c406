package dev.manyhands.model;

import org.jspecify.annotations.Nullable;

/**
 * Describes why an item has no value.
 *
 * @param index of the item
 * @param type the class of the user's exception ({@code ZeroDivisionError}), the signal or exit
 *     status of a dead worker, or a word of the service such as {@link #TIMED_OUT}
 * @param message for the user; never a stack trace of the service
 * @param traceback of the user's own code, or the last lines that its worker wrote to stderr
 * @param attempts how many times the item was tried, at least 1
 * @param data the exception as Base64 of a pickle, which only clients open; null if there is none
 */
public record ItemError(
    long index,
    Kind kind,
    String type,
    String message,
    @Nullable String traceback,
    int attempts,
    @Nullable String data) {

  /** The type of the error of an item that ran longer than {@code timeouts.item}. */
  public static final String TIMED_OUT = "Timeout";

  /** Limit for the characters of {@code data}. A report of a worker with longer data is refused. */
  public static final int MOST_DATA = 64 << 10;

  private static final long OWN_BYTES = 300;

  /** Creates an error without {@code data}. */
  public ItemError(
      long index,
      Kind kind,
      String type,
      String message,
      @Nullable String traceback,
      int attempts) {
    this(index, kind, type, message, traceback, attempts, null);
  }

  /** The cause of an error, in one word. */
  public enum Kind {
    /** The function raised an exception. */
    ERROR,
    /**
     * The item took longer than {@code timeouts.item}, or computed for longer than {@code
     * timeouts.cpu} or the service allows.
     */
    TIMEOUT,
    /**
     * The item's worker died while it ran the item, or the service died each time it ran the item.
     */
    CRASH,
    /** The item ran out of memory. Its worker may have died of this. */
    OOM,
    /** The result has no JSON form, or is larger than the service accepts. */
    UNSERIALIZABLE
  }

  /** Returns about how many bytes of memory the error takes. */
  public long weight() {
    int texts = message.length() + (traceback == null ? 0 : traceback.length());
    return OWN_BYTES + 2L * texts + (data == null ? 0 : data.length());
  }

  /** Returns a copy about the item with another index. */
  public ItemError withIndex(long newIndex) {
    return new ItemError(newIndex, kind, type, message, traceback, attempts, data);
  }

  public ItemError withAttempts(int newAttempts) {
    return new ItemError(index, kind, type, message, traceback, newAttempts, data);
  }

  /** Returns a copy without {@code data}, which is long and of no use to people. */
  public ItemError withoutData() {
    return data == null
        ? this
        : new ItemError(index, kind, type, message, traceback, attempts, null);
  }
}
