package dev.manyhands.store;

import org.jspecify.annotations.Nullable;

/**
 * The database did not do what was asked: it is away, full or broken, or the store is closed. The
 * requested operation has not happened.
 */
public class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
