package dev.manyhands.report;

import dev.manyhands.support.DrawnText;
import dev.manyhands.support.Tint;
import dev.manyhands.support.XmlText;
import java.io.IOException;
import java.io.Writer;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;

/**
 * Draws a timeline as SVG: a row for each worker, a bar for each chunk report. Where workers timed
 * the items, there is a row for each thread and a bar for each item. Failed and repeated bars
 * differ by colour, pattern and a mark, so readers need neither colour nor size to see them. The
 * start of a worker is hatched. Colours are attributes, so the picture is the same in all programs;
 * browsers show it in the reader's light or dark scheme ({@link Tint}). All text of users passes
 * through {@link XmlText#escaped}.
 */
public final class TimelineSvg {
  /**
   * Limit for the bars of a picture; callers have the timeline merge further ones. More bars would
   * be narrower than a point of the screen.
   */
  public static final int MOST_BARS = 2_000;

  private static final int WIDTH = 1_200;
  private static final int LEFT = 104;
  private static final int RIGHT = 32;
  private static final int TOP = 108;
  private static final int BOTTOM = 62;
  private static final int TITLE_SIZE = 17;
  private static final int TEXT_SIZE = 12;
  private static final int ITEM_SIZE = 11;
  private static final int MOST_NAME = 560;
  private static final int MOST_FUNCTION = 360;

  private static final int KEY_WIDTH = 28;

  /** Width of the narrowest stretch whose hatching can be seen, in units of the picture. */
  private static final double LEAST_HATCH = 1.5;

  /** The number of rows up to which rows are high. */
  private static final int FEW_ROWS = 24;

  private static final int HIGH_ROW = 30;

  /**
   * The fills of bars. Hatches are oblique lines in upright tiles, with the corners that
   * neighbouring tiles cut off. LibreOffice draws a tile with {@code patternTransform} upright.
   */
  private static final String PATTERNS =
      """
      <defs>
      <pattern id="mh-failed" width="8" height="8" patternUnits="userSpaceOnUse">
        <rect width="8" height="8" %2$s/><path d="M-1 1L1 -1M-1 9L9 -1M7 9L9 7" fill="none" stroke-width="2" %4$s/></pattern>
      <pattern id="mh-again" width="5" height="5" patternUnits="userSpaceOnUse">
        <rect width="5" height="5" %3$s/><circle cx="2.5" cy="2.5" r="1.1" %5$s/></pattern>
      <pattern id="mh-both" width="12" height="12" patternUnits="userSpaceOnUse">
        <rect width="12" height="12" %3$s/><path d="M0 0H6L0 6ZM12 0V6L6 12H0Z" %2$s/>
        <path d="M-1 1L1 -1M-1 13L13 -1M11 13L13 11" fill="none" stroke-width="2" %4$s/></pattern>
      <pattern id="mh-start" width="7" height="7" patternUnits="userSpaceOnUse">
        <rect width="7" height="7" %1$s/><path d="M-1 6L1 8M-1 -1L8 8M6 -1L8 1" fill="none" stroke-width="1.2" %6$s/></pattern>
      </defs>
      """
          .formatted(
              Tint.IDLE.fill(),
              Tint.FAILED.fill(),
              Tint.AGAIN.fill(),
              Tint.PAPER.stroke(),
              Tint.PAPER.fill(),
              Tint.DIM.stroke());

  private final Timeline timeline;
  private final List<Lane> lanes;

  /** Holds an exception of the writer until it is asked for. */
  private final Formatter out;

  private final int pitch;
  private final double seconds;

  private TimelineSvg(Timeline timeline, Writer writer) {
    this.timeline = timeline;
    this.out = new Formatter(writer, Locale.ROOT);
    this.lanes = Lane.of(timeline);
    this.pitch = lanes.size() <= FEW_ROWS ? HIGH_ROW : 18;
    this.seconds = Math.max(timeline.seconds(), 1e-6);
  }

  /** Writes the picture as a complete document. */
  public static void write(Timeline timeline, Writer writer) throws IOException {
    var svg = new TimelineSvg(timeline, writer);
    svg.write();
    if (svg.out.ioException() != null) {
      throw svg.out.ioException();
    }
  }

  private void write() {
    int rows = Math.max(1, lanes.size());
    int bottom = TOP + rows * pitch;
    head(bottom + BOTTOM);
    legend();
    bands();
    axis(bottom);
    for (int i = 0; i < lanes.size(); i++) {
      for (Stretch stretch : lanes.get(i).stretches()) {
        if (isShown(stretch)) {
          stretch(stretch, TOP + i * pitch);
        }
      }
    }
    if (lanes.isEmpty()) {
      text(
          "row",
          Tint.INK,
          LEFT + 12,
          TOP + pitch / 2 + 4,
          "start",
          timeline.window() == null
              ? "No chunk has been reported yet"
              : "No chunk was reported for this time");
    }
    foot(bottom);
    out.format("</svg>\n");
  }

  private boolean isShown(Stretch stretch) {
    TimeWindow window = timeline.window();
    return window == null || window.overlaps(stretch.from(), stretch.to());
  }

  private void head(int height) {
    out.format(
        """
        <svg xmlns="http://www.w3.org/2000/svg" %5$s font-size="%6$d" role="img" \
        aria-labelledby="mh-title mh-desc" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d">
        <title id="mh-title">%3$s</title>
        <desc id="mh-desc">%4$s</desc>
        """,
        WIDTH,
        height,
        XmlText.escaped(title(timeline.name(), timeline.function())),
        XmlText.escaped(summary()),
        Tint.ROOT,
        TEXT_SIZE);
    out.format("%s%s", Tint.STYLE, PATTERNS);
    out.format("<rect width=\"%d\" height=\"%d\" %s/>\n", WIDTH, height, Tint.PAPER.fill());
    String shown =
        title(
            DrawnText.within(MOST_NAME, TITLE_SIZE, timeline.name()),
            DrawnText.within(MOST_FUNCTION, TITLE_SIZE, timeline.function()));
    out.format(
        "<text class=\"title\" x=\"20\" y=\"32\" font-size=\"%d\" font-weight=\"600\" %s>%s</text>\n",
        TITLE_SIZE, Tint.INK.fill(), XmlText.escaped(shown));
    text("summary", Tint.DIM, 20, 54, "start", summary());
  }

  private String title(String name, String function) {
    return name.isEmpty()
        ? "%s · %s".formatted(function, timeline.state())
        : "%s · %s · %s".formatted(name, function, timeline.state());
  }

  private String summary() {
    long failed = timeline.bars().stream().mapToLong(Bar::failed).sum();
    long items = timeline.bars().stream().mapToLong(bar -> bar.items().count()).sum();
    String end = timeline.state().isTerminal() || timeline.window() != null ? "" : " so far";
    String time = TimeAxis.duration(timeline.bars().isEmpty() ? 0 : seconds);
    TimeWindow window = timeline.window();
    return "job %s · %s in %s on %s, %s%s%s"
        .formatted(
            timeline.id(),
            Stretch.counted(items, "item"),
            Stretch.counted(timeline.chunks(), "chunk"),
            Stretch.counted(timeline.bars().stream().map(Bar::worker).distinct().count(), "worker"),
            window == null
                ? time
                : "from %s to %s"
                    .formatted(TimeAxis.duration(window.from()), TimeAxis.duration(window.to())),
            end,
            failed == 0 ? "" : ", " + failed + " failed");
  }

  private void legend() {
    int x = LEFT;
    x = legend(x, false, false, "first attempt, no item failed");
    x = legend(x, true, false, "an item failed");
    x = legend(x, false, true, "tried before");
    x = legend(x, true, true, "tried before, and an item failed");
    hatch(x, 72, KEY_WIDTH, 14, "/>\n");
    text("key", Tint.DIM, x + KEY_WIDTH + 8, 84, "start", "worker starts");
  }

  private int legend(int x, boolean failed, boolean again, String label) {
    bar(failed, again, x, 72, KEY_WIDTH, 14);
    out.format("/>\n");
    marks(failed, again, x + KEY_WIDTH / 2.0, 72);
    text("key", Tint.DIM, x + KEY_WIDTH + 8, 84, "start", label);
    return x + KEY_WIDTH + 32 + 7 * label.length();
  }

  private void bands() {
    for (int i = 0; i < lanes.size(); i++) {
      int y = TOP + i * pitch;
      if (i % 2 == 0) {
        out.format(
            "<rect class=\"band\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" %s/>\n",
            LEFT, y, WIDTH - LEFT - RIGHT, pitch, Tint.BAND.fill());
      }
      text("row", Tint.INK, LEFT - 10, y + pitch / 2 + 4, "end", lanes.get(i).label());
    }
  }

  private void axis(int bottom) {
    for (var tick : TimeAxis.ticks(timeline.from(), seconds)) {
      double x = x(tick.seconds());
      grid(String.format(Locale.ROOT, "M%.2f %dV%d", x, TOP, bottom + 5));
      out.format(
          "<text class=\"tick\" x=\"%.2f\" y=\"%d\" text-anchor=\"middle\" %s>%s</text>\n",
          x, bottom + 20, Tint.DIM.fill(), tick.label());
    }
    grid("M%d %dH%d".formatted(LEFT, bottom, WIDTH - RIGHT));
  }

  private void grid(String path) {
    out.format("<path class=\"grid\" fill=\"none\" %s d=\"%s\"/>\n", Tint.LINE.stroke(), path);
  }

  private void foot(int bottom) {
    String start =
        "time since the start, %s · numbers in bars are items".formatted(timeline.origin());
    text("axis", Tint.DIM, LEFT, bottom + 44, "start", start);
    if (timeline.merged()) {
      String merged =
          String.format(
              Locale.ROOT,
              "%,d chunks are drawn as %,d bars: neighbours are merged",
              timeline.chunks(),
              timeline.bars().size());
      text("merged", Tint.DIM, WIDTH - RIGHT, bottom + 44, "end", merged);
    }
  }

  private void stretch(Stretch stretch, int top) {
    double begin = x(stretch.from());
    double width = Math.max(1, x(stretch.to()) - begin);
    String title = "<title>%s</title></rect>\n".formatted(XmlText.escaped(stretch.tooltip()));
    if (stretch.look() == Stretch.Look.START) {
      hatch(begin, top + 6, width, pitch - 9, ">" + title);
      return;
    }
    boolean failed = stretch.look().failed;
    boolean again = stretch.look().again;
    bar(failed, again, begin, top + 6, width, pitch - 9);
    out.format(">%s", title);
    double start = Math.min(width, x(stretch.from() + stretch.startUp()) - begin);
    if (start >= LEAST_HATCH) {
      // The pointer finds the bar below.
      hatch(begin, top + 6, start, pitch - 9, " pointer-events=\"none\"/>\n");
    }
    if (stretch.look() == Stretch.Look.GOOD && pitch == HIGH_ROW) {
      label(stretch.label(), begin + start, width - start, top + 20);
    }
    marks(failed, again, begin + width / 2, top + 6);
  }

  /** Writes the beginning of a bar; its element is left open. */
  private void bar(boolean failed, boolean again, double x, int y, double width, int height) {
    String look = (failed ? " failed" : "") + (again ? " again" : "");
    String pattern = failed && again ? "both" : failed ? "failed" : "again";
    out.format(
        "<rect class=\"bar%s\" x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\" rx=\"2\" %s %s stroke-width=\"0.6\"",
        look.isEmpty() ? " good" : look,
        x,
        y,
        width,
        height,
        look.isEmpty() ? Tint.GOOD.fill() : "fill=\"url(#mh-%s)\"".formatted(pattern),
        Tint.PAPER.stroke());
  }

  private void hatch(double x, int y, double width, int height, String rest) {
    out.format(
        "<rect class=\"start\" x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\" rx=\"2\""
            + " fill=\"url(#mh-start)\" %s stroke-width=\"0.6\"%s",
        x, y, width, height, Tint.DIM.stroke(), rest);
  }

  /** Writes into a bar, if there is room. */
  private void label(String label, double x, double width, int y) {
    if (!label.isEmpty() && DrawnText.width(ITEM_SIZE, label) + 6 <= width) {
      out.format(
          "<text class=\"item\" x=\"%.2f\" y=\"%d\" text-anchor=\"middle\" font-size=\"%d\""
              + " pointer-events=\"none\" %s>%s</text>\n",
          x + width / 2, y, ITEM_SIZE, Tint.PAPER.fill(), label);
    }
  }

  /**
   * Draws a triangle for a failure and a disc for a repeated attempt, even on the narrowest bar.
   */
  private void marks(boolean failed, boolean again, double x, int y) {
    double apart = failed && again ? 5 : 0;
    if (failed) {
      out.format(
          "<path class=\"mark-failed\" d=\"M%.2f %dh8l-4 5z\" %s/>\n",
          x - 4 - apart, y - 5, Tint.FAILED.fill());
    }
    if (again) {
      out.format(
          "<circle class=\"mark-again\" cx=\"%.2f\" cy=\"%.1f\" r=\"2.6\" %s/>\n",
          x + apart, y - 3.0, Tint.AGAIN.fill());
    }
  }

  private double x(double second) {
    double shown = Math.clamp(second - timeline.from(), 0, seconds);
    return LEFT + shown / seconds * (WIDTH - LEFT - RIGHT);
  }

  private void text(String look, Tint tint, int x, int y, String anchor, String text) {
    out.format(
        "<text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"%s\" %s>%s</text>\n",
        look, x, y, anchor, tint.fill(), XmlText.escaped(text));
  }
}
