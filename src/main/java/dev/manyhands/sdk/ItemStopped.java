package dev.manyhands.sdk;

/**
 * Thrown by a call that waits for a shared object, when the result of the item is no longer wanted.
 * A function should let it pass. The item then ends without an outcome, and loses no attempt.
 */
public class ItemStopped extends Error {
  private static final long serialVersionUID = 1;

  /** Creates the error. */
  public ItemStopped() {
    super("the item is no longer wanted");
  }
}
