package dev.manyhands.jobs.callback;

import dev.manyhands.jobs.callback.RetryRule.Verdict;
import dev.manyhands.jobs.callback.Sender.Answer;
import dev.manyhands.jobs.callback.Turns.Turn;
import dev.manyhands.model.JobId;
import dev.manyhands.store.DeliveryStore;
import dev.manyhands.store.DeliveryStore.Attempt;
import dev.manyhands.store.DeliveryStore.Due;
import dev.manyhands.store.DeliveryStore.State;
import dev.manyhands.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the messages that are due, at most a fixed number at once. Receivers take turns, and each
 * holds at most a quarter of the slots, or one slot if there are fewer than four. A receiver that
 * does not answer therefore delays only its own messages. One thread reads the store and starts
 * attempts. Each attempt has a virtual thread of its own and holds its slot until the attempt is on
 * disk.
 *
 * <p>Delivery is at least once. After a crash, an attempt that was not recorded is made again, with
 * its {@code webhook-id} unchanged.
 */
final class Courier implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Courier.class);

  /** The longest time between two looks into the store, because the time of day may jump. */
  private static final Duration LONGEST_NAP = Duration.ofMinutes(1);

  private static final Duration PAUSE = Duration.ofSeconds(5);
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(5);

  private final DeliveryStore deliveries;
  private final Sender sender;
  private final Envelope envelope;
  private final RetryRule retries;
  private final Clock clock;
  private final int slots;

  /** Limit for the slots that one receiver holds; its other messages wait. */
  private final int share;

  /**
   * The receivers of messages that are being sent. The courier's thread adds entries; attempts
   * remove them.
   */
  private final Map<JobId, String> underWay = new ConcurrentHashMap<>();

  private final Bell bell = new Bell();
  private final ExecutorService attempts =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("callback-", 0).factory());
  private final Thread thread = Thread.ofPlatform().daemon().name("callbacks").unstarted(this::run);
  private volatile boolean closed;

  Courier(
      DeliveryStore deliveries,
      Sender sender,
      CallbackSettings settings,
      RetryRule retries,
      Clock clock) {
    this.deliveries = deliveries;
    this.sender = sender;
    this.envelope = new Envelope(settings.secret());
    this.retries = retries;
    this.clock = clock;
    this.slots = settings.concurrency();
    this.share = Math.max(1, slots / 4);
  }

  void start() {
    thread.start();
  }

  /** Wakes the thread: there may be something to send, or the time has changed. */
  void wake() {
    bell.ring();
  }

  /**
   * Starts no more attempts. Waits {@link #CLOSE_GRACE} for those under way, then interrupts them.
   */
  @Override
  public void close() {
    closed = true;
    bell.ring();
    try {
      thread.join();
      attempts.shutdown();
      if (!attempts.awaitTermination(CLOSE_GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        attempts.shutdownNow();
      }
    } catch (InterruptedException hurry) {
      attempts.shutdownNow();
      Thread.currentThread().interrupt();
    }
    sender.close();
  }

  private void run() {
    try {
      while (!closed) {
        bell.await(sendDue());
      }
    } catch (InterruptedException stopped) {
      log.debug("callbacks were told to stop");
    }
  }

  /** Starts the attempts that are due; returns the time until more may be due. */
  @SuppressWarnings("CatchingUnchecked") // a bug must not end the thread that all callbacks need
  private Duration sendDue() {
    try {
      Instant now = clock.instant();
      // Copied before the look into the store. The copy still holds an attempt that ends in
      // between, so an outdated look does not send its message again.
      Map<JobId, String> before = Map.copyOf(underWay);
      if (before.size() < slots) {
        var turns = new Turns(deliveries, now, before, share);
        Turn next;
        for (int free = slots - before.size(); free > 0 && (next = turns.next()) != null; free--) {
          start(next);
        }
      }
      Duration nap =
          deliveries.nextDue(now).map(next -> Duration.between(now, next)).orElse(LONGEST_NAP);
      return nap.compareTo(LONGEST_NAP) < 0 ? nap : LONGEST_NAP;
    } catch (StoreException away) {
      // The store itself logs the outage, once. Here it is enough to try again.
      log.debug("callbacks wait for the store", away);
      return PAUSE;
    } catch (RuntimeException | Error bug) {
      log.error("looking for callbacks that are due failed", bug);
      return PAUSE;
    }
  }

  private void start(Turn turn) {
    Due due = turn.due();
    JobId id = due.message().job();
    underWay.put(id, turn.receiver());
    try {
      attempts.execute(() -> attempt(due));
    } catch (Throwable noThread) {
      underWay.remove(id);
      throw noThread;
    }
  }

  /** Whether the courier's thread is alive. */
  boolean isRunning() {
    return thread.isAlive();
  }

  private void attempt(Due due) {
    JobId id = due.message().job();
    int number = due.attempts() + 1;
    Instant start = clock.instant();
    Answer answer = answer(due, start);
    if (closed && answer instanceof Answer.Failed) {
      return; // perhaps only because of the stop: the next start tries again
    }
    Instant end = clock.instant();
    Verdict verdict = retries.after(number, answer, end);
    var attempt =
        new Attempt(number, start, Duration.between(start, end), verdict.status(), verdict.error());
    var _ =
        deliveries
            .attempted(id, attempt, verdict.state(), verdict.next())
            .whenComplete((recorded, failure) -> recorded(id, attempt, verdict, failure));
  }

  /** Called in the writer's thread. */
  private void recorded(JobId id, Attempt attempt, Verdict verdict, @Nullable Throwable failure) {
    if (failure != null) {
      // The message keeps its slot, and is not sent until the next start. Without a record it
      // would be sent again and again, like an attack.
      log.warn("an attempt of a callback was not recorded, job={}", id, failure);
      return;
    }
    if (verdict.state() == State.FAILED) {
      log.warn(
          "gave up a callback, job={}, attempts={}, error={}",
          id,
          attempt.number(),
          attempt.error());
    }
    underWay.remove(id);
    bell.ring();
  }

  @SuppressWarnings("CatchingUnchecked") // a bug must cost an attempt, not hold a slot for good
  private Answer answer(Due due, Instant now) {
    try {
      return envelope
          .sealed(due.message(), now)
          .map(sender::send)
          .orElse(new Answer.Failed("there is no secret to sign it with"));
    } catch (RuntimeException | Error bug) {
      log.error("a callback could not be sent, job={}", due.message().job(), bug);
      return new Answer.Failed("a fault of the service; its log says more");
    }
  }
}
