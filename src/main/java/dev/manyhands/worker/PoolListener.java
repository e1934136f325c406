package dev.manyhands.worker;

import dev.manyhands.job.FunctionRuntime;
import java.util.List;

/** Is told of workers' lives, for metrics. Called in the pool's thread; must return at once. */
public interface PoolListener {

  /**
   * A worker has ended.
   *
   * @param reason one of {@link #reasons}
   */
  void ended(FunctionRuntime runtime, String reason);

  /**
   * The words for why a worker ended, in lower case: {@code crash}, {@code oom}, {@code timeout},
   * {@code idle}, …
   */
  static List<String> reasons() {
    return Deaths.reasons();
  }

  PoolListener NONE = (runtime, reason) -> {};
}
