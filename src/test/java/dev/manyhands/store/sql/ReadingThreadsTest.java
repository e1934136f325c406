package dev.manyhands.store.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.store.StoreException;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReadingThreadsTest {
  private final ReadingThreads threads = new ReadingThreads();
  private final AtomicInteger reading = new AtomicInteger();

  @Test
  void manyRequestsLeaveHalfOfTheProcessorsToOthers() throws Exception {
    int most = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    try (var requests = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Integer> request = () -> threads.read(this::look);
      for (var seen : requests.invokeAll(Collections.nCopies(100, request))) {
        assertThat(seen.get()).isBetween(1, most);
      }
    }
  }

  @Test
  void aRequestHoldsNoCarrierWhileItReads() throws Exception {
    try (var requests = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Boolean> request = () -> threads.read(() -> Thread.currentThread().isVirtual());
      assertThat(requests.submit(request).get()).isFalse();
    }
  }

  @Test
  void aFailureReachesTheRequestAsItIs() {
    var failure = new StoreException("away", null);
    assertThatThrownBy(() ->
            threads.read(() -> {
              throw failure;
            }))
        .isSameAs(failure);
  }

  /** Returns how many read at this time. */
  private int look() {
    int now = reading.incrementAndGet();
    Thread.onSpinWait();
    reading.decrementAndGet();
    return now;
  }
}
