package dev.manyhands.app;

import dev.manyhands.support.BadSettingException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Reports to an operator which setting is invalid, without a stack trace. */
public final class SettingFailures extends AbstractFailureAnalyzer<BadSettingException> {
  static final String MEND =
      "Mend the setting. 'java -jar manyhands.jar doctor' looks at all of them before a start.";

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, BadSettingException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), MEND, cause);
  }
}
