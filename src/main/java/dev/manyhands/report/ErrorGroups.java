package dev.manyhands.report;

import dev.manyhands.model.ItemError;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Groups the errors of a job's items by kind, type and message. Numbers and ids in messages do not
 * count, so that {@code no row 17} and {@code no row 18} are one group. Used by one thread.
 */
public final class ErrorGroups {
  /** Errors that are examined. The first ones of a job tell enough. */
  public static final int MOST_EXAMINED = 10_000;

  private static final int MOST_GROUPS = 100;

  /** Characters of a message that count. */
  private static final int MOST_CHARACTERS = 300;

  private static final Pattern NUMBERS_AND_IDS =
      Pattern.compile(
          "0x[0-9a-fA-F]+|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
              + "|\\b(?=\\w*\\d)[0-9a-fA-F]{8,}\\b|\\d+(?:[.,:]\\d+)*");

  private record Key(ItemError.Kind kind, String type, String message) {}

  /**
   * Errors that are alike.
   *
   * @param message of the errors, with {@code #} in place of numbers and ids
   * @param sample the first error of the group
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

  private final Map<Key, Group> groups = new LinkedHashMap<>();
  private long examined;

  /**
   * Adds an error. Errors come in the order of their items.
   *
   * @return whether more errors are wanted
   */
  public boolean add(ItemError error) {
    String text = error.message();
    String start = text.substring(0, Math.min(text.length(), MOST_CHARACTERS));
    String message = NUMBERS_AND_IDS.matcher(start).replaceAll("#");
    var key = new Key(error.kind(), error.type(), message);
    Group group = groups.get(key);
    if (group != null) {
      groups.put(key, group.with(error));
    } else if (groups.size() < MOST_GROUPS) {
      long index = error.index();
      groups.put(key, new Group(error.kind(), error.type(), message, 1, index, index, error));
    }
    examined++;
    return examined < MOST_EXAMINED;
  }

  /** Returns how many errors were added. */
  public long examined() {
    return examined;
  }

  /** Returns the groups, the largest first; of equal ones the group that began first. */
  public List<Group> groups() {
    return groups.values().stream()
        .sorted(
            Comparator.comparingLong(Group::count).reversed().thenComparingLong(Group::firstIndex))
        .toList();
  }
}
