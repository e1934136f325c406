package dev.manyhands.app;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Reports to an operator why the service does not start, with a remedy and without a stack trace.
 */
public final class CannotStartFailures extends AbstractFailureAnalyzer<CannotStartException> {
  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, CannotStartException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.mend(), cause);
  }
}
