package dev.manyhands.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LogThrottleTest {
  // Close to where the clock wraps around, which it may.
  private long nanos = Long.MAX_VALUE - 5_000_000_000L;
  private final LogThrottle throttle = new LogThrottle(Duration.ofSeconds(10), () -> nanos);

  @Test
  void theFirstMessageIsAllowedAtOnceAndTheNextAfterTheInterval() {
    assertThat(throttle.allows()).isTrue();
    assertThat(throttle.allows()).isFalse();
    pass(Duration.ofSeconds(10).minusNanos(1));
    assertThat(throttle.allows()).isFalse();
    pass(Duration.ofNanos(1));
    assertThat(throttle.allows()).isTrue();
    assertThat(throttle.allows()).isFalse();
  }

  @Test
  void aLongSilenceAllowsOneMessageOnly() {
    pass(Duration.ofHours(1));
    assertThat(throttle.allows()).isTrue();
    assertThat(throttle.allows()).isFalse();
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }
}
