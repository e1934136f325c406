package dev.manyhands.report.comparison;

import dev.manyhands.model.comparison.Comparison;
import dev.manyhands.report.comparison.ComparisonTable.Row;
import dev.manyhands.support.DrawnText;
import dev.manyhands.support.Tint;
import dev.manyhands.support.Word;
import dev.manyhands.support.XmlText;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.stream.Stream;

/**
 * Draws a table: a line for each variant, with a bar for its seconds and a bar for its speedup.
 *
 * <pre>
 *  name      ████████├──┤ 1.23 s      ███████▊    ╎ 1.87
 *            whisker: min to max      tick: speedup of a perfect program
 * </pre>
 *
 * The picture is SVG 1.1 without scripts and external parts. Colours are attributes, so the picture
 * is the same in all programs; browsers show it in the reader's light or dark scheme ({@link
 * Tint}). Each panel has a {@link Scale} of its own.
 */
public final class ComparisonChart {
  private static final int WIDTH = 860;
  private static final int TOP = 92;
  private static final int BOTTOM = 70;
  private static final int NAMES_END = 210;
  private static final int PANEL = 230;
  private static final int SECONDS_AT = NAMES_END + 14;
  private static final int SPEEDUP_AT = SECONDS_AT + PANEL + 90;
  private static final int TITLE_SIZE = 16;
  private static final int TEXT_SIZE = 13;
  private static final int TICK_SIZE = 11;

  /** The number of rows up to which rows are high. */
  private static final int FEW_ROWS = 20;

  private final StringBuilder svg = new StringBuilder();
  private final ComparisonTable table;
  private final Scale seconds;
  private final Scale speedups;

  /** The height of a row. */
  private final int line;

  private final int bar;

  /** The end of the rows. */
  private final int bottom;

  private ComparisonChart(ComparisonTable table) {
    this.table = table;
    boolean isFew = table.rows().size() <= FEW_ROWS;
    this.line = isFew ? 44 : 26;
    this.bar = isFew ? 22 : 14;
    this.bottom = TOP + table.rows().size() * line;
    this.seconds = Scale.of(table.rows().stream().flatMap(ComparisonChart::times).toList());
    this.speedups = Scale.of(table.rows().stream().flatMap(ComparisonChart::speeds).toList());
  }

  private static Stream<Double> times(Row row) {
    Timing timing = row.timing();
    return timing == null ? Stream.of() : Stream.of(timing.min(), timing.median(), timing.max());
  }

  private static Stream<Double> speeds(Row row) {
    Double speedup = row.speedup();
    return speedup == null ? Stream.of() : Stream.of(speedup, (double) row.variant().width());
  }

  /** Returns the picture as the text of an SVG document. */
  public static String of(Comparison comparison, ComparisonTable table) {
    return new ComparisonChart(table).draw(comparison);
  }

  private String draw(Comparison comparison) {
    String title = comparison.name().isEmpty() ? "Comparison" : comparison.name();
    int height = bottom + BOTTOM;
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" %s font-size=\"%d\" role=\"img\">\n"
            .formatted(WIDTH, height, WIDTH, height, Tint.ROOT, TEXT_SIZE));
    svg.append("<title>").append(XmlText.escaped(title)).append("</title>\n");
    svg.append("<desc>").append(XmlText.escaped(Verdict.of(comparison, table))).append("</desc>\n");
    svg.append(Tint.STYLE);
    svg.append(
        "<rect width=\"%d\" height=\"%d\" %s/>\n".formatted(WIDTH, height, Tint.PAPER.fill()));
    String shown = DrawnText.within(WIDTH - 40, TITLE_SIZE, title);
    text(20, 30, "start", heavy(Tint.INK) + " font-size=\"" + TITLE_SIZE + "\"", shown);
    text(
        20,
        52,
        "start",
        Tint.DIM.fill(),
        "%d items, %s, %s"
            .formatted(
                comparison.items(),
                comparison.rounds() == 1 ? "one round" : comparison.rounds() + " rounds",
                Word.of(comparison.state())));
    heads();
    for (int i = 0; i < table.rows().size(); i++) {
      row(table.rows().get(i), TOP + i * line);
    }
    legend(height - 20);
    return svg.append("</svg>\n").toString();
  }

  private static String heavy(Tint tint) {
    return tint.fill() + " font-weight=\"600\"";
  }

  private void heads() {
    String logarithmic = ", logarithmic";
    String times = "seconds" + (seconds.isLogarithmic() ? logarithmic : "");
    text(SECONDS_AT, TOP - 14, "start", heavy(Tint.INK), times);
    axis(SECONDS_AT, seconds, Figures::seconds);
    Row base = table.baseline();
    String against = "";
    if (base != null) {
      int room = speedups.isLogarithmic() ? 70 : 160;
      against = " against " + DrawnText.within(room, TEXT_SIZE, base.variant().name());
    }
    String speeds = "speedup" + against + (speedups.isLogarithmic() ? logarithmic : "");
    text(SPEEDUP_AT, TOP - 14, "start", heavy(Tint.INK), speeds);
    axis(SPEEDUP_AT, speedups, value -> Figures.number(value) + "×");
  }

  /** Draws a line at each round value, and the value below the rows. */
  private void axis(int x, Scale scale, DoubleFunction<String> label) {
    line(Tint.LINE.stroke(), x, TOP, x, bottom);
    for (double value : scale.ticks()) {
      double at = x + PANEL * scale.length(value);
      line(Tint.LINE.stroke(), at, TOP, at, bottom + 4);
      String words = value == 0 ? "0" : label.apply(value);
      text(at, bottom + 17, "middle", Tint.DIM.fill() + " font-size=\"" + TICK_SIZE + "\"", words);
    }
  }

  private void row(Row row, int top) {
    String look =
        Tint.INK.fill() + (row.equals(table.best()) ? " class=\"best\" font-weight=\"700\"" : "");
    String name = row.variant().name();
    int base = top + line / 2 + 4;
    svg.append("<g><title>").append(XmlText.escaped(name)).append("</title>\n");
    text(NAMES_END, base, "end", look, DrawnText.within(NAMES_END - 8, TEXT_SIZE, name));
    seconds(row, top, base, look);
    speedup(row, top, base, look);
    svg.append("</g>\n");
  }

  private void seconds(Row row, int top, int base, String look) {
    Timing timing = row.timing();
    if (timing == null) {
      text(SECONDS_AT + 8, base, "start", Tint.DIM.fill(), Word.of(row.state()));
      return;
    }
    bar("seconds", Tint.SECONDS, SECONDS_AT, top, PANEL * seconds.length(timing.median()));
    double to = SECONDS_AT + PANEL * seconds.length(timing.max());
    if (timing.max() > timing.min()) {
      int middle = top + line / 2;
      double from = SECONDS_AT + PANEL * seconds.length(timing.min());
      String mark = Tint.INK.stroke() + " stroke-width=\"1.5\"";
      line(mark, from, middle, to, middle);
      line(mark, from, middle - 5, from, middle + 5);
      line(mark, to, middle - 5, to, middle + 5);
    }
    text(to + 8, base, "start", look, Figures.seconds(timing.median()));
  }

  private void speedup(Row row, int top, int base, String look) {
    Double speedup = row.speedup();
    if (speedup == null) {
      return;
    }
    int width = row.variant().width();
    bar("speedup", Tint.SPEEDUP, SPEEDUP_AT, top, PANEL * speedups.length(speedup));
    double ideal = SPEEDUP_AT + PANEL * speedups.length(width);
    String dashes = Tint.DIM.stroke() + " stroke-width=\"1.5\" stroke-dasharray=\"3 2\"";
    line(dashes, ideal, top + 3, ideal, top + line - 3);
    double end = SPEEDUP_AT + PANEL * speedups.length(Math.max(speedup, width)) + 8;
    text(end, base, "start", look, Figures.number(speedup) + "×");
  }

  private void legend(int y) {
    swatch(Tint.SECONDS, SECONDS_AT, y);
    text(SECONDS_AT + 18, y, "start", Tint.DIM.fill(), "median; whisker: min to max");
    swatch(Tint.SPEEDUP, SPEEDUP_AT, y);
    text(SPEEDUP_AT + 18, y, "start", Tint.DIM.fill(), "reached; dashes: workers × threads");
  }

  private void swatch(Tint tint, int x, int y) {
    svg.append(
        "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" rx=\"2\" %s/>\n"
            .formatted(x, y - 11, tint.fill()));
  }

  private void bar(String kind, Tint tint, double x, int top, double length) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" %s/>\n",
            kind,
            x,
            top + (line - bar) / 2,
            Math.max(length, 1),
            bar,
            tint.fill()));
  }

  private void line(String look, double x1, double y1, double x2, double y2) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n",
            x1,
            y1,
            x2,
            y2,
            look));
  }

  /**
   * @param look attributes of the text
   */
  private void text(double x, int y, String anchor, String look, String words) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\" %s>%s</text>\n",
            x,
            y,
            anchor,
            look,
            XmlText.escaped(words)));
  }
}
