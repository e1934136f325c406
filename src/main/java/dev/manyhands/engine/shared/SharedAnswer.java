package dev.manyhands.engine.shared;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a {@link SharedCall}.
 *
 * @param value a JSON value; null for none
 * @param missing whether there is no such entry
 * @param late whether the call has waited in vain
 * @param error a word for programs; null if the call succeeded
 * @param message the error for people; null without an error
 */
public record SharedAnswer(
    byte @Nullable [] value,
    boolean missing,
    boolean late,
    @Nullable String error,
    @Nullable String message) {

  /** The call has done its work and yields nothing. */
  public static final SharedAnswer DONE = new SharedAnswer(null, false, false, null, null);

  /** There is no such entry. */
  public static final SharedAnswer MISSING = new SharedAnswer(null, true, false, null, null);

  /** The call has waited in vain. */
  public static final SharedAnswer LATE = new SharedAnswer(null, false, true, null, null);

  /** The items of the worker are to stop, so that the call waits no more. */
  public static final SharedAnswer STOPPED = error("stopped", "the item is no longer wanted");

  /** The job has ended. */
  public static final SharedAnswer ENDED =
      error("ended", "the job has ended, so that its shared objects change no more");

  static SharedAnswer of(byte[] value) {
    return new SharedAnswer(value, false, false, null, null);
  }

  static SharedAnswer of(long number) {
    return of(Long.toString(number).getBytes(StandardCharsets.US_ASCII));
  }

  static SharedAnswer of(boolean truth) {
    return of(Boolean.toString(truth).getBytes(StandardCharsets.US_ASCII));
  }

  static SharedAnswer error(String word, String message) {
    return new SharedAnswer(null, false, false, word, message);
  }
}
