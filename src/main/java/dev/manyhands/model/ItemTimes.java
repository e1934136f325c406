package dev.manyhands.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * When each item of a report ran, and in which thread of its worker. Only jobs of few items have
 * it, so that the times of a job never take more room than its results.
 *
 * @param runs one for each item of the report, in order
 */
public record ItemTimes(List<Run> runs) {
  /**
   * Limit for the items of a job with times. Jobs with more items, or with items that arrive later,
   * have none.
   */
  public static final int MOST_ITEMS = 256;

  /** How many numbers describe a run in a frame. */
  public static final int NUMBERS = 3;

  private static final String BETWEEN_RUNS = ";";
  private static final String BETWEEN_NUMBERS = ",";

  public ItemTimes {
    runs = List.copyOf(runs);
  }

  /**
   * The run of an item. Times are microseconds before the report was sent.
   *
   * @param thread from 0
   * @param began at least {@code ended}, because it is further back
   * @param failed set by {@link #decoded}; false in a report on its way to the store
   */
  public record Run(int thread, long began, long ended, boolean failed) {}

  /** Whether workers are asked for the times of the job's items. */
  public static boolean areWanted(JobSpec spec) {
    long count = spec.inputs().count();
    return count >= 1 && count <= MOST_ITEMS;
  }

  /**
   * Returns the times of the items from {@code from} to before {@code to}, counted from the first
   * item of the report.
   */
  public ItemTimes part(int from, int to) {
    return new ItemTimes(runs.subList(from, to));
  }

  /** Returns the text of the times, and of which items failed. */
  public String encoded(ItemRange items, List<ItemError> errors) {
    var failed = new HashSet<Long>();
    errors.forEach(error -> failed.add(error.index()));
    var text = new StringBuilder();
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i);
      text.append(i == 0 ? "" : BETWEEN_RUNS).append(run.thread).append(BETWEEN_NUMBERS);
      text.append(run.began).append(BETWEEN_NUMBERS).append(run.ended).append(BETWEEN_NUMBERS);
      text.append(failed.contains(items.first() + i) ? 1 : 0);
    }
    return text.toString();
  }

  /** Reads the text that {@link #encoded} has written. */
  public static ItemTimes decoded(String text) {
    var runs = new ArrayList<Run>();
    for (String run : text.split(BETWEEN_RUNS, -1)) {
      String[] numbers = run.split(BETWEEN_NUMBERS, -1);
      runs.add(
          new Run(
              Integer.parseInt(numbers[0]),
              Long.parseLong(numbers[1]),
              Long.parseLong(numbers[2]),
              "1".equals(numbers[3])));
    }
    return new ItemTimes(runs);
  }
}
