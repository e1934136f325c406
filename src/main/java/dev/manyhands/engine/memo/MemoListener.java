package dev.manyhands.engine.memo;

/** Receives the events of the memo, for metrics. Called from any thread; must return at once. */
public interface MemoListener {

  /** Reports how many items were known, and how many were not. */
  void lookedUp(long hits, long misses);

  /** Reports values that were evicted to make room for others. */
  void evicted(long values);

  /**
   * Reports items that were not looked up, or whose values were not stored, because of a failure,
   * mostly of the store.
   */
  void failed(long items);
}
