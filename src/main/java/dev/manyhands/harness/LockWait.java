package dev.manyhands.harness;

/**
 * Reports waits for a lock to the service, which reports a job whose items all wait. Safe for use
 * by any thread.
 */
final class LockWait {
  /** A longer wait is reported. */
  static final long REPORTED_NANOS = 1_000_000_000;

  private static final int MOST_BYTES = 4_096;

  private final String name;
  private final Calls calls;

  /**
   * @param name the name of the lock, or of the value whose lock it is
   */
  LockWait(String name, Calls calls) {
    this.name = name;
    this.calls = calls;
  }

  void begins(ItemContext context) {
    tell("await", context);
  }

  void ends(ItemContext context) {
    tell("awaited", context);
  }

  private void tell(String operation, ItemContext context) {
    JsonWriter frame = new JsonWriter(MOST_BYTES);
    try {
      Calls.begin(frame, calls.nextNumber(), name, operation);
      frame.ascii(",\"chunk\":");
      frame.value(context.chunk());
      frame.put('}');
    } catch (UnserializableException e) {
      throw new IllegalStateException(e); // a number and a short name are always written
    }
    calls.tell(frame);
  }
}
