package dev.manyhands.store;

import dev.manyhands.job.Callback;
import dev.manyhands.job.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Messages about ended jobs and how far their delivery is: at most one a job, gone when the job is
 * deleted. Safe for use by any thread; writes and reads as in {@link JobStore}.
 *
 * <p>A job that was submitted with a callback should be announced in the transaction of its
 * submission: only then does a crash between the durable end of the job and {@link #add} not lose
 * the message, because {@link #owed} finds it.
 */
public interface DeliveryStore {

  /** Where a delivery is. */
  enum State {
    /** The job has not ended, or its message is not here yet. */
    WAITING,
    /** There will be another attempt. */
    PENDING,
    /** The receiver has it. */
    DELIVERED,
    /** There will be no more attempts. */
    FAILED
  }

  /**
   * Takes a message in, to be delivered from this moment on.
   *
   * @return false when there is no such job, or its message was here before
   */
  CompletableFuture<Boolean> add(Message message, Instant at);

  /**
   * Records an attempt, once, and what follows from it. When nothing more is to come, the body and
   * the secret are forgotten.
   *
   * @param next when to try again; null unless {@code PENDING}
   * @return false when the job is gone, or the attempt was recorded before
   */
  CompletableFuture<Boolean> attempted(
      JobId id, Attempt attempt, State state, @Nullable Instant next);

  /** Receivers with messages that are to be sent now, and since when the first of them is due. */
  Map<String, Instant> receivers(Instant now);

  /** Returns the messages that are due to a receiver, longest due first. */
  List<Due> due(String receiver, Instant now, int limit);

  /** When the next message after this moment is due. */
  Optional<Instant> nextDue(Instant after);

  /** Announced callbacks of jobs that have ended and whose message never came. */
  List<Owed> owed();

  Optional<Delivery> find(JobId id);

  /**
   * A callback message and its receiver.
   *
   * @param body exactly the bytes of every attempt
   */
  record Message(JobId job, Callback callback, byte[] body) {}

  /**
   * A message that is to be sent.
   *
   * @param attempts how many were made before
   */
  record Due(Message message, int attempts) {}

  /** A job that has ended, whose message is missing. */
  record Owed(JobId job, Callback callback) {}

  /**
   * One attempt to deliver.
   *
   * @param number from 1
   * @param status of HTTP; null when there was no answer
   * @param error in words for the client; null when it was delivered
   */
  record Attempt(
      int number,
      Instant startedAt,
      Duration took,
      @Nullable Integer status,
      @Nullable String error) {}

  /**
   * How far a delivery is.
   *
   * @param url may hold secrets in its query
   * @param nextAttemptAt null when there is none to come, or the job has not ended
   */
  record Delivery(
      JobId job,
      String url,
      State state,
      List<Attempt> attempts,
      @Nullable Instant nextAttemptAt) {}
}
