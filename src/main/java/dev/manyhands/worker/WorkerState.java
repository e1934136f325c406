package dev.manyhands.worker;

/** The activity of a worker. */
public enum WorkerState {
  /** It is being started, or loads its function. */
  STARTING,
  /** Warm, without work. */
  IDLE,
  /** It has a chunk. */
  BUSY,
  /** It was asked to end and has not ended yet. */
  STOPPING
}
