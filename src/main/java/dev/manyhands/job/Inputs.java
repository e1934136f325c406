package dev.manyhands.job;

import org.jspecify.annotations.Nullable;

/** Where a job's items come from. */
public sealed interface Inputs {

  /** How many items there are at the submission. */
  long count();

  /** The one that may add items and close the inputs; null when nothing is added to them. */
  default @Nullable InputsOwner owner() {
    return switch (this) {
      case Open open -> open.upload() ? InputsOwner.UPLOAD : InputsOwner.CLIENT;
      case Results _ -> InputsOwner.FEED;
      case Listed _, Range _, Repeat _ -> null;
    };
  }

  /** Items that were posted; they are in the store, byte for byte. */
  record Listed(long count) implements Inputs {}

  /**
   * Items that are still coming, posted like listed ones; how many there are is in the job's tally.
   *
   * @param upload whether they come in the very request that submitted the job: if that breaks off,
   *     the job is not whole and never will be
   */
  record Open(boolean upload) implements Inputs {
    @Override
    public long count() {
      return 0;
    }
  }

  /**
   * The results of another job, in its order; how many there are is known when it has ended.
   *
   * @param job whose
   */
  record Results(JobId job) implements Inputs {
    @Override
    public long count() {
      return 0;
    }
  }

  /** The integers {@code start, start + step, …} before {@code stop}, as Python's {@code range}. */
  record Range(long start, long stop, long step) implements Inputs {
    public Range {
      if (step == 0) {
        throw new IllegalArgumentException("step must not be 0");
      }
    }

    @Override
    public long count() {
      boolean empty = step > 0 ? start >= stop : start <= stop;
      if (empty) {
        return 0;
      }
      // Widths beyond a long cannot be submitted; the count then is the largest number, which every
      // limit refuses.
      try {
        long width = step > 0 ? Math.subtractExact(stop, start) : Math.subtractExact(start, stop);
        long stride = step > 0 ? step : Math.negateExact(step);
        return (width - 1) / stride + 1;
      } catch (ArithmeticException tooWide) {
        return Long.MAX_VALUE;
      }
    }
  }

  /**
   * The same value, many times.
   *
   * @param value its JSON, as it was posted
   */
  record Repeat(String value, long times) implements Inputs {
    @Override
    public long count() {
      return times;
    }
  }
}
