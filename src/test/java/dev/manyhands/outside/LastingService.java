package dev.manyhands.outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;

/**
 * A service that is killed and started again on its data, as its clients see it: they ask until
 * they get an answer. Safe for use by any thread.
 */
final class LastingService {
  /** How often a client asks, with a pause in between, before it gives up. */
  private static final int MOST_TRIES = 600;

  private static final long PAUSE_MILLIS = 100;

  /** Held for reading while a client looks up the service, and for writing while there is none. */
  private final ReentrantReadWriteLock presence = new ReentrantReadWriteLock();

  private Service service;

  LastingService(Service service) {
    this.service = service;
  }

  /** Waits until there is one. */
  Service now() {
    presence.readLock().lock();
    try {
      return service;
    } finally {
      presence.readLock().unlock();
    }
  }

  void killAndRestart() throws InterruptedException {
    presence.writeLock().lock();
    try {
      service.killMinus9();
      service = service.again();
    } finally {
      presence.writeLock().unlock();
    }
  }

  /** Asks until the service answers, and not that it cannot just now. */
  Service.Answer ask(Function<Service, Service.Answer> request) {
    String last = "none";
    for (int i = 0; i < MOST_TRIES; i++) {
      try {
        var answer = request.apply(now());
        if (answer.status() < 500 && answer.status() != 429) {
          return answer;
        }
        last = answer.toString();
      } catch (UncheckedIOException e) {
        last = String.valueOf(e.getCause());
      }
      pause();
    }
    throw new AssertionError("no answer but " + last);
  }

  /** Waits as a client does before it asks again. */
  static void pause() {
    try {
      // No thread counts it down. There is nothing to wait for but time, as for any client that
      // retries.
      boolean ignored = new CountDownLatch(1).await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static boolean signal(String signal, long pid) {
    try {
      return new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
              .redirectErrorStream(true)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
