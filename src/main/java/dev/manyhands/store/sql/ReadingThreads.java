package dev.manyhands.store.sql;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A few platform threads that read for many requests, one after the other. Safe for use by any
 * thread.
 *
 * <p>Requests run on virtual threads, which are not preempted and have as many carriers as there
 * are processors. Hundreds of requests that each read for a long time would therefore keep out a
 * short request until all buffers to their clients are full. While such a request waits for a
 * thread of this class, it holds no carrier. At most half of the processors read.
 */
final class ReadingThreads {
  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor threads;

  ReadingThreads() {
    int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    threads =
        new ThreadPoolExecutor(
            count,
            count,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("result-reader-", 0).factory());
    threads.allowCoreThreadTimeOut(true); // hence there is nothing to close
  }

  /** Returns what a reading returns, or throws what it throws. */
  <T> T read(Supplier<T> reading) {
    try {
      return CompletableFuture.supplyAsync(reading, threads).join();
    } catch (CompletionException failure) {
      switch (failure.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw failure;
      }
    }
  }
}
