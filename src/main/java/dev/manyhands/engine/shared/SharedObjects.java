package dev.manyhands.engine.shared;

import dev.manyhands.model.Job;
import java.util.List;

/**
 * The shared objects of jobs and of sets, for people and programs outside. Safe for use by any
 * thread.
 */
public interface SharedObjects {

  /**
   * Returns the objects of a set in the order of their declaration; empty if there are none. Blocks
   * for a read if the set is not in memory. If the job was deleted meanwhile, its objects are in
   * their first state.
   *
   * @throws SharedSetGoneException if the set was created alone, and was deleted meanwhile
   */
  List<SharedSummary> of(SharedDeclaration set);

  /**
   * Returns a part of what an object holds. Blocks as {@link #of} does.
   *
   * @param name the name of an object that is declared
   * @param offset how many entries to pass over
   * @param limit how many entries to return at most
   * @throws SharedSetGoneException as {@link #of} does
   */
  SharedContent content(SharedDeclaration set, String name, long offset, int limit);

  /** Returns the calls of a job that wait. None for a job that has not begun, or has ended. */
  SharedWaits waits(Job job);

  /**
   * Makes a call that does not wait. The set of a job that has ended answers only calls that change
   * nothing. Blocks as {@link #of} does.
   *
   * @throws SharedSetGoneException as {@link #of} does
   */
  SharedAnswer call(SharedDeclaration set, SharedCall call);
}
