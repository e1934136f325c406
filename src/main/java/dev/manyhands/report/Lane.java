package dev.manyhands.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;

/**
 * A row of the picture.
 *
 * @param label the name of the row
 * @param stretches sorted by their beginning
 */
record Lane(String label, List<Stretch> stretches) {

  /** The most rows. A picture with more rows is unreadable. */
  private static final int MOST_ROWS = 64;

  /**
   * Returns a lane for each thread of a worker, if the items of the job were timed and the threads
   * are few. Otherwise returns a lane for each worker.
   */
  static List<Lane> of(Timeline timeline) {
    boolean isTimed = !timeline.items().isEmpty() && !timeline.merged();
    List<Lane> threads = isTimed ? ofThreads(timeline) : List.of();
    return threads.isEmpty() || threads.size() > MOST_ROWS ? ofWorkers(timeline) : threads;
  }

  /**
   * Returns a lane for each worker. If there are too many workers, each bar goes into the first
   * lane that is free at its time. The number of lanes is then about the number of slots.
   */
  private static List<Lane> ofWorkers(Timeline timeline) {
    var workers = new TreeMap<Long, List<Stretch>>();
    timeline
        .bars()
        .forEach(bar ->
            workers
                .computeIfAbsent(bar.worker(), w -> new ArrayList<>())
                .add(Stretch.of(timeline, bar)));
    return workers.size() > MOST_ROWS
        ? free(timeline.bars().stream().map(bar -> Stretch.of(timeline, bar)).toList())
        : workers.entrySet().stream()
            .map(worker -> new Lane("worker " + worker.getKey(), worker.getValue()))
            .toList();
  }

  private static List<Lane> free(List<Stretch> stretches) {
    var lanes = new ArrayList<Lane>();
    var ends = new ArrayList<Double>();
    for (Stretch stretch : stretches) {
      int lane = 0;
      while (lane < lanes.size() - 1 && ends.get(lane) > stretch.from()) {
        lane++;
      }
      boolean isNew = lanes.isEmpty() || ends.get(lane) > stretch.from();
      if (isNew && lanes.size() < MOST_ROWS) {
        lane = lanes.size();
        lanes.add(new Lane("lane " + (lane + 1), new ArrayList<>()));
        ends.add(stretch.to());
      }
      lanes.get(lane).stretches.add(stretch);
      ends.set(lane, stretch.to());
    }
    return lanes;
  }

  private static List<Lane> ofThreads(Timeline timeline) {
    var workers = new TreeMap<Long, TreeMap<Integer, List<Stretch>>>();
    var timed = new HashSet<Long>();
    for (ItemBar item : timeline.items()) {
      timed.add(item.item());
      row(workers, item.worker(), item.thread()).add(Stretch.of(timeline, item));
    }
    // Items that were not timed are drawn as their chunk, for example those of a dead worker.
    for (Bar bar : timeline.bars()) {
      if (!timed.contains(bar.items().first())) {
        row(workers, bar.worker(), 1).add(Stretch.of(timeline, bar));
      }
    }
    workers.forEach((worker, threads) -> addStart(timeline, worker, threads));
    var lanes = new ArrayList<Lane>();
    workers.forEach((worker, threads) ->
        threads.forEach((thread, stretches) -> {
          stretches.sort(Comparator.comparingDouble(Stretch::from));
          boolean isFirst = thread.equals(threads.firstKey());
          lanes.add(new Lane(isFirst ? "worker " + worker : "thread " + thread, stretches));
        }));
    return lanes;
  }

  private static List<Stretch> row(
      TreeMap<Long, TreeMap<Integer, List<Stretch>>> workers, long worker, int thread) {
    return workers
        .computeIfAbsent(worker, w -> new TreeMap<>())
        .computeIfAbsent(thread, t -> new ArrayList<>());
  }

  /** Adds the start of a worker to the rows of its threads, if it had to start. */
  private static void addStart(
      Timeline timeline, long worker, TreeMap<Integer, List<Stretch>> threads) {
    double begun =
        threads.values().stream().flatMap(List::stream).mapToDouble(Stretch::from).min().orElse(0);
    timeline.bars().stream()
        .filter(bar -> bar.worker() == worker)
        .findFirst()
        // The first bar in a window need not be the first of its worker.
        .filter(first -> timeline.window() == null || first.startUpSeconds() > 0)
        .ifPresent(first -> {
          double started = begun - first.readSeconds();
          if (Stretch.isStart(started - timeline.secondsAt(first.startedAt()))) {
            threads.values().forEach(row -> row.add(Stretch.ofStart(timeline, first, started)));
          }
        });
  }
}
