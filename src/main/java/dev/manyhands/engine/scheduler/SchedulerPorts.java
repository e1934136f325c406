package dev.manyhands.engine.scheduler;

import dev.manyhands.engine.memo.Memo;
import dev.manyhands.store.JobStore;
import java.time.Clock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of the service that a {@link Scheduler} writes to or reads.
 *
 * @param board shows users the jobs that run
 * @param listener receives events for metrics and traces
 */
public record SchedulerPorts(
    JobStore store, Memo memo, JobBoard board, SchedulerListener listener, Clock clock) {
  private static final Logger log = LoggerFactory.getLogger(SchedulerPorts.class);

  /** Informs the listener. A failure of the listener stops nothing that was decided. */
  void inform(Consumer<SchedulerListener> event) {
    try {
      event.accept(listener);
    } catch (Throwable fault) {
      log.error("a listener of the scheduler failed", fault);
    }
  }
}
