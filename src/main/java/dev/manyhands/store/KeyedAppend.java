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
   * @param before what must be stored of the request, else the part is not appended
   * @param items how many items the request has, from its first to the last of the part
   * @param digest of all these items, not of the part alone
   */
  public record Part(String key, KeyedAppend before, long items, String digest) {}
}
