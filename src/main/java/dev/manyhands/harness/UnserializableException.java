package dev.manyhands.harness;

/** A result that has no JSON form; the message says what to return instead. */
final class UnserializableException extends Exception {
  private static final long serialVersionUID = 1;

  UnserializableException(String message) {
    super(message);
  }
}
