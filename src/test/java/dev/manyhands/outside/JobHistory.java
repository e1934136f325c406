package dev.manyhands.outside;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that clients asked of one open job, and what they were answered. Times are of {@code
 * System.nanoTime()}; requests whose times overlap may have been served in either order.
 *
 * @param priority of the job as it was submitted
 * @param idleNanos after which the job is abandoned if nobody asks for it; 0 for never
 * @param end what became of the job; null if it was deleted before that was read
 */
record JobHistory(String id, int priority, long idleNanos, List<Call> calls, @Nullable End end) {

  sealed interface Request {
    /**
     * Items that no other request sends, but for repetitions of this one.
     *
     * @param first the index that the first of them is to have; -1 if the request names none
     */
    record Append(List<Long> items, long first) implements Request {
      Append(List<Long> items) {
        this(items, -1);
      }

      boolean isPlaced() {
        return first >= 0;
      }
    }

    /** Names the items from {@code first} to before {@code end}, by index. */
    record CancelItems(long first, long end, boolean force) implements Request {}

    record Ping() implements Request {}

    record Close() implements Request {}

    record Cancel() implements Request {}

    record Delete() implements Request {}

    record Priority(int value) implements Request {}

    record Paused(boolean value) implements Request {}

    record Look() implements Request {}
  }

  /** The job as an answer shows it. */
  record Shown(
      String state,
      long total,
      long done,
      long succeeded,
      long failed,
      long skipped,
      int priority,
      boolean paused) {
    boolean isTerminal() {
      return !state.equals("QUEUED") && !state.equals("RUNNING");
    }
  }

  /**
   * @param shown null where the answer shows no job
   * @param fates the states of items, by index, as a request to cancel them is answered
   */
  record Call(
      Request request,
      long invokedNanos,
      long answeredNanos,
      int status,
      @Nullable Shown shown,
      Map<Long, String> fates) {
    Call(
        Request request, long invokedNanos, long answeredNanos, int status, @Nullable Shown shown) {
      this(request, invokedNanos, answeredNanos, status, shown, Map.of());
    }

    boolean isBefore(Call other) {
      return answeredNanos < other.invokedNanos;
    }

    /** Whether the request may have been served before the other was answered. */
    boolean mayPrecede(Call other) {
      return invokedNanos < other.answeredNanos;
    }

    boolean isAccepted() {
      return switch (request) {
        // 200 is the answer when nothing was left to cancel or close.
        case Request.Append _, Request.Close _, Request.Cancel _ -> status == 202;
        case Request.Delete _, Request.Ping _ -> status == 204;
        case Request.Priority _, Request.Paused _, Request.Look _, Request.CancelItems _ ->
            status == 200;
      };
    }
  }

  /**
   * @param items of the job, by index
   * @param startsNanos when items began to run, by index, of those that did
   */
  record End(String state, List<Long> items, Map<Integer, Long> startsNanos) {}
}
