package dev.manyhands.worker;

/** What a worker is doing. */
public enum WorkerState {
  /** It is being started, or loads its function. */
  STARTING,
  /** Warm, without work. */
  IDLE,
  /** It has a chunk. */
  BUSY,
  /** It was told to end and has not yet. */
  STOPPING
}
