package dev.manyhands.combine;

/** A reduction that comes to more than any double; says so, for the user whose job it is. */
public final class BeyondDoublesException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  BeyondDoublesException(String message) {
    super(message);
  }
}
