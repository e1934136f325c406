package dev.manyhands.app;

import dev.manyhands.http.access.BindRule.OpenToStrangersException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Reports to an operator in two lines why the service does not start, and what to do. */
public final class StartFailures extends AbstractFailureAnalyzer<OpenToStrangersException> {
  static final String MEND =
      "Set manyhands.security.tokens (MANYHANDS_SECURITY_TOKENS) to at least one token, or listen on loopback"
          + " (SERVER_ADDRESS=127.0.0.1).";

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, OpenToStrangersException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), MEND, cause);
  }
}
