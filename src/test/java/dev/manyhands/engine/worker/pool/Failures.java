package dev.manyhands.engine.worker.pool;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Errors that a test has its doubles throw: at the n-th call of any of them, or at the next call of
 * one of them. Safe for use by any thread.
 */
public final class Failures {
  private final Map<String, Error> next = new HashMap<>();
  private long calls;
  private long failing;
  private Supplier<Error> error = () -> new InternalError("planned");
  private @Nullable String failed;

  /** The next call of this name fails. */
  public synchronized void failNext(String call) {
    next.put(call, new InternalError("planned: " + call));
  }

  /** Plans nothing any more, and forgets what has failed. */
  public synchronized void end() {
    next.clear();
    failing = 0;
    failed = null;
  }

  /** The n-th call from now on fails, whatever its name is. */
  public synchronized void failAt(long n, Supplier<Error> planned) {
    calls = 0;
    failing = n;
    failed = null;
    error = planned;
  }

  /** The name of the call that has failed last; null for none so far. */
  public synchronized @Nullable String failed() {
    return failed;
  }

  /** Called by a double at the beginning of each call. */
  public synchronized void pass(String call) {
    Error planned = next.remove(call);
    if (planned != null) {
      failed = call;
      throw planned;
    }
    if (failing > 0 && ++calls == failing) {
      failed = call;
      throw error.get();
    }
  }
}
