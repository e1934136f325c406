package dev.manyhands.report;

import dev.manyhands.model.ErrorPattern;
import dev.manyhands.model.ItemError;
import dev.manyhands.support.ShortText;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Groups the errors of a job's items by kind, type and message. Numbers and ids in messages do not
 * count, so that {@code no row 17} and {@code no row 18} are one group. Used by one thread.
 */
public final class ErrorGroups {
  /** The most errors that are examined. The first errors of a job are enough. */
  public static final int MOST_EXAMINED = 10_000;

  private static final int MOST_SHOWN = 100;

  /** Memory for whole samples. Samples of later groups have a short message and no traceback. */
  private static final long SAMPLE_BYTES = 4 << 20;

  /**
   * Errors that are alike.
   *
   * @param message of the errors, with {@code #} in place of numbers and ids
   * @param sample the first error of the group; its texts may be cut if there are many groups
   */
  public record Group(
      ItemError.Kind kind,
      String type,
      String message,
      long count,
      long firstIndex,
      long lastIndex,
      ItemError sample) {

    private Group with(ItemError error) {
      return new Group(kind, type, message, count + 1, firstIndex, error.index(), sample);
    }
  }

  private final Map<ErrorPattern, Group> groups = new HashMap<>();
  private long examined;
  private long sampleBytes;

  /**
   * Adds an error. Errors come in the order of their items.
   *
   * @return whether more errors are wanted
   */
  public boolean add(ItemError error) {
    var key = ErrorPattern.of(error);
    Group group = groups.get(key);
    if (group == null) {
      long index = error.index();
      group =
          new Group(error.kind(), key.type(), key.message(), 1, index, index, sample(error, key));
    } else {
      group = group.with(error);
    }
    groups.put(key, group);
    examined++;
    return examined < MOST_EXAMINED;
  }

  private ItemError sample(ItemError error, ErrorPattern pattern) {
    ItemError shown = error.withoutData();
    sampleBytes += shown.weight();
    return sampleBytes <= SAMPLE_BYTES
        ? shown
        : new ItemError(
            error.index(),
            error.kind(),
            pattern.type(),
            ShortText.of(error.message(), ErrorPattern.MOST_CHARACTERS),
            null,
            error.attempts());
  }

  /** Returns how many errors were added. */
  public long examined() {
    return examined;
  }

  /**
   * Returns the largest groups, at most 100 of them, the largest first. Groups of one size are
   * sorted by their first index.
   */
  public List<Group> groups() {
    return groups.values().stream()
        .sorted(
            Comparator.comparingLong(Group::count).reversed().thenComparingLong(Group::firstIndex))
        .limit(MOST_SHOWN)
        .toList();
  }
}
