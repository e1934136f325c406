package dev.manyhands.jobs.callback;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits for a name's addresses for a limited time. A lookup that nobody waits for any longer
 * continues until the resolver gives up. The number of lookups is therefore bounded: a further one
 * fails at once.
 */
final class TimelyNames implements Names {
  private final Names names;
  private final Duration patience;
  private final Semaphore lookups;

  TimelyNames(Names names, Duration patience, int mostAtOnce) {
    this.names = names;
    this.patience = patience;
    this.lookups = new Semaphore(mostAtOnce);
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    if (!lookups.tryAcquire()) {
      throw new UnknownHostException("too many other names are not answered");
    }
    var answer = new CompletableFuture<InetAddress[]>();
    try {
      Thread.ofVirtual().name("name-lookup").start(() -> lookUp(host, answer));
    } catch (Throwable noThread) {
      lookups.release();
      throw noThread;
    }
    try {
      return answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      throw new UnknownHostException("no answer within " + patience);
    } catch (ExecutionException unknown) {
      throw new UnknownHostException(String.valueOf(unknown.getCause()));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new UnknownHostException("stopped");
    }
  }

  private void lookUp(String host, CompletableFuture<InetAddress[]> answer) {
    try {
      answer.complete(names.resolve(host));
    } catch (Throwable failure) {
      answer.completeExceptionally(failure);
    } finally {
      lookups.release();
    }
  }
}
