package dev.manyhands.engine.worker.sandbox;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Tests whether a {@link CallFilter} works here, and whether it refuses a guarded call. */
final class FilterTrial {
  private FilterTrial() {}

  /** Returns in words why workers' calls of the kernel cannot be filtered; null if they can. */
  static @Nullable String fault() {
    var fault = new CompletableFuture<String>();
    Thread.ofPlatform()
        .daemon()
        .name("filter-trial")
        .start(() -> fault.complete(faultOnThisThread()));
    String found = fault.join();
    return found.isEmpty() ? null : found;
  }

  /** Returns the fault; empty if there is none. The thread stays under the filter. */
  private static String faultOnThisThread() {
    var architecture = Architecture.here();
    if (architecture == null) {
      return "there is no filter of system calls for " + System.getProperty("os.arch");
    }
    int answer;
    try {
      CallFilter.enforce();
      // Signal 0 to all processes does nothing. Without a filter, the call succeeds.
      answer = SystemCalls.call(GuardedCall.KILL.number(architecture), -1, 0, 0, 0);
    } catch (IOException | RuntimeException | LinkageError e) {
      return "system calls cannot be filtered here (" + e.getMessage() + ")";
    }
    if (answer != -SystemCalls.EPERM) {
      return "the filter of system calls lets through what it should refuse";
    }
    String fault = Executables.trial("true");
    return fault == null ? "" : "with system calls filtered, " + fault;
  }
}
