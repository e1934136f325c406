package dev.manyhands.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The source of a job's items. */
public sealed interface Inputs {

  /** Returns the number of items at the submission; 0 if the items arrive later. */
  long count();

  /**
   * Returns the only source that may add items and close the inputs; null when nothing is added.
   */
  default @Nullable InputsOwner owner() {
    return switch (this) {
      case Open open -> open.upload() ? InputsOwner.UPLOAD : InputsOwner.CLIENT;
      case Results _ -> InputsOwner.FEED;
      case Listed _, Range _, Repeat _ -> null;
    };
  }

  /** Items that were posted. They are in the store, byte for byte. */
  record Listed(long count) implements Inputs {}

  /**
   * Items that are still arriving, posted like listed ones. Their number is in the job's tally.
   *
   * @param upload whether the items are part of the request that submitted the job: if the request
   *     breaks off, the job ends as failed
   * @param idle the time without any request about the job after which the job is abandoned; null
   *     for never
   */
  record Open(boolean upload, @Nullable Duration idle) implements Inputs {
    public Open(boolean upload) {
      this(upload, null);
    }

    @Override
    public long count() {
      return 0;
    }
  }

  /**
   * The results of another job, in its order. Their number is known when that job has ended.
   *
   * @param job the job with the results
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
      // A width beyond a long cannot be submitted. Its count is the largest number, which every
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
   * One value, many times.
   *
   * @param value the value's JSON, as it was posted
   */
  record Repeat(String value, long times) implements Inputs {
    @Override
    public long count() {
      return times;
    }
  }
}
