package dev.manyhands.callback;

import dev.manyhands.job.Callback;
import dev.manyhands.job.JobId;
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

/** Tells receivers that jobs have ended. Safe for use by any thread. */
public final class Callbacks implements AutoCloseable {
  private final CallbackRule rule;
  private final DeliveryStore deliveries;
  private final Courier courier;
  private final Clock clock;

  /** Over HTTP; nothing is sent before {@link #start}. */
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

  /** Begins to send, with what an earlier run of the service left. */
  public void start() {
    courier.start();
  }

  /**
   * Refuses a callback that could never be delivered, or must not be. To be asked at submission.
   *
   * @throws dev.manyhands.job.Refusal which names the field
   */
  public void check(Callback callback) {
    rule.check(callback);
  }

  /**
   * Has it told that a job has ended. To be called when that is durable; again does no harm.
   *
   * @param job its JSON
   * @return completes when the message is durable; false when it was before, or the job is gone
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
   * Jobs that had ended when the service died, before it could call {@link #ended} for them; only
   * those that were announced to the store at submission. To be made up for at the start.
   */
  public List<Owed> owed() {
    return deliveries.owed();
  }

  /** The {@code webhook-id} of a job's message, by which a receiver knows it again. */
  public static String messageId(JobId id) {
    return Envelope.id(id);
  }

  /** Whether its thread is at work. */
  public boolean isRunning() {
    return courier.isRunning();
  }

  /** For tests that change the time. */
  void wake() {
    courier.wake();
  }

  /** Lets attempts that are under way come to an end, for a few seconds. */
  @Override
  public void close() {
    courier.close();
  }
}
