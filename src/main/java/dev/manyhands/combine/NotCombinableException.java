package dev.manyhands.combine;

/** A result that a combiner has no use for; says why, for the user whose item it is. */
public final class NotCombinableException extends Exception {
  private static final long serialVersionUID = 1L;

  NotCombinableException(String message) {
    super(message, null, false, false);
  }
}
