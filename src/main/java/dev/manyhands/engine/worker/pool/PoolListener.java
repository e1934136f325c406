package dev.manyhands.engine.worker.pool;

import dev.manyhands.model.FunctionRuntime;
import java.util.List;

/** Receives the ends of workers, for metrics. Called in the pool's thread; must return at once. */
public interface PoolListener {

  /**
   * A worker has ended.
   *
   * @param reason one of {@link #reasons}
   */
  void ended(FunctionRuntime runtime, String reason);

  /**
   * Returns the words for the ends of workers, in lower case: {@code crash}, {@code oom}, {@code
   * timeout}, {@code idle}, …
   */
  static List<String> reasons() {
    return Deaths.reasons();
  }

  PoolListener NONE = (runtime, reason) -> {};
}
