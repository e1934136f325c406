package dev.manyhands.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JobIdTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00.123Z");

  @Test
  void idsOfOneMillisecondSortByTime() {
    var random = new Random(1);
    var ids = new ArrayList<JobId>();
    for (int micros = 0; micros < 3_000; micros++) {
      ids.add(JobId.next(Clock.fixed(NOW.plusNanos(micros * 1_000L), ZoneOffset.UTC), random));
    }
    assertThat(ids).isSorted();
    assertThat(ids.getFirst().toString()).startsWith("01a1fd8c-697b-7000-");
    assertThat(ids).allSatisfy(id -> assertThat(JobId.parse(id.toString())).contains(id));
  }

  @Test
  void idsOfOneMomentAreUnique() {
    var random = new Random(1);
    var ids = new HashSet<JobId>();
    for (int i = 0; i < 10_000; i++) {
      ids.add(JobId.next(Clock.fixed(NOW, ZoneOffset.UTC), random));
    }
    assertThat(ids).hasSize(10_000);
  }
}
