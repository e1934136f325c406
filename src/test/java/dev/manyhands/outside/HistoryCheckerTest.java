package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.JobHistory.Call;
import dev.manyhands.outside.JobHistory.End;
import dev.manyhands.outside.JobHistory.Request;
import dev.manyhands.outside.JobHistory.Request.Append;
import dev.manyhands.outside.JobHistory.Request.Cancel;
import dev.manyhands.outside.JobHistory.Request.CancelItems;
import dev.manyhands.outside.JobHistory.Request.Close;
import dev.manyhands.outside.JobHistory.Request.Delete;
import dev.manyhands.outside.JobHistory.Request.Look;
import dev.manyhands.outside.JobHistory.Request.Paused;
import dev.manyhands.outside.JobHistory.Request.Ping;
import dev.manyhands.outside.JobHistory.Request.Priority;
import dev.manyhands.outside.JobHistory.Shown;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The checker finds what is planted, and nothing where all is well. */
class HistoryCheckerTest {
  private static final int FIRST_PRIORITY = 5;
  private static final Map<Integer, Long> NO_STARTS = Map.of();

  private static JobHistory history(End end, Call... calls) {
    return history(0, end, calls);
  }

  private static JobHistory history(long idleNanos, End end, Call... calls) {
    return new JobHistory("job", FIRST_PRIORITY, idleNanos, List.of(calls), end);
  }

  private static Call placed(long invoked, long answered, int status, long first, Long... items) {
    return call(new Append(List.of(items), first), invoked, answered, status);
  }

  private static Call cancelled(long invoked, boolean force, String... states) {
    var fates = new HashMap<Long, String>();
    for (String state : states) {
      fates.put((long) fates.size(), state);
    }
    var request = new CancelItems(0, fates.size(), force);
    return new Call(request, invoked, invoked + 1, 200, null, fates);
  }

  private static Call call(Request request, long invoked, long answered, int status) {
    return new Call(request, invoked, answered, status, null);
  }

  private static Call append(long invoked, long answered, int status, Long... items) {
    return call(new Append(List.of(items)), invoked, answered, status);
  }

  private static Call look(long invoked, long answered, Shown shown) {
    return new Call(new Look(), invoked, answered, 200, shown);
  }

  private static Shown shown(String state, long total, long done) {
    return new Shown(state, total, done, done, 0, 0, FIRST_PRIORITY, false);
  }

  private static Shown set(int priority, boolean paused) {
    return new Shown("QUEUED", 0, 0, 0, 0, 0, priority, paused);
  }

  /** All items of a job that has succeeded have run. */
  private static End end(String state, Long... items) {
    var starts = new HashMap<Integer, Long>();
    for (int i = 0; i < items.length && state.equals("SUCCEEDED"); i++) {
      starts.put(i, 4L);
    }
    return new End(state, List.of(items), starts);
  }

  @Test
  void whatMayBeIsNoViolation() {
    var cancelled = new Shown("CANCELLED", 3, 3, 1, 2, 0, 7, true);
    assertThat(
            HistoryChecker.violations(
                history(
                    null,
                    append(1, 4, 202, 1L, 2L),
                    append(2, 3, 202, 3L),
                    look(2, 3, shown("QUEUED", 1, 0)),
                    call(new Priority(7), 5, 9, 200),
                    look(6, 7, new Shown("RUNNING", 3, 1, 1, 0, 0, 7, false)),
                    call(new Paused(true), 10, 11, 200),
                    call(new Cancel(), 12, 15, 202),
                    append(13, 14, 409, 9L),
                    call(new Cancel(), 16, 17, 200),
                    call(new Delete(), 16, 17, 409),
                    look(18, 19, cancelled),
                    call(new Close(), 20, 21, 200),
                    call(new Delete(), 22, 24, 204),
                    look(22, 23, cancelled),
                    call(new Look(), 23, 25, 404),
                    call(new Cancel(), 26, 27, 404))))
        .isEmpty();
    assertThat(
            HistoryChecker.violations(
                history(
                    end("SUCCEEDED", 3L, 1L, 2L),
                    append(1, 4, 202, 1L, 2L),
                    append(2, 3, 202, 3L),
                    call(new Close(), 5, 6, 202),
                    append(7, 8, 409, 4L))))
        .isEmpty();
    assertThat(
            HistoryChecker.violations(
                history(
                    new End("SUCCEEDED", List.of(1L, 2L, 3L), Map.of(0, 4L)),
                    placed(1, 4, 202, 0, 1L, 2L, 3L),
                    placed(2, 3, 409, 7, 9L),
                    placed(5, 6, 200, 0, 1L, 2L, 3L),
                    placed(5, 6, 422, 1, 9L),
                    cancelled(5, false, "running", "cancelled", "running"),
                    call(new CancelItems(2, 9, false), 7, 8, 422),
                    cancelled(7, true, "done", "cancelled", "cancelled"),
                    call(new Ping(), 8, 9, 204),
                    call(new Close(), 10, 11, 202),
                    placed(12, 13, 200, 0, 1L, 2L, 3L))))
        .isEmpty();
    assertThat(
            HistoryChecker.violations(
                history(
                    5,
                    end("CANCELLED", 1L),
                    append(1, 2, 202, 1L),
                    append(8, 9, 409, 2L),
                    call(new Close(), 10, 11, 200))))
        .isEmpty();
  }

  static Stream<Arguments> planted() {
    Call close = call(new Close(), 5, 6, 202);
    Call cancel = call(new Cancel(), 5, 6, 202);
    Call delete = call(new Delete(), 7, 8, 204);
    Shown succeeded = shown("SUCCEEDED", 0, 0);
    return Stream.of(
        planted("an answer that no job gives", history(null, append(1, 2, 500, 1L))),
        planted("a refusal before", history(null, append(1, 2, 409, 1L), close)),
        planted("a refusal before", history(null, call(new Close(), 1, 2, 200), close)),
        planted("items taken after the end", history(null, close, append(7, 8, 202, 1L))),
        planted(
            "items taken after the end",
            history(null, cancel, look(7, 8, shown("CANCELLED", 0, 0)), append(9, 10, 202, 1L))),
        planted("closed more than once", history(null, close, call(new Close(), 5, 7, 202))),
        planted("an end that no request explains", history(end("CANCELLED"), close)),
        planted("an end that no request explains", history(end("SUCCEEDED"), cancel)),
        planted("an end that no request explains", history(null, look(3, 4, succeeded), close)),
        planted(
            "cancelled after the end",
            history(null, close, look(7, 8, succeeded), call(new Cancel(), 9, 10, 202))),
        planted("deleted more than once", history(null, close, delete, delete)),
        planted(
            "an answer of a job that was deleted",
            history(null, close, delete, look(9, 10, succeeded))),
        planted(
            "an answer of a job that was deleted",
            history(null, close, delete, call(new Delete(), 9, 10, 409))),
        planted("a job is gone", history(null, call(new Look(), 1, 2, 404), close, delete)),
        planted("deleted while it ran", history(null, delete)),
        planted(
            "kept alive after the end",
            history(null, close, look(7, 8, succeeded), call(new Ping(), 9, 10, 204))),
        planted(
            "not deleted though",
            history(null, close, look(7, 8, succeeded), call(new Delete(), 9, 10, 409))),
        planted(
            "a job went back",
            history(null, look(1, 2, shown("RUNNING", 0, 0)), look(3, 4, shown("QUEUED", 0, 0)))),
        planted(
            "a job went back",
            history(
                null,
                close,
                look(7, 8, succeeded),
                look(9, 10, new Shown("SUCCEEDED", 0, 0, 0, 0, 0, 6, false)))),
        planted(
            "a job went back",
            history(
                null,
                append(1, 2, 202, 1L),
                look(3, 4, shown("RUNNING", 1, 1)),
                look(5, 6, shown("RUNNING", 1, 0)))),
        planted(
            "not between 1 and 1",
            history(null, append(1, 2, 202, 1L), look(3, 4, shown("RUNNING", 0, 0)))),
        planted("not between 0 and 0", history(null, look(3, 4, shown("RUNNING", 1, 0)))),
        planted(
            "counts do not add up",
            history(
                null,
                append(1, 2, 202, 1L),
                look(3, 4, new Shown("RUNNING", 1, 1, 0, 0, 0, FIRST_PRIORITY, false)))),
        planted(
            "items without an outcome",
            history(null, append(1, 2, 202, 1L), close, look(7, 8, shown("SUCCEEDED", 1, 0)))),
        planted(
            "priority is not", history(null, look(1, 2, set(6, false)), at(new Priority(6), 3))),
        planted(
            "priority is not",
            history(
                null, at(new Priority(6), 1), at(new Priority(7), 3), look(5, 6, set(6, false)))),
        planted("paused is not", history(null, at(new Paused(true), 1), look(3, 4, set(5, false)))),
        planted("an item twice", history(end("SUCCEEDED", 1L, 1L), append(1, 2, 202, 1L), close)),
        planted("lost or torn", history(end("SUCCEEDED"), append(1, 2, 202, 1L), close)),
        planted(
            "lost or torn",
            history(
                end("SUCCEEDED", 1L, 3L, 2L),
                append(1, 4, 202, 1L, 2L),
                append(1, 4, 202, 3L),
                close)),
        planted("not accepted", history(end("SUCCEEDED", 4L), append(3, 7, 409, 4L), close)),
        planted(
            "items out of order",
            history(end("SUCCEEDED", 2L, 1L), append(1, 2, 202, 1L), append(3, 4, 202, 2L), close)),
        planted("items that nobody appended", history(null, placed(1, 2, 200, 0, 1L), close)),
        planted("no other item can", history(null, placed(1, 2, 422, 0, 1L), close)),
        planted(
            "appended twice",
            history(null, placed(1, 2, 202, 0, 1L), placed(3, 4, 202, 0, 1L), close)),
        planted("a refusal before", history(null, placed(1, 2, 409, 0, 1L), close)),
        planted(
            "items at another place",
            history(end("SUCCEEDED", 1L), placed(1, 2, 202, 1, 1L), close)),
        planted("not the items that", history(null, at(new CancelItems(0, 2, false), 1))),
        planted("an item runs on", history(null, cancelled(1, true, "running"))),
        planted(
            "an item has another fate",
            history(null, cancelled(1, false, "cancelled"), cancelled(3, false, "done"))),
        planted(
            "items are refused that",
            history(null, append(1, 2, 202, 1L), call(new CancelItems(0, 1, true), 3, 4, 422))),
        planted(
            "a cancelled item has a result",
            history(
                new End("SUCCEEDED", List.of(1L), Map.of(0, 4L)),
                append(1, 2, 202, 1L),
                cancelled(3, false, "cancelled"),
                close)),
        planted(
            "an item that was done has no result",
            history(
                end("CANCELLED", 1L), append(1, 2, 202, 1L), cancelled(3, false, "done"), cancel)),
        planted(
            "nobody cancelled",
            history(new End("SUCCEEDED", List.of(1L), NO_STARTS), append(1, 2, 202, 1L), close)),
        planted(
            "an end that no request explains",
            history(9, end("CANCELLED", 1L), append(1, 2, 202, 1L), append(6, 7, 409, 2L))),
        planted(
            "an item began after",
            history(
                new End("CANCELLED", List.of(1L), Map.of(0, 6_000_000_000L)),
                append(1, 2, 202, 1L),
                cancel)));
  }

  private static Call at(Request request, long invoked) {
    return new Call(request, invoked, invoked + 1, 200, null);
  }

  private static Arguments planted(String rule, JobHistory history) {
    return Arguments.of(rule, history);
  }

  @ParameterizedTest
  @MethodSource("planted")
  void aPlantedViolationIsFound(String rule, JobHistory history) {
    assertThat(HistoryChecker.violations(history)).anyMatch(line -> line.contains(rule));
  }
}
