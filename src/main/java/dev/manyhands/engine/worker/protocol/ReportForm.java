package dev.manyhands.engine.worker.protocol;

import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.JobSpec.StopWhen;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.combine.Combiner;
import dev.manyhands.model.combine.NotCombinableException;
import dev.manyhands.model.combine.Truth;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.support.Word;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Converts a worker's report to the form that its job needs, for workers that do not do this
 * themselves. Items that may be tried again are separated, results that may end the job are
 * counted, and results are combined. Most jobs need none of this, and their reports pass unchanged.
 */
public final class ReportForm {
  private ReportForm() {}

  /**
   * Returns the reduction that workers of a job perform; null when they are to report all results.
   */
  static @Nullable String reductionFor(JobSpec spec) {
    if (spec.values() == JobSpec.Values.PYTHON) {
      return spec.reduce() == Reduce.LIST ? null : Word.of(spec.reduce());
    }
    // An item that is tried again must not be in a partial already. A value to be remembered is
    // needed by itself.
    boolean uncombined =
        spec.reduce() == Reduce.LIST || spec.triesReportedItemsAgain() || spec.cache();
    return uncombined ? null : Word.of(spec.reduce());
  }

  /**
   * Returns whether workers report each failed item apart from the combined results of others. They
   * do so for Python values, which the service cannot combine itself, if a failed item may run
   * again.
   */
  static boolean isApart(JobSpec spec) {
    return spec.values() == JobSpec.Values.PYTHON
        && spec.reduce() != Reduce.LIST
        && spec.triesReportedItemsAgain();
  }

  /**
   * Returns which results a worker counts and reports at once, because they may end the job; null
   * for none.
   */
  static StopWhen.@Nullable Match matchFor(JobSpec spec) {
    if (spec.stopWhen() != null) {
      return spec.stopWhen().match();
    }
    return switch (spec.reduce()) {
      case ANY, FIND -> StopWhen.Match.TRUTHY;
      case ALL -> StopWhen.Match.FALSY;
      default -> null;
    };
  }

  /**
   * Converts a report.
   *
   * @param report all values of its items; of Python values also how many of them match, because
   *     the service does not look into them
   * @return the outcomes of these items, in order
   */
  public static List<Outcomes> of(JobSpec spec, Outcomes report) {
    boolean triesAgain = spec.triesReportedItemsAgain();
    boolean isPython = spec.values() == JobSpec.Values.PYTHON;
    Matcher match = isPython ? null : Matcher.of(spec);
    if (spec.reduce() == Reduce.LIST && match == null) {
      if (!triesAgain || report.errors().isEmpty()) {
        return List.of(report);
      }
    }
    int count = Math.toIntExact(report.items().count());
    var values = JoinedValues.of(report.values(), count, FrameChannel.RESULT_LIMITS);
    var all = new Portion(report.items(), report.errors());
    Outcomes whole = part(spec, match, report, values, all);
    if (!triesAgain || whole.errors().isEmpty()) {
      return List.of(whole);
    }
    var parts = new ArrayList<Outcomes>();
    long matched = report.matched();
    for (Portion portion : around(whole)) {
      Outcomes part = part(spec, match, report, values, portion);
      if (isPython) {
        // All parts are recorded together, so that only the sum matters.
        long here = Math.min(matched, portion.items().count() - portion.errors().size());
        matched -= here;
        part = part.withMatched(here);
      }
      parts.add(part);
    }
    return parts;
  }

  /** Items of a report, and the errors of its failed items. */
  private record Portion(ItemRange items, List<ItemError> errors) {}

  /** Returns the report's items, cut so that each failed item is separate. */
  private static List<Portion> around(Outcomes report) {
    var parts = new ArrayList<Portion>();
    long next = report.items().first();
    for (ItemError error : report.errors()) {
      if (next < error.index()) {
        parts.add(new Portion(new ItemRange(next, error.index()), List.of()));
      }
      parts.add(new Portion(ItemRange.ofCount(error.index(), 1), List.of(error)));
      next = error.index() + 1;
    }
    if (next < report.items().end()) {
      parts.add(new Portion(new ItemRange(next, report.items().end()), List.of()));
    }
    return parts;
  }

  /** Returns the outcomes of a portion. Results that cannot be combined become failures. */
  private static Outcomes part(
      JobSpec spec,
      @Nullable Matcher match,
      Outcomes report,
      JoinedValues values,
      Portion portion) {
    ItemRange items = portion.items();
    long offset = report.items().first();
    var errors = new ArrayList<ItemError>();
    var failed = portion.errors().iterator();
    ItemError error = failed.hasNext() ? failed.next() : null;
    Combiner combiner = spec.reduce() == Reduce.LIST ? null : Combiner.of(Word.of(spec.reduce()));
    long matched = 0;
    for (long index = items.first(); index < items.end(); index++) {
      int at = (int) (index - offset);
      if (error != null && error.index() == index) {
        errors.add(error);
        error = failed.hasNext() ? failed.next() : null;
        continue;
      }
      try {
        if (combiner != null) {
          combiner.add(index, values.bytes(), values.start(at), values.end(at));
        }
        matched += match != null && match.matches(values, at) ? 1 : 0;
      } catch (NotCombinableException e) {
        errors.add(
            new ItemError(
                index,
                ItemError.Kind.ERROR,
                "NotCombinable",
                String.valueOf(e.getMessage()),
                null,
                1));
      }
    }
    int from = (int) (items.first() - offset);
    int to = (int) (items.end() - offset);
    byte[] kept = combiner == null ? slice(values, from, to) : combiner.partial();
    byte[] uncombined = combiner != null && spec.cache() ? slice(values, from, to) : null;
    double share = (double) items.count() / report.items().count();
    var cost = report.cost();
    return new Outcomes(
        items,
        kept,
        errors,
        new Outcomes.Cost(
            cost.run() * share,
            cost.read() * share,
            cost.write() * share,
            cost.peakRss(),
            cost.cpu() == null ? null : cost.cpu() * share,
            cost.times() == null ? null : cost.times().part(from, to)),
        matched,
        uncombined);
  }

  private static byte[] slice(JoinedValues values, int from, int to) {
    int start = values.start(from);
    byte[] slice = new byte[values.end(to - 1) - start];
    System.arraycopy(values.bytes(), start, slice, 0, slice.length);
    return slice;
  }

  /** Tests which results count towards the early end of a job. */
  private record Matcher(StopWhen.Match match, @Nullable WantedValue wanted) {

    static @Nullable Matcher of(JobSpec spec) {
      StopWhen.Match match = matchFor(spec);
      String wanted = spec.stopWhen() == null ? null : spec.stopWhen().equals();
      return match == null
          ? null
          : new Matcher(match, wanted == null ? null : new WantedValue(wanted));
    }

    boolean matches(JoinedValues values, int at) {
      byte[] bytes = values.bytes();
      int start = values.start(at);
      int end = values.end(at);
      return switch (match) {
        case TRUTHY -> Truth.isTruthy(bytes, start, end);
        case FALSY -> !Truth.isTruthy(bytes, start, end);
        case EQUALS -> wanted != null && wanted.equals(bytes, start, end);
      };
    }
  }
}
