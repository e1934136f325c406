package dev.manyhands.config;

import dev.manyhands.metrics.WorkerSampler;
import dev.manyhands.scheduler.Scheduler;
import java.time.Duration;
import org.springframework.context.SmartLifecycle;

/**
 * Starts the scheduler before the web server takes requests, and stops it after the last one was
 * answered.
 */
final class SchedulerLifecycle implements SmartLifecycle {
  private final Scheduler scheduler;
  private final WorkerSampler sampler;
  private final Duration grace;

  SchedulerLifecycle(Scheduler scheduler, WorkerSampler sampler, Duration grace) {
    this.scheduler = scheduler;
    this.sampler = sampler;
    this.grace = grace;
  }

  @Override
  public void start() {
    scheduler.start();
    sampler.start();
  }

  @Override
  public void stop() {
    sampler.close();
    scheduler.stop(grace);
  }

  @Override
  public boolean isRunning() {
    return scheduler.isRunning();
  }

  /** The web server's phases are higher: it starts later and stops earlier. */
  @Override
  public int getPhase() {
    return 0;
  }
}
