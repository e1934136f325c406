package dev.manyhands.engine.scheduler;

import dev.manyhands.store.OwnershipLostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Writes cancelled items to the store, and answers requests to cancel items once the writes are
 * durable. Owned by the scheduler's thread.
 */
final class CancelWrites {
  private final SchedulerPorts ports;
  private final OutcomeWrites writes;
  private final Map<Long, CompletableFuture<Cancellation>> requests = new HashMap<>();
  private long last;

  CancelWrites(SchedulerPorts ports, OutcomeWrites writes) {
    this.ports = ports;
    this.writes = writes;
  }

  /** Keeps a request until {@link #write} or {@link #refuse} answers it; returns its number. */
  long open(CompletableFuture<Cancellation> answer) {
    last++;
    requests.put(last, answer);
    return last;
  }

  /**
   * Stores cancelled items, and answers the request once the write is durable. Writes even without
   * items: the write comes after all writes about the items of the answer, and the store refuses it
   * if another service has the job.
   */
  void write(Action.CancelItems cancel) {
    Action.Answer answer = cancel.answer();
    var request = answer == null ? null : requests.remove(answer.request());
    try {
      write(cancel, answer, request);
    } catch (Throwable failure) {
      if (request != null) {
        request.completeExceptionally(failure);
      }
      throw failure;
    }
  }

  private void write(
      Action.CancelItems cancel,
      Action.@Nullable Answer answer,
      @Nullable CompletableFuture<Cancellation> request) {
    var written =
        ports
            .store()
            .cancelledItems()
            .add(cancel.job(), cancel.version(), cancel.items(), cancel.grown());
    writes.onAnswer(written, cancel.job(), cancel.version(), 0);
    CompletableFuture<?> _ =
        written.whenComplete((accepted, failure) -> ports.board().stored(cancel.job()));
    if (answer == null || request == null) {
      return;
    }
    CompletableFuture<?> _ =
        written.whenComplete((accepted, failure) -> {
          if (failure != null && !OwnershipLostException.isCauseOf(failure)) {
            request.completeExceptionally(failure);
          } else if (failure != null || !accepted) {
            request.complete(Cancellation.NOT_HERE);
          } else {
            request.complete(new Cancellation(Cancellation.Result.STORED, answer.fates()));
          }
        });
  }

  void refuse(Action.NotCancelled not) {
    var request = requests.remove(not.request());
    if (request != null) {
      request.complete(new Cancellation(not.why(), List.of()));
    }
  }

  /** Answers all requests with {@link Cancellation#NOT_HERE}, because the scheduler ends. */
  void close() {
    requests.values().forEach(request -> request.complete(Cancellation.NOT_HERE));
  }
}
