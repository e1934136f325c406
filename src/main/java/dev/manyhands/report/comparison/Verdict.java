package dev.manyhands.report.comparison;

import dev.manyhands.model.comparison.Comparison;
import dev.manyhands.report.comparison.ComparisonTable.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sums a table up in a few sentences: the best variant, its lead, doubts and problems. */
public final class Verdict {
  private Verdict() {}

  public static String of(Comparison comparison, ComparisonTable table) {
    var sentences = new ArrayList<String>();
    if (!comparison.state().isTerminal()) {
      sentences.add(
          comparison.measuredRuns() + " of " + comparison.plannedRuns() + " runs are done.");
    }
    Row best = table.best();
    if (best != null) {
      sentences.add(fastest(best, table));
    } else if (comparison.state().isTerminal()) {
      sentences.add("No variant has a time.");
    }
    if (Boolean.FALSE.equals(table.sameResults())) {
      sentences.add("But not all runs gave the same results.");
    }
    if (comparison.problem() != null) {
      sentences.add("It could not go on: " + comparison.problem());
    }
    for (Row row : table.rows()) {
      if (row.problem() != null) {
        sentences.add(quoted(row) + " did not get to its end: " + row.problem());
      }
    }
    return String.join(" ", sentences);
  }

  private static String fastest(Row best, ComparisonTable table) {
    double seconds = seconds(best);
    var text = new StringBuilder(quoted(best));
    text.append(" is the fastest with ").append(Figures.seconds(seconds));
    Row base = table.baseline();
    if (base != null && !base.equals(best)) {
      text.append(", ").append(times(seconds(base), seconds)).append(quoted(base));
    } else if (base != null && base.variant().width() == 1 && width(table.rows()) > 1) {
      text.append(": to run in parallel did not pay");
    }
    second(best, table.rows())
        .filter(row -> !row.equals(base))
        .ifPresent(next ->
            text.append("; ")
                .append(times(seconds(next), seconds))
                .append("the next, ")
                .append(quoted(next)));
    text.append('.');
    second(best, table.rows())
        .filter(next -> isUnsure(best, next))
        .ifPresent(next ->
            text.append(" But a round of ")
                .append(quoted(next))
                .append(" was as fast: take more rounds or more items to be sure."));
    return text.toString();
  }

  private static int width(List<Row> rows) {
    return rows.stream().mapToInt(row -> row.variant().width()).max().orElse(1);
  }

  private static Optional<Row> second(Row best, List<Row> rows) {
    return rows.stream()
        .filter(row -> !row.equals(best) && row.timing() != null)
        .min(Comparator.comparingDouble(Verdict::seconds));
  }

  private static boolean isUnsure(Row best, Row next) {
    return Objects.requireNonNull(next.timing()).mayBeat(Objects.requireNonNull(best.timing()));
  }

  private static double seconds(Row row) {
    return Objects.requireNonNull(row.timing()).median();
  }

  private static String times(double slow, double fast) {
    return fast <= 0 ? "against " : Figures.number(slow / fast) + " times as fast as ";
  }

  private static String quoted(@Nullable Row row) {
    return row == null ? "" : "'" + row.variant().name() + "'";
  }
}
