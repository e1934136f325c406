package dev.manyhands.jobs.callback;

import dev.manyhands.model.Callback;
import dev.manyhands.model.JobId;
import dev.manyhands.store.DeliveryStore;
import dev.manyhands.store.DeliveryStore.Message;
import dev.manyhands.store.DeliveryStore.Owed;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;

/** Notifies receivers that jobs have ended. Safe for use by any thread. */
public final class Callbacks implements AutoCloseable {
  private final CallbackRule rule;
  private final DeliveryStore deliveries;
  private final Courier courier;
  private final Clock clock;

  /** Returns callbacks over HTTP. Nothing is sent before {@link #start}. */
  public static Callbacks overHttp(
      CallbackSettings settings, DeliveryStore deliveries, Clock clock, RandomGenerator random) {
    try {
      var sender = new HttpSender(settings, Names.SYSTEM, SSLContext.getDefault());
      return new Callbacks(settings, deliveries, sender, clock, random);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("the JVM has no TLS", e);
    }
  }

  Callbacks(
      CallbackSettings settings,
      DeliveryStore deliveries,
      Sender sender,
      Clock clock,
      RandomGenerator random) {
    this.rule = new CallbackRule(settings);
    this.deliveries = deliveries;
    this.courier =
        new Courier(
            deliveries, sender, settings, new RetryRule(settings.attempts(), random), clock);
    this.clock = clock;
  }

  /** Begins to send, including the messages that an earlier run of the service left. */
  public void start() {
    courier.start();
  }

  /**
   * Refuses a callback that can never be delivered or is not allowed. Called at submission.
   *
   * @throws dev.manyhands.model.Refusal if the callback is refused; names the field
   */
  public void check(Callback callback) {
    rule.check(callback);
  }

  /**
   * Stores the message that a job has ended. Called once the end is durable. A second call does no
   * harm.
   *
   * @param job the job as JSON
   * @return completes when the message is durable; false if it was stored before, or the job is
   *     gone
   */
  public CompletableFuture<Boolean> ended(Callback callback, JobId id, byte[] job) {
    Instant now = clock.instant();
    return deliveries
        .add(new Message(id, callback, Envelope.body(now, job)), now)
        .thenApply(added -> {
          courier.wake();
          return added;
        });
  }

  /**
   * Returns the jobs whose end was not reported, because the service died before it could call
   * {@link #ended}. Only callbacks that were announced to the store at submission are included. The
   * caller makes up for them at the start.
   */
  public List<Owed> owed() {
    return deliveries.owed();
  }

  /**
   * Returns the {@code webhook-id} of a job's message. A receiver recognises a repeated message by
   * it.
   */
  public static String messageId(JobId id) {
    return Envelope.id(id);
  }

  /** Whether the courier's thread is alive. */
  public boolean isRunning() {
    return courier.isRunning();
  }

  /** Lets the courier look at the time anew. Used by tests that change the time. */
  void wake() {
    courier.wake();
  }

  /** Waits a few seconds for the attempts that are under way. */
  @Override
  public void close() {
    courier.close();
  }
}
