package dev.manyhands.app;

import org.jspecify.annotations.Nullable;

/** Thrown when the service cannot start for a reason that an operator can remove. */
class CannotStartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String mend;

  /**
   * @param mend the remedy, in whole sentences
   */
  CannotStartException(String message, String mend, @Nullable Throwable cause) {
    super(message, cause);
    this.mend = mend;
  }

  String mend() {
    return mend;
  }
}
