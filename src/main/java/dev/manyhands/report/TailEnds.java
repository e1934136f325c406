package dev.manyhands.report;

import dev.manyhands.model.ChunkReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records when the slots of a job ran out of work. A slot may have had several workers, one after
 * the other. The last workers of the slots are those with the latest reports, as many as there are
 * slots.
 */
final class TailEnds {
  private final int slots;
  private final Map<Long, Instant> ends = new HashMap<>();
  private @Nullable ChunkReport last;

  TailEnds(int slots) {
    this.slots = slots;
  }

  void add(ChunkReport report) {
    if (last == null || report.finishedAt().isAfter(last.finishedAt())) {
      last = report;
    }
    ends.merge(report.worker(), report.finishedAt(), (a, b) -> a.isAfter(b) ? a : b);
    if (ends.size() > slots) {
      ends.entrySet().stream()
          .min(Comparator.comparing(Map.Entry::getValue))
          .map(Map.Entry::getKey)
          .ifPresent(ends::remove);
    }
  }

  @Nullable ChunkReport last() {
    return last;
  }

  double seconds() {
    if (last == null) {
      return 0;
    }
    Instant end = last.finishedAt();
    return ends.values().stream()
        .mapToDouble(each -> Duration.between(each, end).toNanos() / 1e9)
        .sum();
  }
}
