package dev.manyhands.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.http.Activity.Jobs;
import dev.manyhands.http.Activity.Sample;
import dev.manyhands.http.Activity.Samples;
import dev.manyhands.http.Activity.Slots;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The samples that are kept. */
class SampleRingTest {
  private static final Instant START = Instant.parse("2026-11-21T10:00:00Z");

  private final SampleRing ring = new SampleRing(sample(0));

  @Test
  void columnsHaveAValueForEachSecond() {
    ring.keep(1, sample(1));
    ring.keep(2, sample(2));
    Samples samples = ring.samples();
    assertThat(samples.first()).isEqualTo(START);
    assertThat(samples.slotsBusy()).containsExactly(0, 1, 2);
    assertThat(samples.itemsPerSecond()).containsExactly(0, 10, 20);
    assertThat(ring.newest()).isEqualTo(sample(2));
  }

  @Test
  void aSecondWithoutASampleIsNull() {
    ring.keep(3, sample(3));
    assertThat(ring.samples().slotsBusy()).containsExactly(0, null, null, 3);
  }

  @Test
  void onlyTheLastTenMinutesAreKept() {
    for (int second = 1; second < 1_500; second++) {
      ring.keep(second, sample(second));
    }
    assertThat(ring.samples().slotsBusy()).hasSize(SampleRing.KEPT).startsWith(900).endsWith(1_499);
    assertThat(ring.samples().first()).isEqualTo(START.plusSeconds(900));
    ring.keep(100_000, sample(100_000));
    assertThat(ring.samples().slotsBusy()).hasSize(SampleRing.KEPT).endsWith(null, 100_000);
    assertThat(ring.samples().slotsBusy().subList(0, 599)).containsOnlyNulls();
  }

  private static Sample sample(int second) {
    return new Sample(
        START.plusSeconds(second),
        new Slots(2, second),
        new Jobs(1, 0, 0),
        second * 10,
        second * 2,
        null);
  }
}
