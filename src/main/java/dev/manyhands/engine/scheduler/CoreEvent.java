package dev.manyhands.engine.scheduler;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.ServiceDeaths;
import dev.manyhands.model.Tally;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event for the core, about a job or the whole service. An event of a slot is a {@link
 * dev.manyhands.engine.worker.SlotEvent}.
 */
public sealed interface CoreEvent {

  /**
   * Grants a job to this service.
   *
   * @param version identifies the grant in all that is written under it
   * @param remaining the items that are to run, ascending, without overlap
   * @param tally the number of items so far, and the counts of their outcomes
   * @param cancelled items that a user has cancelled; the tally counts them as skipped
   * @param deaths the deaths of the service while the job was running
   */
  record Run(
      Job job,
      long version,
      List<ItemRange> remaining,
      Tally tally,
      List<ItemRange> cancelled,
      ServiceDeaths deaths)
      implements CoreEvent {

    public Run(Job job, long version, List<ItemRange> remaining, Tally tally) {
      this(job, version, remaining, tally, List.of(), ServiceDeaths.NONE);
    }
  }

  /**
   * Outcomes of items that need not run, because the memo knows them. All of the items succeeded.
   * Only for a job that remembers outcomes.
   */
  record Known(JobId job, long version, OutcomeReport report) implements CoreEvent {}

  /** Items of a job that remembers outcomes are to run, because the memo does not know them. */
  record Release(JobId job, long version, ItemRange items) implements CoreEvent {}

  /** A user has changed options of a job; {@code spec} has all options. */
  record Change(JobId job, JobSpec spec) implements CoreEvent {}

  /**
   * These items of a job are in the store. Events of this kind may overtake each other, and may
   * name items that the core has already.
   */
  record Append(JobId job, ItemRange items) implements CoreEvent {}

  /**
   * A job has {@code total} items, and no more will come. An {@link Append} of some of the items
   * may still follow.
   */
  record CloseInputs(JobId job, long total) implements CoreEvent {}

  /** A job must end as failed now, for this reason. */
  record Fail(JobId job, String stopReason, JobError error) implements CoreEvent {}

  /** A job must end as cancelled now. */
  record Cancel(JobId job) implements CoreEvent {}

  /**
   * Nobody has asked for an open job for a while. It gets no more inputs, and ends: cancelled
   * unless all of its items are done.
   */
  record Abandon(JobId job) implements CoreEvent {}

  /**
   * A user wants these items not to run. Answered by {@link Action.CancelItems} or {@link
   * Action.NotCancelled}.
   *
   * @param request a number that no other request has
   * @param items ranges that do not overlap
   * @param force whether items that run are stopped
   */
  record CancelItems(JobId job, long request, List<ItemRange> items, boolean force)
      implements CoreEvent {}

  /**
   * The store refused a write under this version. Another service has the job, or the job was
   * deleted. The core forgets the job.
   */
  record LeaseLost(JobId job, long version) implements CoreEvent {}

  /** The service has run for a while without dying: no job is suspected any more. */
  record EndSuspicion() implements CoreEvent {}

  /**
   * The service is about to stop. No chunks are handed out any more, and items that have not
   * started are recalled.
   */
  record Drain() implements CoreEvent {}

  /**
   * The store cannot keep up, or can again. While it cannot, outcomes pile up in memory, so that no
   * more chunks are handed out.
   */
  record StoreBehind(boolean behind) implements CoreEvent {}

  /** Time has passed, so that something may be due: a deadline, a retry or a recall. */
  record Tick() implements CoreEvent {}

  /** Returns the job that the event is about; null if the event is about the whole service. */
  default @Nullable JobId about() {
    return switch (this) {
      case Run run -> run.job().id();
      case Known known -> known.job();
      case Release release -> release.job();
      case Change change -> change.job();
      case Append append -> append.job();
      case CloseInputs close -> close.job();
      case Fail fail -> fail.job();
      case Cancel cancel -> cancel.job();
      case Abandon abandon -> abandon.job();
      case CancelItems cancel -> cancel.job();
      case LeaseLost lost -> lost.job();
      case EndSuspicion _ -> null;
      case Drain _ -> null;
      case StoreBehind _ -> null;
      case Tick _ -> null;
    };
  }
}
