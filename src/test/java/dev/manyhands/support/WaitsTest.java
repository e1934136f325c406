package dev.manyhands.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WaitsTest {
  private static final Duration LONG = Duration.ofSeconds(Long.MAX_VALUE);

  private final CompletableFuture<String> event = new CompletableFuture<>();

  @Test
  void theEventEndsAWaitOfAnyLength() {
    Thread.ofVirtual().start(() -> event.complete("now"));
    assertThat(Waits.until(event, LONG)).isTrue();
    assertThat(event).isCompleted();
  }

  @Test
  void theEndOfTheTimeEndsAWait() {
    assertThat(Waits.until(event, Duration.ZERO)).isTrue();
    assertThat(event).isNotDone();
  }

  @Test
  void anInterruptEndsAWaitAndIsKept() {
    Thread.currentThread().interrupt();
    assertThat(Waits.until(event, LONG)).isFalse();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aFailedEventIsABug() {
    event.completeExceptionally(new IllegalArgumentException("why"));
    assertThatThrownBy(() -> Waits.until(event, LONG))
        .isInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("why");
  }
}
