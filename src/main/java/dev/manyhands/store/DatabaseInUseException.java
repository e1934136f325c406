package dev.manyhands.store;

import java.nio.file.Path;

/** The service cannot start, because another one writes to its database. */
public final class DatabaseInUseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception for a database file.
   *
   * @param holder the other service, in words
   */
  public DatabaseInUseException(Path file, String holder) {
    super("the database " + file + " is used by another service, " + holder);
  }

  /**
   * @param holder the other service, in words
   */
  public DatabaseInUseException(String holder, long waitedSeconds) {
    super(
        "the database is used by another service, "
            + holder
            + ", which did not end within "
            + waitedSeconds
            + " s");
  }
}
