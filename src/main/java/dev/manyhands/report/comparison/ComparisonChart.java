package dev.manyhands.report.comparison;

import dev.manyhands.model.comparison.Comparison;
import dev.manyhands.report.comparison.ComparisonTable.Row;
import dev.manyhands.support.Word;
import dev.manyhands.support.XmlText;
import java.util.List;
import java.util.Locale;

/**
 * Draws a table: a line for each variant, with a bar for its seconds and a bar for its speedup.
 *
 * <pre>
 *  name      ████████├──┤ 1.23 s      ███████▊    ╎ 1.87
 *            whisker: min to max      tick: speedup of a perfect program
 * </pre>
 *
 * The picture is SVG 1.1 without scripts and external parts. It follows the reader's light or dark
 * scheme.
 */
public final class ComparisonChart {
  private static final int WIDTH = 860;
  private static final int TOP = 92;
  private static final int LINE = 44;
  private static final int BAR = 22;
  private static final int NAMES_END = 210;
  private static final int PANEL = 230;
  private static final int SECONDS_AT = NAMES_END + 14;
  private static final int SPEEDUP_AT = SECONDS_AT + PANEL + 90;
  private static final int LONGEST_NAME = 28;

  private static final String STYLE =
      """
      <style>
        .ground { fill: #ffffff } text { font: 13px system-ui, sans-serif; fill: #1f2328 }
        .title { font-size: 16px; font-weight: 600 } .head { font-weight: 600 } .quiet { fill: #59636e }
        .seconds { fill: #0969da } .speedup { fill: #bc4c00 } .best { font-weight: 700 }
        .mark { stroke: #1f2328; stroke-width: 1.5 } .ideal { stroke: #59636e; stroke-width: 1.5; stroke-dasharray: 3 2 }
        .axis { stroke: #d1d9e0 }
        @media (prefers-color-scheme: dark) {
          .ground { fill: #0d1117 } text { fill: #f0f6fc } .quiet { fill: #9198a1 }
          .seconds { fill: #4493f8 } .speedup { fill: #f0883e }
          .mark { stroke: #f0f6fc } .ideal { stroke: #9198a1 } .axis { stroke: #3d444d }
        }
      </style>
      """;

  private final StringBuilder svg = new StringBuilder();
  private final ComparisonTable table;
  private final int height;

  private ComparisonChart(ComparisonTable table) {
    this.table = table;
    this.height = TOP + table.rows().size() * LINE + 44;
  }

  /** Returns the picture as the text of an SVG document. */
  public static String of(Comparison comparison, ComparisonTable table) {
    return new ComparisonChart(table).draw(comparison);
  }

  private String draw(Comparison comparison) {
    String title = comparison.name().isEmpty() ? "Comparison" : comparison.name();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n"
            .formatted(WIDTH, height, WIDTH, height));
    svg.append("<title>").append(XmlText.escaped(title)).append("</title>\n");
    svg.append("<desc>").append(XmlText.escaped(Verdict.of(comparison, table))).append("</desc>\n");
    svg.append(STYLE);
    svg.append("<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n");
    text(20, 30, "title", shortened(title, 90));
    text(
        20,
        52,
        "quiet",
        "%d items, %s, %s"
            .formatted(
                comparison.items(),
                comparison.rounds() == 1 ? "one round" : comparison.rounds() + " rounds",
                Word.of(comparison.state())));
    heads();
    for (int i = 0; i < table.rows().size(); i++) {
      row(table.rows().get(i), TOP + i * LINE);
    }
    legend();
    return svg.append("</svg>\n").toString();
  }

  private void heads() {
    Row base = table.baseline();
    text(SECONDS_AT, TOP - 12, "head", "seconds");
    text(
        SPEEDUP_AT,
        TOP - 12,
        "head",
        base == null ? "speedup" : "speedup against " + shortened(base.variant().name(), 20));
    int bottom = TOP + table.rows().size() * LINE;
    for (int x : List.of(SECONDS_AT, SPEEDUP_AT)) {
      line("axis", x, TOP, x, bottom);
    }
  }

  private void row(Row row, int top) {
    String weight = row.equals(table.best()) ? "best" : "";
    String name = row.variant().name();
    int base = top + BAR / 2 + 15;
    svg.append("<g><title>").append(XmlText.escaped(name)).append("</title>\n");
    svg.append(
        "<text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n"
            .formatted(weight, NAMES_END, base, XmlText.escaped(shortened(name, LONGEST_NAME))));
    seconds(row, top, base, weight);
    speedup(row, top, base, weight);
    svg.append("</g>\n");
  }

  private void seconds(Row row, int top, int base, String weight) {
    Timing timing = row.timing();
    if (timing == null) {
      text(SECONDS_AT + 8, base, "quiet", Word.of(row.state()));
      return;
    }
    double scale = PANEL / most(table.rows().stream().map(ComparisonChart::longest).toList());
    bar("seconds", SECONDS_AT, top, timing.median() * scale);
    if (timing.max() > timing.min()) {
      int middle = top + LINE / 2;
      double from = SECONDS_AT + timing.min() * scale;
      double to = SECONDS_AT + timing.max() * scale;
      line("mark", from, middle, to, middle);
      line("mark", from, middle - 5, from, middle + 5);
      line("mark", to, middle - 5, to, middle + 5);
    }
    double end = SECONDS_AT + timing.max() * scale + 8;
    text(end, base, weight, Figures.seconds(timing.median()));
  }

  private void speedup(Row row, int top, int base, String weight) {
    Double speedup = row.speedup();
    if (speedup == null) {
      return;
    }
    double scale = PANEL / most(table.rows().stream().map(ComparisonChart::widest).toList());
    int width = row.variant().width();
    bar("speedup", SPEEDUP_AT, top, speedup * scale);
    double ideal = SPEEDUP_AT + width * scale;
    line("ideal", ideal, top + 5, ideal, top + LINE - 5);
    double end = SPEEDUP_AT + Math.max(speedup, width) * scale + 8;
    text(end, base, weight, Figures.number(speedup) + "×");
  }

  private static double longest(Row row) {
    return row.timing() == null ? 0 : row.timing().max();
  }

  private static double widest(Row row) {
    return row.speedup() == null ? 0 : Math.max(row.speedup(), row.variant().width());
  }

  private static double most(List<Double> values) {
    double most = values.stream().mapToDouble(value -> value).max().orElse(0);
    return most > 0 ? most : 1;
  }

  private void legend() {
    int y = height - 20;
    swatch("seconds", SECONDS_AT, y);
    text(SECONDS_AT + 18, y, "quiet", "median; whisker: min to max");
    swatch("speedup", SPEEDUP_AT, y);
    text(SPEEDUP_AT + 18, y, "quiet", "reached; dashes: workers × threads");
  }

  private void swatch(String kind, int x, int y) {
    svg.append(
        "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" rx=\"2\"/>\n"
            .formatted(kind, x, y - 11));
  }

  private void bar(String kind, double x, int top, double length) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n",
            kind,
            x,
            top + (LINE - BAR) / 2,
            Math.max(length, 1),
            BAR));
  }

  private void line(String kind, double x1, double y1, double x2, double y2) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
            kind,
            x1,
            y1,
            x2,
            y2));
  }

  private void text(double x, int y, String kind, String words) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text class=\"%s\" x=\"%.1f\" y=\"%d\">%s</text>\n",
            kind,
            x,
            y,
            XmlText.escaped(words)));
  }

  private static String shortened(String text, int most) {
    return text.codePointCount(0, text.length()) <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, most - 1)) + "…";
  }
}
