package dev.manyhands.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.Refusal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The memory that bodies share while they are read. */
class BodyMemoryTest {
  private static final int SPEC = 1 << 20;

  /** Room for one job, which has eight times its size. */
  private final BodyMemory memory = new BodyMemory(12 << 20, SPEC);

  private static Refusal tooLarge() {
    return Refusal.tooLarge("", "too large");
  }

  private static byte[] read(BodyMemory.Hold hold, int bytes) throws IOException {
    return hold.readSpec(new ByteArrayInputStream(new byte[bytes]), BodyMemoryTest::tooLarge);
  }

  @Test
  void theSecondLargeBodyWaitsForTheFirst() throws Exception {
    var second = new CompletableFuture<byte[]>();
    var first = memory.hold();
    assertThat(read(first, SPEC)).hasSize(SPEC);
    var reader =
        Thread.ofPlatform()
            .start(() -> {
              try (var hold = memory.hold()) {
                second.complete(read(hold, SPEC));
              } catch (IOException | RuntimeException e) {
                second.completeExceptionally(e);
              }
            });
    Awaitility.await().until(() -> reader.getState() == Thread.State.TIMED_WAITING);
    assertThat(second).isNotDone();

    // A small one does not wait behind it.
    try (var hold = memory.hold()) {
      assertThat(read(hold, BodyMemory.FREE_BYTES - 1)).hasSize(BodyMemory.FREE_BYTES - 1);
    }
    first.close();
    assertThat(second.get()).hasSize(SPEC);
    reader.join();
  }

  @Test
  void aRequestThatHoldsSomeIsRefusedMoreAtOnce() {
    try (var first = memory.hold();
        var second = memory.hold()) {
      first.cover(6 << 20);
      second.cover(4 << 20);
      assertThatThrownBy(() -> second.cover(8 << 20))
          .isInstanceOfSatisfying(
              Refusal.class,
              refusal -> assertThat(refusal.reason()).isEqualTo(Refusal.Reason.UNAVAILABLE));
      first.shrinkTo(1 << 20);
      second.cover(8 << 20);
    }
    try (var all = memory.hold()) {
      all.cover(12 << 20); // what was held is back
    }
  }

  @Test
  void whatIsLargerThanAllGetsAll() {
    try (var hold = memory.hold()) {
      hold.cover(100 << 20);
      hold.cover(200 << 20);
    }
  }

  @Test
  void aBodyThatIsTooLargeIsReadNoFurther() throws Exception {
    try (var hold = memory.hold()) {
      var body = new ByteArrayInputStream(new byte[3 * SPEC]);
      assertThatThrownBy(() -> hold.readSpec(body, BodyMemoryTest::tooLarge))
          .hasMessage("too large");
      assertThat(body.available()).isEqualTo(2 * SPEC - 1);
    }
    try (var hold = memory.hold()) {
      var growth = memory.new Growth(hold);
      growth.accept(SPEC);
      assertThatThrownBy(() -> growth.accept(2 * SPEC)).isInstanceOf(Refusal.class);
      growth.items(true);
      growth.accept(2 * SPEC);
    }
  }
}
