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
 */
record Handling(
    Way way,
    int portions,
    boolean follows,
    boolean paused,
    @Nullable String change,
    boolean cancels) {

  /** How the inputs of a job are sent. */
  enum Way {
    ARRAY,
    /** As a range or a repetition. */
    SHORT,
    LINES,
    FORM,
    /** Some after others, to an open job. */
    PORTIONS
  }

  static Handling some(RandomGenerator random, RandomFunction function) {
    var way = Way.values()[random.nextInt(Way.values().length)];
    String change =
        random.nextInt(5) == 0
            ? "{\"workers\": %d, \"priority\": %d}"
                .formatted(random.nextInt(1, 4), random.nextInt(10))
            : null;
    return new Handling(
        way == Way.SHORT && function.inputs() == null ? Way.ARRAY : way,
        random.nextInt(1, 5),
        random.nextInt(3) == 0,
        random.nextInt(6) == 0,
        change,
        random.nextInt(4) == 0);
  }

  /** Returns a variant that one request sends. */
  Handling atOnce() {
    var at = way == Way.SHORT ? way : Way.ARRAY;
    return new Handling(at, portions, follows, paused, change, cancels);
  }

  /** Whether the service knows the number of items from the start. */
  boolean isCounted() {
    return way == Way.ARRAY || way == Way.SHORT;
  }
}
