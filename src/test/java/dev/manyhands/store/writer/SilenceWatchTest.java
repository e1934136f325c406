package dev.manyhands.store.writer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The watch over a writer that is silent. */
class SilenceWatchTest {
  private static final int PATIENCE_SECONDS = 30;

  @Test
  void anErrorInOneLookDoesNotEndTheWatch() throws Exception {
    var over = new CountDownLatch(1);
    var noticed = new CountDownLatch(1);
    Thread writer = Thread.ofPlatform().daemon().start(() -> awaitUninterrupted(over));
    var readings = new AtomicInteger();
    var step =
        new UnderWay(() ->
            switch (readings.incrementAndGet()) {
              case 1 -> 0; // the step begins
              case 2 -> throw new OutOfMemoryError("made up");
              default -> Duration.ofMinutes(1).toNanos();
            });
    step.begin(List.of());
    Thread watch =
        SilenceWatch.begin(writer, step, Duration.ofSeconds(5), writes -> noticed.countDown());
    assertThat(noticed.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    over.countDown();
    assertThat(watch.join(Duration.ofSeconds(PATIENCE_SECONDS))).as("ends with writer").isTrue();
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException unexpected) {
      throw new IllegalStateException(unexpected);
    }
  }
}
