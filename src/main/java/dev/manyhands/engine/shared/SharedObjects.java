package dev.manyhands.engine.shared;

import dev.manyhands.model.Job;
import dev.manyhands.store.JobGoneException;
import java.util.List;

/** The shared objects of jobs, for people and programs outside. Safe for use by any thread. */
public interface SharedObjects {

  /**
   * Returns the objects of a job in the order of their declaration; empty if the job declares none.
   * Blocks for a read if the job does not run.
   *
   * @throws JobGoneException if the job was deleted meanwhile
   */
  List<SharedSummary> of(Job job);

  /**
   * Returns a part of what an object holds. Blocks as {@link #of} does.
   *
   * @param name the name of an object that the job declares
   * @param offset how many entries to pass over
   * @param limit how many entries to return at most
   * @throws JobGoneException if the job was deleted meanwhile
   */
  SharedContent content(Job job, String name, long offset, int limit);

  /** Returns the calls of a job that wait. None for a job that has not begun, or has ended. */
  SharedWaits waits(Job job);

  /**
   * Makes a call that does not wait. A job that has ended answers only calls that change nothing.
   *
   * @throws JobGoneException if the job was deleted meanwhile
   */
  SharedAnswer call(Job job, SharedCall call);
}
