package dev.manyhands.store;

import dev.manyhands.model.Callback;
import dev.manyhands.model.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Messages about ended jobs, and the state of their delivery. A job has at most one message, which
 * is deleted with the job. Safe for use by any thread. Writes and reads behave as in {@link
 * JobStore}.
 *
 * <p>{@link JobStore#submit} announces the callback of a job, in the transaction of the submission.
 * {@link #owed} thus finds the job after a crash between the durable end of the job and {@link
 * #add}.
 */
public interface DeliveryStore {

  /** The state of a delivery. */
  enum State {
    /** The job has not ended, or its message is not stored yet. */
    WAITING,
    /** There will be another attempt. */
    PENDING,
    /** The receiver has the message. */
    DELIVERED,
    /** No attempt has delivered the message, and there will be no more. */
    FAILED
  }

  /**
   * Stores a message.
   *
   * @param at when its first attempt is due
   * @return false when there is no such job, or its message was stored before
   */
  CompletableFuture<Boolean> add(Message message, Instant at);

  /**
   * Records an attempt, once, and the state of the delivery after it. Unless the state is {@code
   * PENDING}, the attempt was the last: the body and the secret are deleted.
   *
   * @param state {@code PENDING}, {@code DELIVERED} or {@code FAILED}
   * @param next when to try again; null unless {@code state} is {@code PENDING}
   * @return false when the job is gone, or the attempt was recorded before
   */
  CompletableFuture<Boolean> attempted(
      JobId id, Attempt attempt, State state, @Nullable Instant next);

  /** Returns the receivers with due messages, and since when the first of their messages is due. */
  Map<String, Instant> receivers(Instant now);

  /** Returns the messages that are due to a receiver, longest due first. */
  List<Due> due(String receiver, Instant now, int limit);

  /** Returns when the next message after this moment is due. */
  Optional<Instant> nextDue(Instant after);

  /** Returns the announced callbacks of ended jobs whose message was never stored. */
  List<Owed> owed();

  Optional<Delivery> find(JobId id);

  /**
   * A callback message and its receiver.
   *
   * @param body the bytes that every attempt sends, unchanged
   */
  record Message(JobId job, Callback callback, byte[] body) {}

  /**
   * A message that is to be sent.
   *
   * @param attempts how many attempts were made before
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
   * The state of a delivery, with its attempts.
   *
   * @param url may hold secrets in its query
   * @param nextAttemptAt null unless the state is {@code PENDING}
   */
  record Delivery(
      JobId job,
      String url,
      State state,
      List<Attempt> attempts,
      @Nullable Instant nextAttemptAt) {}
}
