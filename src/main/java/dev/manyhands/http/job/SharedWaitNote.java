package dev.manyhands.http.job;

import dev.manyhands.engine.shared.SharedWaits;
import dev.manyhands.engine.worker.WorkerState;
import dev.manyhands.engine.worker.WorkerView;
import dev.manyhands.model.JobId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Explains that all items of a job that run wait for its shared objects. */
final class SharedWaitNote {
  private SharedWaitNote() {}

  /**
   * Returns the note; empty if a worker of the job does anything else than wait, or the waits are
   * short.
   *
   * @param workers all workers of the service, as they were about a second ago
   */
  static Optional<String> of(JobId job, List<WorkerView> workers, SharedWaits waits) {
    if (waits.calls().isEmpty() || waits.silence().compareTo(SharedWaits.LONG) < 0) {
      return Optional.empty();
    }
    var busy =
        workers.stream()
            .filter(worker -> job.equals(worker.job()) && worker.state() == WorkerState.BUSY)
            .map(WorkerView::id)
            .toList();
    if (busy.isEmpty() || !waits.workers().containsAll(busy)) {
      return Optional.empty();
    }
    String calls =
        waits.calls().entrySet().stream()
            .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
            .collect(Collectors.joining(", "));
    return Optional.of(
        "All workers of the job that have items wait for shared objects, and nothing else has happened for %d s. Calls that wait: %s. They may wait for each other. Change an object over HTTP, or cancel the job."
            .formatted(waits.silence().toSeconds(), calls));
  }
}
