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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
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

  /** The wait after a fault of the service, before the next try. */
  private static final Duration FAULT_PAUSE = Duration.ofSeconds(1);

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
  private final CountDownLatch closed = new CountDownLatch(1);

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
    closed.countDown();
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
      while (!closing()) {
        try {
          bell.await(sendDue());
        } catch (RuntimeException | Error fault) {
          log.error("the wait for callbacks failed", fault);
          var _ = closed.await(FAULT_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        }
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
      CompletableFuture<?> _ =
          CompletableFuture.runAsync(() -> attempt(due), attempts)
              .exceptionally(fault -> {
                log.error("an attempt of a callback did not begin, job={}", id, fault);
                underWay.remove(id); // nothing was sent: the message is due
                bell.ring();
                return null;
              });
    } catch (Throwable noThread) {
      underWay.remove(id);
      throw noThread;
    }
  }

  private boolean closing() {
    return closed.getCount() == 0;
  }

  /** Whether the courier's thread is alive. */
  boolean isRunning() {
    return thread.isAlive();
  }

  /**
   * Sends a message once, and gives its slot back when the attempt is on disk. A fault after the
   * sending is no reason to send again: only the record is tried again.
   */
  private void attempt(Due due) {
    JobId id = due.message().job();
    try {
      Sent sent = null;
      do {
        try {
          sent = sent == null ? sent(due) : sent;
          if (closing() && sent.answer() instanceof Answer.Failed) {
            return; // perhaps only because of the stop: the next start tries again
          }
          record(id, sent);
          underWay.remove(id);
          bell.ring();
          return;
        } catch (ExecutionException | RuntimeException | Error fault) {
          log.warn("an attempt of a callback is recorded a moment later, job={}", id, fault);
        }
      } while (!closed.await(FAULT_PAUSE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException stopped) {
      log.debug("an attempt of a callback was not recorded, job={}", id, stopped);
    }
  }

  /** The answer to an attempt, with the time when it came. */
  private record Sent(int number, Instant start, Answer answer, Instant end) {}

  private Sent sent(Due due) {
    Instant start = clock.instant();
    Answer answer = answer(due, start);
    return new Sent(due.attempts() + 1, start, answer, clock.instant());
  }

  private void record(JobId id, Sent sent) throws ExecutionException, InterruptedException {
    Verdict verdict = retries.after(sent.number(), sent.answer(), sent.end());
    var attempt =
        new Attempt(
            sent.number(),
            sent.start(),
            Duration.between(sent.start(), sent.end()),
            verdict.status(),
            verdict.error());
    deliveries.attempted(id, attempt, verdict.state(), verdict.next()).get();
    if (verdict.state() == State.FAILED) {
      log.warn(
          "gave up a callback, job={}, attempts={}, error={}",
          id,
          attempt.number(),
          attempt.error());
    }
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
