package dev.manyhands.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * A row of the picture.
 *
 * @param label the name of the row
 * @param bars sorted by their beginning
 */
record Lane(String label, List<Bar> bars) {

  /** The most workers with a row each. A picture with more rows is unreadable. */
  private static final int MOST_WORKERS = 64;

  /**
   * Returns a lane for each worker. Each bar goes into the first lane that is free at its time if
   * there are many workers. The number of lanes is then about the number of slots.
   *
   * @param bars sorted by their beginning
   */
  static List<Lane> of(List<Bar> bars) {
    var workers = new TreeMap<Long, List<Bar>>();
    bars.forEach(bar -> workers.computeIfAbsent(bar.worker(), w -> new ArrayList<>()).add(bar));
    return workers.size() > MOST_WORKERS
        ? free(bars)
        : workers.entrySet().stream()
            .map(worker -> new Lane("worker " + worker.getKey(), worker.getValue()))
            .toList();
  }

  private static List<Lane> free(List<Bar> bars) {
    var lanes = new ArrayList<Lane>();
    var ends = new ArrayList<Instant>();
    for (Bar bar : bars) {
      int lane = 0;
      while (lane < lanes.size() - 1 && ends.get(lane).isAfter(bar.startedAt())) {
        lane++;
      }
      boolean isNew = lanes.isEmpty() || ends.get(lane).isAfter(bar.startedAt());
      if (isNew && lanes.size() < MOST_WORKERS) {
        lane = lanes.size();
        lanes.add(new Lane("lane " + (lane + 1), new ArrayList<>()));
        ends.add(bar.finishedAt());
      }
      lanes.get(lane).bars.add(bar);
      ends.set(lane, bar.finishedAt());
    }
    return lanes;
  }
}
