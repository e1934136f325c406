package dev.manyhands.harness;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;

/**
 * Describes why an item has no result or why a function did not load, in texts that fit in a frame.
 *
 * @param traceback of the user's own frames, as Java prints it
 */
record Failure(String kind, String type, String message, @Nullable String traceback) {
  private static final int MAX_CHARS = 32 * 1024;
  private static final String HARNESS = "dev.manyhands.harness.";
  private static final String BUILTIN = "dev.manyhands.harness.builtin.";

  static Failure unserializable(Object result, UnserializableException why) {
    return new Failure("UNSERIALIZABLE", result.getClass().getName(), "" + why.getMessage(), null);
  }

  static Failure of(Throwable thrown) {
    String kind = thrown instanceof OutOfMemoryError ? "OOM" : "ERROR";
    String type = thrown.getClass().getName();
    if (thrown instanceof FunctionLoader.LoadException) {
      return new Failure(kind, "LoadException", message(thrown), null); // the message is complete
    }
    try {
      return new Failure(kind, type, cut(message(thrown)), cut(traceback(thrown)));
    } catch (Throwable broken) { // thrown by a user's getMessage(), or for lack of memory
      return new Failure(kind, type, "", null);
    }
  }

  private static String message(Throwable thrown) {
    String message = thrown.getLocalizedMessage();
    return message == null ? "" : message;
  }

  private static String traceback(Throwable thrown) {
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < 20; depth++) {
      cause.setStackTrace(userFrames(cause.getStackTrace()));
      cause = cause.getCause();
    }
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  /** Returns the frames of the user's code: all frames before the first one of the harness. */
  private static StackTraceElement[] userFrames(StackTraceElement[] frames) {
    int count = 0;
    while (count < frames.length && !isHarness(frames[count].getClassName())) {
      count++;
    }
    StackTraceElement[] kept = new StackTraceElement[count];
    System.arraycopy(frames, 0, kept, 0, count);
    return kept;
  }

  private static boolean isHarness(String className) {
    return className.startsWith(HARNESS) && !className.startsWith(BUILTIN);
  }

  /**
   * Cuts off the end of a long text, because Java prints the place of the error first. Also
   * replaces half surrogate pairs.
   */
  private static String cut(String text) {
    String whole = text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS - 1) + "…";
    return wellFormed(whole);
  }

  /** Replaces half surrogate pairs, which JSON text cannot hold. */
  private static String wellFormed(String text) {
    StringBuilder mended = null;
    for (int i = 0; i < text.length(); i++) {
      int point = text.codePointAt(i);
      if (Character.isSupplementaryCodePoint(point)) {
        i++;
      } else if (Character.isSurrogate((char) point)) {
        mended = mended == null ? new StringBuilder(text) : mended;
        mended.setCharAt(i, '\uFFFD');
      }
    }
    return mended == null ? text : mended.toString();
  }

  /** Writes the members of a JSON object, without its braces. */
  void writeTo(JsonWriter json) throws UnserializableException {
    json.ascii("\"type\":");
    json.string(type);
    json.ascii(",\"message\":");
    json.string(message);
    if (traceback != null) {
      json.ascii(",\"traceback\":");
      json.string(traceback);
    }
  }
}
