package dev.manyhands.model;

/** The kind of an object that the items of a job share. */
public enum SharedKind {
  /** One truth value or number, in memory that all workers of the job map. */
  VALUE,
  /** Held by at most one item at a time. */
  LOCK,
  /** Values by key, in the order in which the keys came. */
  DICT,
  /** Values by index. */
  LIST,
  /** Values in the order in which they came; each is taken once. */
  QUEUE,
  /** Permits, each held by at most one item at a time. */
  SEMAPHORE
}
