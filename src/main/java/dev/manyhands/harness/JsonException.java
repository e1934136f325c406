package dev.manyhands.harness;

/**
 * Thrown for a text that is not JSON, is nested too deeply, or has a number that Java cannot hold.
 */
final class JsonException extends RuntimeException {
  private static final long serialVersionUID = 1;

  JsonException(String message, int offset) {
    this(message + " at byte " + offset);
  }

  JsonException(String message) {
    super(message);
  }
}
