package dev.manyhands.engine.shared;

import dev.manyhands.store.SharedStore;
import dev.manyhands.store.SharedStore.Change;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the changes of one set to the store. Guarded by the set. */
final class SetWrites {
  private static final Logger log = LoggerFactory.getLogger(SetWrites.class);

  private final SharedDeclaration declaration;
  private final SharedStore store;
  private final Object monitor;
  private final Unwritten unwritten = new Unwritten();

  /** Whether a write is queued that will take the changes of now. */
  private boolean queued;

  /** How many writes are queued or under way. */
  private int writes;

  /** Why the objects can no longer be trusted; null for no reason. */
  private @Nullable SharedFault fault;

  /**
   * @param monitor the set, whose monitor is taken when the store calls
   */
  SetWrites(SharedDeclaration declaration, SharedStore store, Object monitor) {
    this.declaration = declaration;
    this.store = store;
    this.monitor = monitor;
  }

  Unwritten changes() {
    return unwritten;
  }

  @Nullable SharedFault fault() {
    return fault;
  }

  /** Returns whether the store has all changes. */
  boolean areDone() {
    return unwritten.isEmpty() && writes == 0 && fault == null;
  }

  /** Queues a write, unless there are no changes, or a queued write takes them. */
  void begin() {
    if (!unwritten.isEmpty() && !queued) {
      queued = true;
      writes++;
      CompletableFuture<?> _ =
          store
              .write(declaration.id(), unwritten.bytes(), new Taken())
              .whenComplete((none, failure) -> ended(failure));
    }
  }

  private void ended(@Nullable Throwable failure) {
    synchronized (monitor) {
      writes--;
      if (failure != null) {
        log.error("the shared objects of {} were not stored", declaration, failure);
        fault = SharedFault.failed("the state of the shared objects could not be stored");
      }
    }
  }

  /** The changes of one write. They are taken when the writer first asks for them. */
  private final class Taken implements Supplier<List<Change>> {
    private @Nullable List<Change> changes;

    @Override
    public List<Change> get() {
      synchronized (monitor) {
        if (changes == null) {
          changes = unwritten.drain();
          queued = false;
        }
        return changes;
      }
    }
  }
}
