package dev.manyhands.outside;

import dev.manyhands.outside.JobHistory.Call;
import dev.manyhands.outside.JobHistory.End;
import dev.manyhands.outside.JobHistory.Request;
import dev.manyhands.outside.JobHistory.Request.Append;
import dev.manyhands.outside.JobHistory.Request.Cancel;
import dev.manyhands.outside.JobHistory.Request.Close;
import dev.manyhands.outside.JobHistory.Request.Delete;
import dev.manyhands.outside.JobHistory.Request.Paused;
import dev.manyhands.outside.JobHistory.Request.Priority;
import dev.manyhands.outside.JobHistory.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Holds a history against what a job may answer. A job is a small machine: it takes items until it
 * is closed or has ended, it ends once, and it is gone once it is deleted. Each rule here is what
 * must hold for any order of requests that agrees with their times.
 */
final class HistoryChecker {
  /** How long after an accepted cancellation an item may still begin. */
  private static final long LAST_START_NANOS = 5_000_000_000L;

  private final JobHistory history;
  private final List<String> violations = new ArrayList<>();

  /** Whether there was a time without requests that is long enough to abandon the job. */
  private final boolean mayBeAbandoned;

  private HistoryChecker(JobHistory history) {
    this.history = history;
    this.mayBeAbandoned = history.idleNanos() > 0 && hasPauseOf(history.idleNanos());
  }

  /** Requests count from a moment that is not known, between their sending and their answer. */
  private boolean hasPauseOf(long nanos) {
    return history.calls().stream()
        .anyMatch(call ->
            history.calls().stream()
                    .filter(later -> later.invokedNanos() > call.invokedNanos())
                    .mapToLong(later -> later.answeredNanos() - call.invokedNanos())
                    .min()
                    .orElse(0)
                >= nanos);
  }

  /** Returns what cannot be, a line each; nothing if all can. */
  static List<String> violations(JobHistory history) {
    var checker = new HistoryChecker(history);
    checker.check();
    return checker.violations;
  }

  private void check() {
    history.calls().forEach(this::statusIsOneOfThese);
    appendsEndWithTheJob();
    endsAreExplained();
    deletionIsForEver();
    statesGoForward();
    countsAddUp();
    reads("priority", history.priority(), HistoryChecker::priority, Shown::priority);
    reads("paused", false, HistoryChecker::paused, Shown::paused);
    violations.addAll(HistoryItems.violations(history));
    if (history.end() != null) {
      nothingStartsAfterCancel(history.end());
    }
  }

  private void violation(String rule, Object... of) {
    violations.add(rule + ": " + List.of(of));
  }

  private Stream<Call> calls(Class<? extends Request> type) {
    return history.calls().stream().filter(call -> type.isInstance(call.request()));
  }

  private Stream<Call> accepted(Class<? extends Request> type) {
    return calls(type).filter(Call::isAccepted);
  }

  private Stream<Call> shown() {
    return history.calls().stream().filter(call -> call.shown() != null);
  }

  private Stream<Call> seenEnded() {
    return shown().filter(call -> Objects.requireNonNull(call.shown()).isTerminal());
  }

  /** Returns the calls that may have closed the inputs, or ended the job. */
  private Stream<Call> closing() {
    return Stream.concat(accepted(Close.class), accepted(Cancel.class));
  }

  private void statusIsOneOfThese(Call call) {
    boolean known =
        switch (call.request()) {
          case Append append ->
              List.of(202, 404, 409).contains(call.status())
                  || (append.isPlaced() && List.of(200, 422).contains(call.status()));
          case Request.CancelItems _ -> List.of(200, 404, 422).contains(call.status());
          case Request.Ping _ -> List.of(204, 404, 409).contains(call.status());
          case Close _, Cancel _ -> List.of(200, 202, 404).contains(call.status());
          case Delete _ -> List.of(204, 404, 409).contains(call.status());
          case Priority _, Paused _ -> List.of(200, 404, 409).contains(call.status());
          case Request.Look _ -> List.of(200, 404).contains(call.status());
        };
    if (!known) {
      violation("an answer that no job gives", call);
    }
    boolean isLate =
        switch (call.request()) {
          case Close _ -> call.status() == 200;
          case Delete _ -> false;
          // A gap is refused at any time.
          case Append append when append.isPlaced() && isGap(append, call) -> false;
          default -> call.status() == 409;
        };
    if (isLate && !mayBeAbandoned && closing().noneMatch(other -> other.mayPrecede(call))) {
      violation("a refusal before anything closed or cancelled the job", call);
    }
  }

  private boolean isGap(Append append, Call call) {
    return items(other -> other.isBefore(call)) < append.first();
  }

  private void appendsEndWithTheJob() {
    accepted(Append.class)
        .forEach(append ->
            Stream.concat(accepted(Close.class), seenEnded())
                .filter(end -> end.isBefore(append))
                .findFirst()
                .ifPresent(end -> violation("items taken after the end", end, append)));
    accepted(Request.Ping.class)
        .filter(ping -> seenEnded().anyMatch(end -> end.isBefore(ping)))
        .forEach(ping -> violation("kept alive after the end", ping));
    if (accepted(Close.class).count() > 1) {
      violation("closed more than once", accepted(Close.class).toList());
    }
  }

  private void endsAreExplained() {
    seenEnded().forEach(call -> explain(Objects.requireNonNull(call.shown()).state(), call));
    if (history.end() != null) {
      String state = history.end().state();
      Class<? extends Request> why = state.equals("CANCELLED") ? Cancel.class : Close.class;
      if (!mayBeAbandoned && accepted(why).findAny().isEmpty()) {
        violation("an end that no request explains", state);
      }
    }
    accepted(Cancel.class)
        .forEach(cancel ->
            seenEnded()
                .filter(end -> end.isBefore(cancel))
                .findFirst()
                .ifPresent(end -> violation("cancelled after the end", end, cancel)));
  }

  private void explain(String state, Call seen) {
    Class<? extends Request> why = state.equals("CANCELLED") ? Cancel.class : Close.class;
    if (!mayBeAbandoned && accepted(why).noneMatch(call -> call.mayPrecede(seen))) {
      violation("an end that no request explains", seen);
    }
  }

  private void deletionIsForEver() {
    List<Call> deletes = accepted(Delete.class).toList();
    if (deletes.size() > 1) {
      violation("deleted more than once", deletes);
    }
    for (Call call : history.calls()) {
      if (call.status() != 404 && deletes.stream().anyMatch(delete -> delete.isBefore(call))) {
        violation("an answer of a job that was deleted", call);
      }
      if (call.status() == 404 && deletes.stream().noneMatch(delete -> delete.mayPrecede(call))) {
        violation("a job is gone that nobody deleted", call);
      }
    }
    for (Call delete : deletes) {
      if (!mayBeAbandoned && closing().noneMatch(end -> end.mayPrecede(delete))) {
        violation("deleted while it ran", delete);
      }
    }
    calls(Delete.class)
        .filter(call -> call.status() == 409)
        .filter(call -> seenEnded().anyMatch(end -> end.isBefore(call)))
        .forEach(call -> violation("not deleted though it had ended", call));
  }

  private void statesGoForward() {
    List<Call> seen = shown().toList();
    for (Call earlier : seen) {
      for (Call later : seen) {
        if (earlier.isBefore(later) && !mayFollow(earlier.shown(), later.shown())) {
          violation("a job went back", earlier, later);
        }
      }
    }
  }

  private static boolean mayFollow(@Nullable Shown earlier, @Nullable Shown later) {
    Objects.requireNonNull(earlier);
    Objects.requireNonNull(later);
    boolean counts = earlier.total() <= later.total() && earlier.done() <= later.done();
    return earlier.isTerminal()
        ? earlier.equals(later)
        : counts && !(earlier.state().equals("RUNNING") && later.state().equals("QUEUED"));
  }

  private void countsAddUp() {
    shown()
        .forEach(call -> {
          Shown shown = Objects.requireNonNull(call.shown());
          long least = items(append -> append.isBefore(call));
          long most = items(append -> append.mayPrecede(call)) + itemsThatMayHaveGoneWith(call);
          if (shown.total() < least || shown.total() > most) {
            violation("not between " + least + " and " + most + " items", call);
          }
          if (shown.done() > shown.total()
              || shown.succeeded() + shown.failed() + shown.skipped() != shown.done()) {
            violation("counts do not add up", call);
          }
          if (shown.isTerminal() && shown.done() != shown.total()) {
            violation("items without an outcome at the end", call);
          }
        });
  }

  private long items(Predicate<Call> which) {
    return accepted(Append.class)
        .filter(which)
        .mapToLong(call -> ((Append) call.request()).items().size())
        .sum();
  }

  /**
   * Items that may have been appended though the answer was that there is no such job: the job was
   * deleted before the answer.
   */
  private long itemsThatMayHaveGoneWith(Call look) {
    return calls(Append.class)
        .filter(append -> append.status() == 404 && append.mayPrecede(look))
        .filter(append -> accepted(Delete.class).noneMatch(delete -> delete.isBefore(append)))
        .mapToLong(append -> ((Append) append.request()).items().size())
        .sum();
  }

  // ---- what was set is what is shown

  private static @Nullable Integer priority(Request request) {
    return request instanceof Priority set ? (Integer) set.value() : null;
  }

  private static @Nullable Boolean paused(Request request) {
    return request instanceof Paused set ? (Boolean) set.value() : null;
  }

  /** A register: a value that is shown was set, and not surely replaced before it was looked at. */
  private <T> void reads(
      String name, T first, Function<Request, @Nullable T> set, Function<Shown, T> read) {
    List<Call> writes =
        history.calls().stream()
            .filter(call -> call.isAccepted() && set.apply(call.request()) != null)
            .toList();
    shown()
        .forEach(call -> {
          T value = read.apply(Objects.requireNonNull(call.shown()));
          boolean fromFirst =
              value.equals(first) && writes.stream().noneMatch(write -> write.isBefore(call));
          boolean fromWrite =
              writes.stream()
                  .filter(
                      write -> value.equals(set.apply(write.request())) && write.mayPrecede(call))
                  .anyMatch(write ->
                      writes.stream()
                          .noneMatch(other -> write.isBefore(other) && other.isBefore(call)));
          if (!fromFirst && !fromWrite) {
            violation(name + " is not what was set last", call);
          }
        });
  }

  // ---- items

  private void nothingStartsAfterCancel(End end) {
    accepted(Cancel.class)
        .forEach(cancel ->
            end.startsNanos()
                .forEach((index, nanos) -> {
                  if (nanos - cancel.answeredNanos() > LAST_START_NANOS) {
                    violation("an item began after the cancellation", index, cancel);
                  }
                }));
  }
}
