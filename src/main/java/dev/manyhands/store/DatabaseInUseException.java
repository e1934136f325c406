package dev.manyhands.store;

/** The service cannot start: another one writes to its database. */
public final class DatabaseInUseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param holder the other service, in words
   */
  DatabaseInUseException(String holder, long waitedSeconds) {
    super(
        "the database is used by another service, "
            + holder
            + ", which did not end within "
            + waitedSeconds
            + " s");
  }
}
