package dev.manyhands.jobs;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.jobs.SubmissionListener.Submitting;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobState;
import dev.manyhands.store.JobStore;

/** Hands stored jobs over to the parts that go on with them. Safe for use by any thread. */
public final class Handover {
  private final Scheduler scheduler;
  private final JobBoard board;
  private final WaitingJobs waiting;
  private final Leases leases;
  private final CallbackTrigger callbacks;
  private final SubmissionListener listener;

  public Handover(
      Scheduler scheduler,
      JobBoard board,
      WaitingJobs waiting,
      Leases leases,
      CallbackTrigger callbacks,
      SubmissionListener listener) {
    this.scheduler = scheduler;
    this.board = board;
    this.waiting = waiting;
    this.leases = leases;
    this.callbacks = callbacks;
    this.listener = listener;
  }

  /** Begins to follow a submission. */
  Submitting submitting() {
    return listener.submitting();
  }

  /** Lets a stored job run, or wait. */
  void begin(Job job) {
    listener.stored(job);
    board.announce(job.id());
    callbacks.expect(job);
    leases.begin(job);
    if (job.status().state() == JobState.WAITING) {
      waiting.add(job, JobStore.FIRST_VERSION);
    } else {
      scheduler.run(job);
    }
  }
}
