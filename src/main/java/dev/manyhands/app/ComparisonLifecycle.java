package dev.manyhands.app;

import dev.manyhands.jobs.comparison.ComparisonRunner;
import org.springframework.context.SmartLifecycle;

/**
 * Starts comparisons after the scheduler, which takes over unfinished jobs first, and before the
 * web server.
 */
final class ComparisonLifecycle implements SmartLifecycle {
  private final ComparisonRunner runner;
  private volatile boolean running;

  ComparisonLifecycle(ComparisonRunner runner) {
    this.runner = runner;
  }

  @Override
  public void start() {
    running = true;
    runner.start();
  }

  @Override
  public void stop() {
    running = false;
    runner.stop();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return 1;
  }
}
