package dev.manyhands.worker;

import dev.manyhands.job.FunctionRuntime;

/** Is told of workers' lives, for metrics. Called in the pool's thread; must return at once. */
public interface PoolListener {

  /**
   * A worker has ended.
   *
   * @param reason one of few words, in lower case: {@code crash}, {@code oom}, {@code timeout},
   *     {@code idle}, …
   */
  void ended(FunctionRuntime runtime, String reason);

  PoolListener NONE = (runtime, reason) -> {};
}
