package dev.manyhands.app;

import dev.manyhands.store.DatabaseInUseException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Reports to an operator which other service uses the database. */
public final class InUseFailures extends AbstractFailureAnalyzer<DatabaseInUseException> {
  static final String MEND =
      "End that service, or give each its own database (manyhands.store.url, MANYHANDS_STORE_URL)."
          + " To wait longer for its end (PostgreSQL), set manyhands.store.lock-wait.";

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, DatabaseInUseException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), MEND, cause);
  }
}
