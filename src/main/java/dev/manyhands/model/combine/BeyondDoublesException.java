package dev.manyhands.model.combine;

/**
 * Thrown when the result of a reduction is larger than any double. The message is for the user of
 * the job.
 */
public final class BeyondDoublesException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  BeyondDoublesException(String message) {
    super(message);
  }
}
