package dev.manyhands.config;

import dev.manyhands.metrics.WorkerSampler;
import dev.manyhands.scheduler.JobBoard;
import dev.manyhands.scheduler.Scheduler;
import java.time.Duration;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;

/**
 * Starts the scheduler before the web server takes requests, and stops it after the last one was
 * answered.
 */
final class SchedulerLifecycle implements SmartLifecycle, ApplicationListener<ContextClosedEvent> {
  private final Scheduler scheduler;
  private final JobBoard board;
  private final WorkerSampler sampler;
  private final Duration grace;

  SchedulerLifecycle(Scheduler scheduler, JobBoard board, WorkerSampler sampler, Duration grace) {
    this.scheduler = scheduler;
    this.board = board;
    this.sampler = sampler;
    this.grace = grace;
  }

  /**
   * Comes before anything stops: the web server waits for its requests, so those that wait for jobs
   * must not.
   */
  @Override
  public void onApplicationEvent(ContextClosedEvent event) {
    board.close();
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
