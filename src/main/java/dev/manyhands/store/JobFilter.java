package dev.manyhands.store;

import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Selects jobs. A job matches when all members match that are not null. Immutable. Equal filters
 * have an equal {@link #toString}, by which a cursor recognizes the filter of its list.
 *
 * @param states the job is in one of these states; empty for any state
 * @param function the name of its function
 * @param digest the version of its function
 * @param label one of its labels
 * @param since the earliest time of its submission
 * @param parent the job whose items it tries again
 * @param text occurs in the words about the job that {@link SearchText} lists
 */
public record JobFilter(
    Set<JobState> states,
    @Nullable String function,
    @Nullable String digest,
    @Nullable Label label,
    @Nullable Instant since,
    @Nullable JobId parent,
    @Nullable SearchText text) {

  /** Matches every job. */
  public static final JobFilter ALL = new JobFilter(Set.of(), null, null, null, null, null, null);

  /** The states are kept in the order of the enum, so that equal filters have equal texts. */
  public JobFilter {
    states = states.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(states));
  }

  /** A label with its value. */
  public record Label(String key, String value) {}

  /** Returns a copy for jobs in these states. */
  public JobFilter inStates(Set<JobState> newStates) {
    return new JobFilter(newStates, function, digest, label, since, parent, text);
  }

  /** Returns whether jobs in this state match, if they match the other members. */
  public boolean has(JobState state) {
    return states.isEmpty() || states.contains(state);
  }
}
