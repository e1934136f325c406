package dev.manyhands.memo;

/** Is told what the memo does, for metrics. Called from any thread; must return at once. */
public interface MemoListener {

  /** So many items were known, and so many were not. */
  void lookedUp(long hits, long misses);

  /** Values were forgotten because others need their place. */
  void evicted(long values);

  /** Items were not looked up, or their values not remembered, because the store did not answer. */
  void failed(long items);
}
