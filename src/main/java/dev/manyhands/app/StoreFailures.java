package dev.manyhands.app;

import dev.manyhands.store.StoreException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Reports to an operator that the database cannot be used, without a stack trace. */
public final class StoreFailures extends AbstractFailureAnalyzer<StoreException> {
  static final String MEND =
      "Start the database, or mend manyhands.store.url, .username and .password"
          + " (MANYHANDS_STORE_URL, _USERNAME, _PASSWORD).";

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, StoreException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), MEND, cause);
  }
}
