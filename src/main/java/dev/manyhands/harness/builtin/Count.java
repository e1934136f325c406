package dev.manyhands.harness.builtin;

import org.jspecify.annotations.Nullable;

/** Checks items that are a number of repetitions. */
final class Count {

  private Count() {}

  static long of(String function, @Nullable Long item) {
    if (item == null || item < 0) {
      throw new IllegalArgumentException(
          function + " needs an integer of 0 or more and got " + item);
    }
    return item;
  }
}
