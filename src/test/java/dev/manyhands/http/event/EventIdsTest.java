package dev.manyhands.http.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.Refusal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventIdsTest {
  private static final Instant SUBMITTED = Instant.parse("2026-11-21T10:00:00Z");

  private Instant now = SUBMITTED.plusSeconds(1);
  private final InstantSource source = () -> now;
  private final Clock clock = source.withZone(ZoneOffset.UTC);

  @Test
  void theyGrowWithTheTimeSinceTheSubmission() {
    var ids = new EventIds(0, SUBMITTED, clock);
    assertThat(ids.next()).isEqualTo(1_000_000);
    now = now.plus(Duration.ofMillis(250));
    assertThat(ids.next()).isEqualTo(1_250_000);
  }

  @Test
  void theyGrowThoughNoTimePasses() {
    var ids = new EventIds(0, SUBMITTED, clock);
    assertThat(ids.next()).isEqualTo(1_000_000);
    assertThat(ids.next()).isEqualTo(1_000_001);
  }

  @Test
  void theyGrowThoughTheClockIsSetBack() {
    var ids = new EventIds(0, SUBMITTED, clock);
    long before = ids.next();
    now = SUBMITTED.minusSeconds(3_600);
    assertThat(ids.next()).isEqualTo(before + 1);
    assertThat(new EventIds(before + 1, SUBMITTED, clock).next()).isEqualTo(before + 2);
  }

  @Test
  void anotherStreamGoesOnAboveTheFirst() {
    long before = new EventIds(0, SUBMITTED, clock).next();
    now = now.plusMillis(1);
    assertThat(new EventIds(0, SUBMITTED, clock).next()).isGreaterThan(before);
    assertThat(new EventIds(before, SUBMITTED, clock).next()).isGreaterThan(before);
  }

  @Test
  void theFirstOneOfAnUnknownReaderIsAboveZeroThoughTheClockIsBehind() {
    now = SUBMITTED.minusSeconds(1);
    assertThat(new EventIds(EventIds.last(null), SUBMITTED, clock).next()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "0"})
  void whoHasNoneBeginsBelowAll(String header) {
    assertThat(EventIds.last(header)).isZero();
  }

  @Test
  void theLargestThatIsTakenCanBeCountedOnFrom() {
    long last = EventIds.last("999999999999999999");
    assertThat(new EventIds(last, SUBMITTED, clock).next()).isEqualTo(1_000_000_000_000_000_000L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1.5", "x", "1000000000000000000", "١"})
  void whatIsNoneOfOursIsRefused(String header) {
    assertThatThrownBy(() -> EventIds.last(header))
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(Refusal.Reason.MALFORMED);
              assertThat(refusal.faults().getFirst().pointer()).isEqualTo("Last-Event-ID");
            });
  }
}
