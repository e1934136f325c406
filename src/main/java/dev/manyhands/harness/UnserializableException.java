package dev.manyhands.harness;

/** Thrown for a result that has no JSON form. The message names a type to return instead. */
final class UnserializableException extends Exception {
  private static final long serialVersionUID = 1;

  UnserializableException(String message) {
    super(message);
  }
}
