package dev.manyhands.app;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.engine.shared.SharedSets;
import dev.manyhands.engine.worker.process.UsageWatch;
import dev.manyhands.jobs.CallbackTrigger;
import dev.manyhands.jobs.Leases;
import dev.manyhands.jobs.WaitingJobs;
import dev.manyhands.model.Grant;
import dev.manyhands.support.Waits;
import java.time.Duration;
import java.util.List;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;

/**
 * Starts the scheduler before the web server accepts requests, and stops it after the last request
 * was answered.
 */
final class SchedulerLifecycle implements SmartLifecycle, ApplicationListener<ContextClosedEvent> {
  private final Scheduler scheduler;
  private final JobBoard board;
  private final UsageWatch usage;
  private final WaitingJobs waiting;
  private final Leases leases;
  private final CallbackTrigger callbacks;
  private final SharedSets shared;
  private final Duration grace;

  SchedulerLifecycle(
      Scheduler scheduler,
      JobBoard board,
      UsageWatch usage,
      WaitingJobs waiting,
      Leases leases,
      CallbackTrigger callbacks,
      SharedSets shared,
      Duration grace) {
    this.scheduler = scheduler;
    this.board = board;
    this.usage = usage;
    this.waiting = waiting;
    this.leases = leases;
    this.callbacks = callbacks;
    this.shared = shared;
    this.grace = grace;
  }

  /**
   * Ends all waits before anything stops. The web server waits for its requests, so no request may
   * wait for a job.
   */
  @Override
  public void onApplicationEvent(ContextClosedEvent event) {
    board.close();
  }

  @Override
  public void start() {
    Waits.startTimers();
    board.onEnd(id -> {
      try {
        waiting.ended(id);
      } finally {
        try {
          callbacks.ended(id);
        } finally {
          shared.end(id);
        }
      }
    });
    List<Grant> unfinished = scheduler.start();
    unfinished.forEach(grant -> callbacks.expect(grant.job()));
    waiting.start(unfinished);
    callbacks.start();
    leases.start(unfinished);
    usage.start();
  }

  @Override
  public void stop() {
    usage.close();
    leases.close();
    waiting.close();
    callbacks.close();
    scheduler.stop(grace);
  }

  /**
   * Ends all work and all waits here, because another service has the jobs now. Users then see the
   * jobs as they are in the store.
   */
  void standDown() {
    board.close();
    scheduler.abandon();
    usage.close();
    leases.close();
    waiting.close();
    callbacks.close();
    board.clear();
  }

  @Override
  public boolean isRunning() {
    return scheduler.isRunning();
  }

  /** Lower than the web server's phases: the web server starts later and stops earlier. */
  @Override
  public int getPhase() {
    return 0;
  }
}
