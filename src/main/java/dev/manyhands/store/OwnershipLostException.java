package dev.manyhands.store;

import org.jspecify.annotations.Nullable;

/**
 * Another service writes to the database now. This service must not write, and never will again.
 */
public final class OwnershipLostException extends StoreException {
  private static final long serialVersionUID = 1L;

  /**
   * @param holder the other service, in words; null when it is not known
   */
  public OwnershipLostException(@Nullable String holder) {
    super(
        "another service has taken the database over"
            + (holder == null ? "" : ": " + holder)
            + "; this one has stopped its work and writes nothing any more",
        null);
  }

  /** Returns whether the loss of ownership is the cause of a failure. */
  public static boolean isCauseOf(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof OwnershipLostException) {
        return true;
      }
    }
    return false;
  }
}
