package dev.manyhands.outside;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How a random job is sent, and what its user does with it while it runs.
 *
 * @param way how its inputs get to the service
 * @param portions of its items that are sent one after the other, where they come in portions
 * @param follows whether its results are read while it runs
 * @param paused whether it starts no item until a user resumes it
 * @param change a body for PATCH, while it may run; null for none
 * @param cancels whether some of its items are cancelled
 * @param lease of a job whose inputs are open for a while
 * @param before what the job waits for
 * @param callsBack whether its end is posted to a receiver
 * @param again whether an equal job is submitted afterwards, if that has one right outcome
 */
record Handling(
    Way way,
    int portions,
    boolean follows,
    boolean paused,
    @Nullable String change,
    boolean cancels,
    Lease lease,
    Before before,
    boolean callsBack,
    boolean again) {

  /** How the inputs of a job are sent. */
  enum Way {
    ARRAY,
    /** As a range or a repetition. */
    SHORT,
    LINES,
    FORM,
    /** Some after others, to an open job. */
    PORTIONS,
    /** As portions, in requests that name the index of their first item. */
    PLACED,
    /** As the results of another job. */
    RESULTS
  }

  /** An event that a job waits for. */
  enum Before {
    NOTHING,
    /** Another job, which succeeds. */
    SUCCESS,
    /** Another job, which does not. */
    FAILURE,
    TIME
  }

  /** Ways in which the user of an open job treats its idle time. */
  enum Lease {
    NONE,
    /** Keeps it for longer than the idle time, closes it. */
    KEPT,
    /** Leaves the job with some of its items, and never closes it. */
    ABANDONED
  }

  static Handling some(RandomGenerator random, RandomFunction function) {
    var way = way(random, function);
    String change =
        random.nextInt(5) == 0
            ? "{\"workers\": %d, \"priority\": %d}"
                .formatted(random.nextInt(1, 4), random.nextInt(10))
            : null;
    return new Handling(
        way,
        random.nextInt(1, 5),
        random.nextInt(3) == 0,
        random.nextInt(6) == 0,
        change,
        random.nextInt(4) == 0,
        lease(random, way),
        before(random, way),
        random.nextInt(6) == 0,
        random.nextInt(3) == 0);
  }

  private static Way way(RandomGenerator random, RandomFunction function) {
    var way = Way.values()[random.nextInt(Way.values().length)];
    boolean isPossible =
        switch (way) {
          case SHORT -> function.inputs() != null;
          // A job before it would write envelopes of its own.
          case RESULTS -> !function.options().contains(PythonValues.OPTION);
          default -> true;
        };
    return isPossible ? way : Way.ARRAY;
  }

  private static Before before(RandomGenerator random, Way way) {
    // The service refuses to wait while inputs still come.
    boolean isSentAtOnce = way == Way.ARRAY || way == Way.SHORT;
    return isSentAtOnce && random.nextInt(5) == 0
        ? Before.values()[random.nextInt(Before.values().length)]
        : Before.NOTHING;
  }

  private static Lease lease(RandomGenerator random, Way way) {
    boolean isOpen = way == Way.PORTIONS || way == Way.PLACED;
    return isOpen && random.nextInt(4) == 0
        ? random.nextBoolean() ? Lease.KEPT : Lease.ABANDONED
        : Lease.NONE;
  }

  /** Returns a variant for a world in which the service may be away for long. */
  Handling hardened() {
    var kept = way == Way.SHORT || way == Way.PLACED ? way : Way.ARRAY;
    return new Handling(
        kept, portions, follows, paused, change, cancels, Lease.NONE, Before.NOTHING, false, false);
  }

  /** Whether it may be WAITING. */
  boolean mayWait() {
    return before != Before.NOTHING || way == Way.RESULTS;
  }

  /** Whether its inputs come in requests after the first one. */
  boolean isOpen() {
    return way == Way.PORTIONS || way == Way.PLACED;
  }

  /** Returns a variant without a lease, which a time without requests would end. */
  Handling lasting() {
    return new Handling(
        way, portions, follows, paused, change, cancels, Lease.NONE, before, callsBack, again);
  }

  /** Whether the service knows the number of items from the start. */
  boolean isCounted() {
    return way == Way.ARRAY || way == Way.SHORT;
  }
}
