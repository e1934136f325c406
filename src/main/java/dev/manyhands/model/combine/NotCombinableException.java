package dev.manyhands.model.combine;

/** Thrown for a result that a combiner cannot use. The message is for the user of the item. */
public final class NotCombinableException extends Exception {
  private static final long serialVersionUID = 1L;

  NotCombinableException(String message) {
    super(message, null, false, false);
  }
}
