package dev.manyhands.store.writer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.store.writer.Write.OnOutage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WriteQueueTest {
  private static final Duration FOR_EVER = Duration.ofDays(1);

  @Test
  void aWriteThatWaitsForOthersIsTakenWithThem() {
    var queue = new WriteQueue(FOR_EVER);
    var first = waiting();
    queue.add(first);
    var taken = take(queue);
    var second = hurried();
    queue.add(second);
    assertThat(taken.join()).isEqualTo(List.of(first, second));
  }

  @Test
  void itIsTakenAloneWhenNobodyComes() {
    var queue = new WriteQueue(Duration.ofMillis(1));
    var taken = take(queue);
    var write = waiting();
    queue.add(write);
    assertThat(taken.join()).isEqualTo(List.of(write));
  }

  @Test
  void manyThatWaitAreOthersEnough() {
    var queue = new WriteQueue(FOR_EVER);
    var taken = take(queue);
    for (int i = 0; i < 100; i++) {
      queue.add(waiting());
    }
    assertThat(taken.join()).hasSizeGreaterThan(1);
  }

  @Test
  void whatIsHeldIsTakenTogether() {
    var queue = new WriteQueue(FOR_EVER);
    var taken = take(queue);
    var first = hurried();
    var second = hurried();
    queue.together(() -> {
      queue.add(first);
      queue.add(second);
    });
    assertThat(taken.join()).isEqualTo(List.of(first, second));
  }

  @Test
  void atTheEndItIsTakenAtOnce() {
    var queue = new WriteQueue(FOR_EVER);
    var write = waiting();
    queue.add(write);
    var taken = take(queue);
    queue.close();
    assertThat(taken.join()).isEqualTo(List.of(write));
    assertThat(take(queue).join()).isEmpty();
  }

  private static Write<Void> hurried() {
    return new Write<>(OnOutage.WAIT, 0, transaction -> null, null);
  }

  private static Write<Void> waiting() {
    return Write.withOthers(OnOutage.WAIT, 0, transaction -> null);
  }

  private static CompletableFuture<List<Write<?>>> take(WriteQueue queue) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return queue.take();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
  }
}
