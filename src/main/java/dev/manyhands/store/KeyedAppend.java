package dev.manyhands.store;

/**
 * The stored part of a request that appends items under an idempotency key.
 *
 * @param items how many items of the request are stored, from its first on
 * @param digest of these items, in a form that only the caller knows
 * @param isComplete whether the request has no more items
 */
public record KeyedAppend(long items, String digest, boolean isComplete) {
  /** Nothing was stored under the key. */
  public static final KeyedAppend NONE = new KeyedAppend(0, "", false);

  /**
   * Items that are appended as a part of such a request.
   *
   * @param key the client's key
   * @param before the part of the request that must be stored before
   * @param digest of the items from the first of the request to the last of the part
   */
  public record Part(String key, KeyedAppend before, String digest) {}
}
