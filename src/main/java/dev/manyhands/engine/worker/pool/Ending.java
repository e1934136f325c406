package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.RunningWorker;
import dev.manyhands.engine.worker.SlotEvent.Cause;
import dev.manyhands.engine.worker.SlotEvent.Death;
import dev.manyhands.engine.worker.StartFault;
import dev.manyhands.model.ItemError;
import dev.manyhands.support.Word;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The reason why the service ended a worker, with words for users and a word for metrics. */
sealed interface Ending {

  /** The word for metrics, in lower case. */
  String word();

  /**
   * Returns the end of the worker in words for users.
   *
   * @param lastWords the end of the worker's stderr
   */
  Death death(@Nullable String lastWords);

  /** Returns whether the worker is asked to end, and killed only if it does not. */
  default boolean asksFirst() {
    return false;
  }

  /**
   * Returns whether the worker prints where its threads are before it is killed, as far as it can.
   */
  default boolean showsStacks() {
    return late() != null;
  }

  /**
   * Returns the items that ran for too long at the last look, empty if the worker named none; null
   * if the worker is not ended because of items that are late.
   */
  default @Nullable List<Long> late() {
    return null;
  }

  /** Returns the fault to report if the worker was ended before the function was loaded. */
  default StartFault startFault() {
    return StartFault.FUNCTION;
  }

  /** Returns all words that {@link #word} returns. */
  static List<String> words() {
    return Stream.concat(
            Arrays.stream(Plain.values()).map(Plain::word),
            Stream.of(
                OverMemory.WORD,
                ItemTooLong.WORD,
                ItemOverProcessorTime.WORD,
                ScratchFull.WORD,
                ProtocolBroken.WORD))
        .toList();
  }

  /** The endings that carry no facts of their own. */
  enum Plain implements Ending {
    /** The worker had been idle for long, made room for another function, or its job is over. */
    IDLE(Cause.STOPPED, "Recycled", "the worker was replaced"),
    /** The worker had run as many items as a worker may, or had no room for the next chunk. */
    ITEMS(Cause.STOPPED, "Recycled", "the worker was replaced"),
    /** The worker held more memory than is good for one that is used again. */
    RSS(Cause.STOPPED, "Recycled", "the worker was replaced"),
    /** The worker was asked to stop its chunks, and did not in time. */
    STOPPED(Cause.STOPPED, "Stopped", "the worker was told to stop"),
    /**
     * The worker wrote a line that answers no item, or another one than was due; its job has
     * failed.
     */
    EXCESS(Cause.STOPPED, "Stopped", "the worker was told to stop"),
    /** The service ends; the job goes on at the next start of the service. */
    SHUTDOWN(Cause.STOPPED, "Stopped", "the worker was told to stop"),
    /** The service failed at something that it did for the worker; its log has the cause. */
    FAULT(
        Cause.FAULT,
        "ServiceFault",
        "the service failed at something that it did for the worker, and killed the worker; the"
            + " log of the service says more"),
    /** The worker could not load its function, or took too long. The words are for the latter. */
    NOT_LOADED(
        Cause.CRASH,
        "Timeout",
        "the function, or the initializer of the job, took too long to load");

    private final Cause cause;
    private final String type;
    private final String message;

    Plain(Cause cause, String type, String message) {
      this.cause = cause;
      this.type = type;
      this.message = message;
    }

    @Override
    public String word() {
      return Word.of(this);
    }

    /** Leaves out the last words after a fault of the service: the user's code is not the cause. */
    @Override
    public Death death(@Nullable String lastWords) {
      return new Death(cause, type, message, this == FAULT ? null : lastWords);
    }

    @Override
    public boolean asksFirst() {
      return this == IDLE || this == ITEMS || this == RSS;
    }

    @Override
    public StartFault startFault() {
      return switch (this) {
        case SHUTDOWN, FAULT, STOPPED -> StartFault.OUTAGE;
        default -> StartFault.FUNCTION;
      };
    }
  }

  /** The worker held more memory than it may. */
  record OverMemory(long memoryBytes) implements Ending {
    private static final String WORD = "oom";

    @Override
    public String word() {
      return WORD;
    }

    @Override
    public Death death(@Nullable String lastWords) {
      return new Death(
          Cause.OOM,
          "OutOfMemory",
          "the worker held more than the "
              + memoryBytes
              + " bytes that it may, and was killed; ask for more with 'memory'",
          lastWords);
    }
  }

  /**
   * An item took too long.
   *
   * @param item the item; null if the worker named none
   * @param process explains a command that has never answered
   */
  record ItemTooLong(@Nullable Long item, RunningWorker process) implements Ending {
    private static final String WORD = "timeout";

    @Override
    public List<Long> late() {
      return item == null ? List.of() : List.of(item);
    }

    @Override
    public String word() {
      return WORD;
    }

    @Override
    public Death death(@Nullable String lastWords) {
      String why = process.unanswered(lastWords != null);
      return new Death(
          Cause.TIMEOUT,
          ItemError.TIMED_OUT,
          "the item ran longer than timeouts.item and its worker was killed"
              + (why.isEmpty() ? "" : "; " + why),
          lastWords);
    }
  }

  /**
   * An item used more processor time than it may.
   *
   * @param late the items that the worker named
   */
  record ItemOverProcessorTime(Duration limit, List<Long> late) implements Ending {
    private static final String WORD = "cpu";

    @Override
    public String word() {
      return WORD;
    }

    @Override
    public Death death(@Nullable String lastWords) {
      return new Death(
          Cause.TIMEOUT,
          "CpuTimeout",
          ("the item used more than %s s of processor time, with all that it started, and its"
                  + " worker was killed; timeouts.cpu or manyhands.workers.cpu-time say how much it"
                  + " may")
              .formatted(limit.toMillis() / 1000.0),
          lastWords);
    }
  }

  /**
   * The worker filled its directory with more than it may.
   *
   * @param detail what was full, in words
   */
  record ScratchFull(String detail) implements Ending {
    private static final String WORD = "scratch";

    @Override
    public String word() {
      return WORD;
    }

    @Override
    public Death death(@Nullable String lastWords) {
      return new Death(
          Cause.CRASH,
          "ScratchFull",
          detail
              + ", and it was killed; remove files that are no longer needed, or raise"
              + " manyhands.workers.scratch",
          lastWords);
    }
  }

  /** The worker did what the protocol forbids. */
  record ProtocolBroken(String detail) implements Ending {
    private static final String WORD = "broken";

    @Override
    public String word() {
      return WORD;
    }

    @Override
    public Death death(@Nullable String lastWords) {
      return new Death(
          Cause.CRASH,
          "Protocol",
          "the worker broke the worker protocol and was killed: " + detail,
          lastWords);
    }
  }
}
