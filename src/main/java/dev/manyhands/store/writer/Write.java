package dev.manyhands.store.writer;

import dev.manyhands.store.StoreException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Work for the writer to do in its next transaction, and the future of the caller. */
public final class Write<T> {

  /** How the write behaves while the database is away. */
  public enum OnOutage {
    /** It waits, because it belongs to work that was accepted. */
    WAIT,
    /** It fails, so that its caller is notified at once. */
    FAIL,
    /**
     * It fails as {@link #FAIL} does. But when the disk is full, it is still accepted and is tried
     * first, because it frees room.
     */
    FREE,
    /**
     * It waits as {@link #WAIT} does. But when the disk is full, it is tried first: it frees room.
     */
    SWEEP
  }

  /** When a write must be committed. */
  private enum Urgency {
    NOW,
    /** With other writes, or when it has waited long enough for them. */
    WITH_OTHERS,
    /** At once, and the write may take any time. */
    NOW_AND_LONG
  }

  /** Statements inside a transaction; may run more than once, and only the last run counts. */
  @FunctionalInterface
  public interface Work<T> {
    @Nullable T run(Transaction transaction) throws SQLException;
  }

  /** Undoes a run of a write, given the result of this run. */
  @FunctionalInterface
  public interface Undo<T> {
    void run(Transaction transaction, @Nullable T result) throws SQLException;
  }

  private final CompletableFuture<T> future = new CompletableFuture<>();
  private final OnOutage onOutage;
  private final Urgency urgency;
  private final long bytes;
  private final Work<T> work;
  private final @Nullable Undo<T> undo;

  /** Owned by the writer. */
  private @Nullable T result;

  /**
   * Creates a write that is committed as soon as possible.
   *
   * @param bytes about how much data it carries
   * @param undo undoes the write if it was committed after it was reported as failed; null if the
   *     write may stay
   */
  public Write(OnOutage onOutage, long bytes, Work<T> work, @Nullable Undo<T> undo) {
    this(onOutage, Urgency.NOW, bytes, work, undo);
  }

  private Write(
      OnOutage onOutage, Urgency urgency, long bytes, Work<T> work, @Nullable Undo<T> undo) {
    this.onOutage = onOutage;
    this.urgency = urgency;
    this.bytes = bytes;
    this.work = work;
    this.undo = undo;
  }

  /** Creates a deferrable write: it waits a moment for other writes, to share their commit. */
  public static <T> Write<T> withOthers(OnOutage onOutage, long bytes, Work<T> work) {
    return new Write<>(onOutage, Urgency.WITH_OTHERS, bytes, work, null);
  }

  /**
   * Creates a write that may take any time, such as one that reads a whole table. Other writes are
   * not rejected while it runs.
   */
  public static <T> Write<T> ofAnyLength(OnOutage onOutage, long bytes, Work<T> work) {
    return new Write<>(onOutage, Urgency.NOW_AND_LONG, bytes, work, null);
  }

  boolean mayTakeLong() {
    return urgency == Urgency.NOW_AND_LONG;
  }

  CompletableFuture<T> future() {
    return future;
  }

  boolean waitsForOthers() {
    return urgency == Urgency.WITH_OTHERS;
  }

  boolean waitsWhenAway() {
    return onOutage == OnOutage.WAIT || onOutage == OnOutage.SWEEP;
  }

  /** Returns whether the write leaves more room on the disk than there was before. */
  boolean freesRoom() {
    return onOutage == OnOutage.FREE || onOutage == OnOutage.SWEEP;
  }

  long bytes() {
    return bytes;
  }

  /**
   * Returns the write that undoes this one if it was reported as failed and yet was committed.
   * Returns nothing when such a commit does no harm.
   */
  Optional<Write<?>> takingBack() {
    Undo<T> taking = undo;
    if (taking == null || waitsWhenAway()) {
      return Optional.empty();
    }
    T done = result;
    Work<Void> work =
        transaction -> {
          taking.run(transaction, done);
          return null;
        };
    return Optional.of(new Write<>(OnOutage.WAIT, 0, work, null));
  }

  void run(Transaction transaction) throws SQLException {
    result = work.run(transaction);
  }

  /**
   * Notes that the last run is on disk.
   *
   * @return false when the write was reported as failed before, so that it must be undone
   */
  boolean committed() {
    return future.complete(result) || !future.isCompletedExceptionally();
  }

  /** Returns whether the write was reported as done or failed, so that it must not run again. */
  boolean isReported() {
    return future.isDone();
  }

  void failed(Throwable cause) {
    future.completeExceptionally(
        cause instanceof StoreException already
            ? already
            : new StoreException("the write failed: " + cause.getMessage(), cause));
  }

  static void failAll(List<Write<?>> group, Throwable why) {
    group.forEach(write -> write.failed(why));
  }

  /** Notes that the group is on disk; returns the writes that must be undone. */
  static List<Write<?>> committed(List<Write<?>> group) {
    List<Write<?>> unwanted = new ArrayList<>();
    for (Write<?> write : group) {
      if (!write.committed()) {
        unwanted.add(write);
      }
    }
    return unwanted;
  }

  /** Returns the writes that were not reported as done or failed. Only these run again. */
  static List<Write<?>> unreported(List<Write<?>> group) {
    return group.stream().filter(write -> !write.isReported()).toList();
  }
}
