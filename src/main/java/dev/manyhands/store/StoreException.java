package dev.manyhands.store;

import org.jspecify.annotations.Nullable;

/**
 * The database did not do what was asked: it is away, full or broken, the store is closed, or too
 * much is being read at once. The requested operation has not happened. Only an operation that does
 * no harm may have happened, if its commit got no answer.
 */
public class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Returns the failure of a service whose database is not ready for use. */
  public static StoreException notPrepared(Exception cause) {
    return new StoreException("the database could not be prepared: " + cause.getMessage(), cause);
  }
}
