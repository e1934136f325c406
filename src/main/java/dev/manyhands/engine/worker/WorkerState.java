package dev.manyhands.engine.worker;

/** The activity of a worker. */
public enum WorkerState {
  /** The worker is being started, or loads its function. */
  STARTING,
  /** The worker is warm, without work. */
  IDLE,
  /** The worker has a chunk. */
  BUSY,
  /** The worker was asked to end or is being killed, and has not ended yet. */
  STOPPING
}
