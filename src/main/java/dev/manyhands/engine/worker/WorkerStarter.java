package dev.manyhands.engine.worker;

import java.util.function.Consumer;

/**
 * Starts the processes of workers for the {@code WorkerPool}, and removes what they leave. Methods
 * are called by the pool's thread and return at once.
 */
public interface WorkerStarter {

  /**
   * Begins to start a worker. The result of the attempt is reported as an event. A worker that is
   * started has {@link WorkerEvent.Launched} and, after all its other events, {@link
   * WorkerEvent.Gone}. A worker that is not started has only {@link WorkerEvent.NotLaunched}.
   *
   * @param events receives the events of the worker; called by any thread
   */
  void start(Launch launch, Consumer<WorkerEvent> events);

  /** Frees the resources of a worker that is gone. */
  void discard(RunningWorker gone);
}
