package dev.manyhands.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
  // Close to where the clock wraps around, which it may.
  private long nanos = Long.MAX_VALUE - 5_000_000_000L;
  private final Heartbeat heartbeat = new Heartbeat(Duration.ofSeconds(15), () -> nanos);

  @Test
  void itBeatsOnceAnInterval() {
    assertThat(heartbeat.beats()).isFalse();
    assertThat(heartbeat.left()).isEqualTo(Duration.ofSeconds(15));
    pass(Duration.ofSeconds(14));
    assertThat(heartbeat.beats()).isFalse();
    assertThat(heartbeat.left()).isEqualTo(Duration.ofSeconds(1));
    pass(Duration.ofSeconds(1));
    assertThat(heartbeat.left()).isZero();
    assertThat(heartbeat.beats()).isTrue();
    assertThat(heartbeat.beats()).isFalse();
    pass(Duration.ofSeconds(15));
    assertThat(heartbeat.beats()).isTrue();
  }

  @Test
  void aStreamThatWasHeldUpDoesNotCatchUp() {
    pass(Duration.ofMinutes(5));
    assertThat(heartbeat.left()).isZero();
    assertThat(heartbeat.beats()).isTrue();
    assertThat(heartbeat.beats()).isFalse();
    assertThat(heartbeat.left()).isEqualTo(Duration.ofSeconds(15));
  }

  @Test
  void anIntervalOfNothingIsRefused() {
    assertThatThrownBy(() -> new StreamSettings(Duration.ZERO))
        .hasMessageContaining("manyhands.streams.heartbeat");
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }
}
