package dev.manyhands.harness;

/** Thrown for a result that has no JSON form, or too long a form. The message is for the user. */
final class UnserializableException extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean tooLong;

  UnserializableException(String message) {
    this(message, false);
  }

  UnserializableException(String message, boolean tooLong) {
    super(message);
    this.tooLong = tooLong;
  }

  boolean isTooLong() {
    return tooLong;
  }
}
