package dev.manyhands.outside;

import dev.manyhands.outside.JobHistory.Call;
import dev.manyhands.outside.JobHistory.End;
import dev.manyhands.outside.JobHistory.Request;
import dev.manyhands.outside.JobHistory.Request.Append;
import dev.manyhands.outside.JobHistory.Request.CancelItems;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** Holds a history against what may become of items that are appended and cancelled. */
final class HistoryItems {
  private final JobHistory history;
  private final List<String> violations = new ArrayList<>();

  private HistoryItems(JobHistory history) {
    this.history = history;
  }

  /** Returns what cannot be, a line each. */
  static List<String> violations(JobHistory history) {
    var items = new HistoryItems(history);
    items.repetitionsAreExplained();
    items.fatesAreForEver();
    if (history.end() != null) {
      items.itemsAreThoseAccepted(history.end());
      items.fatesAreThoseOfTheEnd(history.end());
    }
    return items.violations;
  }

  private void violation(String rule, Object... of) {
    violations.add(rule + ": " + List.of(of));
  }

  private Stream<Call> calls(Class<? extends Request> type) {
    return history.calls().stream().filter(call -> type.isInstance(call.request()));
  }

  private Stream<Call> accepted() {
    return calls(Append.class).filter(Call::isAccepted);
  }

  // ---- appends

  /** Equal items are there already, and other items are, only if somebody has sent some. */
  private void repetitionsAreExplained() {
    calls(Append.class)
        .filter(call -> call.status() == 200)
        .filter(call ->
            accepted()
                .noneMatch(
                    first -> first.request().equals(call.request()) && first.mayPrecede(call)))
        .forEach(call -> violation("items that nobody appended are there", call));
    calls(Append.class)
        .filter(call -> call.status() == 422)
        .filter(call -> most(call) <= ((Append) call.request()).first())
        .forEach(call -> violation("no other item can be there", call));
    var seen = new HashSet<Request>();
    accepted()
        .filter(call -> !seen.add(call.request()))
        .forEach(call -> violation("appended twice", call));
  }

  /** Returns the most items that the job may have had when it answered. */
  private long most(Call call) {
    return calls(Append.class)
        .filter(append -> append.status() == 202 || append.status() == 404)
        .filter(append -> append.mayPrecede(call))
        .mapToLong(append -> ((Append) append.request()).items().size())
        .sum();
  }

  private void itemsAreThoseAccepted(End end) {
    Map<Long, Integer> indexes = new HashMap<>();
    for (int i = 0; i < end.items().size(); i++) {
      if (indexes.put(end.items().get(i), i) != null) {
        violation("an item twice", end.items().get(i));
      }
    }
    var left = new HashSet<>(indexes.keySet());
    List<Call> appends = accepted().toList();
    for (Call call : appends) {
      var append = (Append) call.request();
      append.items().forEach(left::remove);
      Integer first = indexes.get(append.items().getFirst());
      for (int i = 0; i < append.items().size(); i++) {
        if (first == null || !Objects.equals(indexes.get(append.items().get(i)), first + i)) {
          violation("accepted items are lost or torn apart", call);
          break;
        }
      }
      if (append.isPlaced() && first != null && first != append.first()) {
        violation("items at another place", first, call);
      }
    }
    if (!left.isEmpty()) {
      violation("items that were not accepted", left);
    }
    for (Call earlier : appends) {
      for (Call later : appends) {
        if (earlier.isBefore(later) && index(indexes, earlier) > index(indexes, later)) {
          violation("items out of order", earlier, later);
        }
      }
    }
  }

  private static int index(Map<Long, Integer> indexes, Call append) {
    return indexes.getOrDefault(((Append) append.request()).items().getFirst(), -1);
  }

  // ---- cancelled items

  private void fatesAreForEver() {
    List<Call> cancels = calls(CancelItems.class).filter(Call::isAccepted).toList();
    for (Call call : cancels) {
      var asked = (CancelItems) call.request();
      if (call.fates().size() != asked.end() - asked.first()) {
        violation("not the items that were named", call);
      }
      if (asked.force() && call.fates().containsValue("running")) {
        violation("an item runs on though it was stopped", call);
      }
      for (Call later : cancels) {
        if (call.isBefore(later) && changes(call.fates(), later.fates())) {
          violation("an item has another fate", call, later);
        }
      }
    }
    calls(CancelItems.class)
        .filter(call -> call.status() == 422)
        .filter(call -> least(call) >= ((CancelItems) call.request()).end())
        .forEach(call -> violation("items are refused that the job has", call));
  }

  /** Returns the fewest items that the job may have had when it answered. */
  private long least(Call call) {
    return accepted()
        .filter(append -> append.isBefore(call))
        .mapToLong(append -> ((Append) append.request()).items().size())
        .sum();
  }

  private static boolean changes(Map<Long, String> earlier, Map<Long, String> later) {
    return earlier.entrySet().stream()
        .filter(fate -> !fate.getValue().equals("running"))
        .anyMatch(
            fate -> !later.getOrDefault(fate.getKey(), fate.getValue()).equals(fate.getValue()));
  }

  private void fatesAreThoseOfTheEnd(End end) {
    Set<Long> named = new HashSet<>();
    calls(CancelItems.class)
        .filter(Call::isAccepted)
        .forEach(call ->
            call.fates()
                .forEach((index, state) -> {
                  named.add(index);
                  boolean hasRun = end.startsNanos().containsKey(index.intValue());
                  if (state.equals("cancelled") && hasRun) {
                    violation("a cancelled item has a result", index, call);
                  }
                  if (state.equals("done") && !hasRun) {
                    violation("an item that was done has no result", index, call);
                  }
                }));
    for (int i = 0; i < end.items().size() && end.state().equals("SUCCEEDED"); i++) {
      if (!end.startsNanos().containsKey(i) && !named.contains((long) i)) {
        violation("an item without a result that nobody cancelled", i);
      }
    }
  }
}
