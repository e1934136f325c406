package dev.manyhands.app;

import dev.manyhands.engine.worker.sandbox.Sandbox;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Reports to an operator why workers cannot be confined as configured. The service does not start
 * then.
 */
public final class SandboxFailures extends AbstractFailureAnalyzer<Sandbox.UnavailableException> {
  static final String MEND =
      "Install util-linux (setsid, setpriv, prlimit) and, for namespace, bubblewrap (bwrap), on a system that lets users have"
          + " namespaces. To hide the data directory, process needs a kernel with Landlock (Linux 5.13 or later, with landlock"
          + " in its list of security modules); namespace does not. Both need a kernel that lets processes filter their system calls (seccomp) on x86-64 or arm64. Or ask for less (MANYHANDS_WORKERS_SANDBOX=process, or none, without limits on workers).";

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, Sandbox.UnavailableException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), MEND, cause);
  }
}
