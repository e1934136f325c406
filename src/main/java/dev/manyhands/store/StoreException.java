package dev.manyhands.store;

/**
 * The database did not do what was asked: it is away, full or broken. Whatever was asked has not
 * happened.
 */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
