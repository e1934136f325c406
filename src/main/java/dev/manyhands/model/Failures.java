package dev.manyhands.model;

import dev.manyhands.support.ShortText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The failed items of a job, counted by the kind and the type of their errors. Holds the first
 * {@link #MOST_GROUPS} kinds and types that were seen, with short texts. The size is thus bounded,
 * however many items fail. Immutable.
 *
 * @param groups in the order in which they were first seen
 */
public record Failures(List<Group> groups) {
  /** The largest number of groups. Errors of any further kind or type are in no group. */
  public static final int MOST_GROUPS = 20;

  private static final int MOST_TYPE_CHARACTERS = 100;
  private static final int MOST_MESSAGE_CHARACTERS = 200;

  public static final Failures NONE = new Failures(List.of());

  public Failures {
    groups = List.copyOf(groups);
  }

  /**
   * Failed items whose errors have one kind and one type.
   *
   * @param type may be cut
   * @param firstIndex the lowest index of the items
   * @param message of the item at {@code firstIndex}; may be cut
   */
  public record Group(
      ItemError.Kind kind, String type, long count, long firstIndex, String message) {

    private static String message(ItemError error) {
      return ShortText.of(error.message(), MOST_MESSAGE_CHARACTERS);
    }

    private Group with(ItemError error) {
      return error.index() < firstIndex
          ? new Group(kind, type, count + 1, error.index(), message(error))
          : new Group(kind, type, count + 1, firstIndex, message);
    }
  }

  /**
   * Returns a copy that counts these errors, too. Each error is of an item that has failed for
   * good.
   */
  public Failures plus(List<ItemError> errors) {
    if (errors.isEmpty()) {
      return this;
    }
    var more = new ArrayList<>(groups);
    errors.forEach(error -> add(error, more));
    return new Failures(more);
  }

  private static void add(ItemError error, List<Group> groups) {
    String type = ShortText.of(error.type(), MOST_TYPE_CHARACTERS);
    for (int i = 0; i < groups.size(); i++) {
      Group group = groups.get(i);
      if (group.kind() == error.kind() && group.type().equals(type)) {
        groups.set(i, group.with(error));
        return;
      }
    }
    if (groups.size() < MOST_GROUPS) {
      groups.add(new Group(error.kind(), type, 1, error.index(), Group.message(error)));
    }
  }

  /** Returns the groups, the largest first. Groups of one size are sorted by their lowest index. */
  public List<Group> largestFirst() {
    return groups.stream()
        .sorted(
            Comparator.comparingLong(Group::count).reversed().thenComparingLong(Group::firstIndex))
        .toList();
  }

  /**
   * Returns how many failed items are in no group.
   *
   * @param failed all failed items
   */
  public long others(long failed) {
    return failed - groups.stream().mapToLong(Group::count).sum();
  }
}
