package dev.manyhands.report;

import dev.manyhands.support.XmlText;
import java.io.IOException;
import java.io.Writer;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;

/**
 * Draws a timeline as SVG: a row for each worker, a bar for each chunk report. Failed and repeated
 * reports differ by colour, pattern and a mark, so readers need neither colour nor size to see
 * them. The picture follows the reader's light or dark scheme. All text of users passes through
 * {@link XmlText#escaped}.
 */
public final class TimelineSvg {
  /** The most bars. More bars would be narrower than a point of the screen. */
  public static final int MOST_BARS = 2_000;

  private static final int WIDTH = 1_200;
  private static final int LEFT = 104;
  private static final int RIGHT = 32;
  private static final int TOP = 108;
  private static final int BOTTOM = 62;
  private static final int MOST_TITLE = 70;

  /** The number of rows up to which rows are high. */
  private static final int FEW_ROWS = 24;

  private static final String STYLE =
      """
      <style>
      .mh { --paper: #ffffff; --ink: #1f2328; --dim: #59636e; --line: #d1d9e0; --band: #f6f8fa;
            --good: #3273b8; --failed: #c62f3a; --again: #b87503; color-scheme: light dark;
            font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
      @media (prefers-color-scheme: dark) {
        .mh { --paper: #0d1117; --ink: #f0f6fc; --dim: #9da7b3; --line: #30363d; --band: #151b23;
              --good: #5aa2ec; --failed: #ff6b70; --again: #e3a53a; }
      }
      .mh text { fill: var(--dim); }
      .mh .title { fill: var(--ink); font-size: 17px; font-weight: 600; }
      .mh .row { fill: var(--ink); }
      .mh .paper { fill: var(--paper); } .mh .band { fill: var(--band); }
      .mh .grid { stroke: var(--line); stroke-width: 1; }
      .mh .bar { stroke: var(--paper); stroke-width: 0.6; }
      .mh .bar:hover { stroke: var(--ink); stroke-width: 1.5; }
      .mh .good { fill: var(--good); } .mh .failed { fill: url(#mh-failed); } .mh .again { fill: url(#mh-again); }
      .mh .failed.again { fill: url(#mh-both); }
      .mh .mark-failed { fill: var(--failed); } .mh .mark-again { fill: var(--again); }
      .mh .ground-failed { fill: var(--failed); } .mh .ground-again { fill: var(--again); }
      .mh .stripe { stroke: var(--paper); stroke-width: 2; } .mh .dot { fill: var(--paper); }
      </style>
      <defs>
      <pattern id="mh-failed" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="ground-failed" width="6" height="6"/><path class="stripe" d="M0 0V6"/></pattern>
      <pattern id="mh-again" width="5" height="5" patternUnits="userSpaceOnUse">
        <rect class="ground-again" width="5" height="5"/><circle class="dot" cx="2.5" cy="2.5" r="1.1"/></pattern>
      <pattern id="mh-both" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="ground-again" width="6" height="6"/><rect class="ground-failed" width="3" height="6"/>
        <path class="stripe" d="M0 0V6"/></pattern>
      </defs>
      """;

  private final Timeline timeline;
  private final List<Lane> lanes;

  /** Holds an exception of the writer until it is asked for. */
  private final Formatter out;

  private final int pitch;
  private final double seconds;

  private TimelineSvg(Timeline timeline, Writer writer) {
    this.timeline = timeline;
    this.out = new Formatter(writer, Locale.ROOT);
    this.lanes = Lane.of(timeline.bars());
    this.pitch = lanes.size() <= FEW_ROWS ? 30 : 18;
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
      for (Bar bar : lanes.get(i).bars()) {
        bar(bar, TOP + i * pitch);
      }
    }
    if (lanes.isEmpty()) {
      text("row", LEFT + 12, TOP + pitch / 2 + 4, "start", "No chunk has been reported yet");
    }
    foot(bottom);
    out.format("</svg>\n");
  }

  private void head(int height) {
    out.format(
        """
        <svg xmlns="http://www.w3.org/2000/svg" class="mh" role="img" aria-labelledby="mh-title mh-desc" \
        width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d">
        <title id="mh-title">%3$s</title>
        <desc id="mh-desc">%4$s</desc>
        """,
        WIDTH, height, XmlText.escaped(title(Integer.MAX_VALUE)), XmlText.escaped(summary()));
    out.format("%s", STYLE);
    out.format("<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", WIDTH, height);
    text("title", 20, 32, "start", title(MOST_TITLE));
    text("summary", 20, 54, "start", summary());
  }

  private String title(int most) {
    String function = shortened(timeline.function(), most);
    return timeline.name().isEmpty()
        ? "%s · %s".formatted(function, timeline.state())
        : "%s · %s · %s".formatted(shortened(timeline.name(), most), function, timeline.state());
  }

  private static String shortened(String text, int most) {
    return text.codePointCount(0, text.length()) <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, most - 1)) + "…";
  }

  private String summary() {
    long failed = timeline.bars().stream().mapToLong(Bar::failed).sum();
    long items = timeline.bars().stream().mapToLong(bar -> bar.items().count()).sum();
    String end = timeline.state().isTerminal() ? "" : " so far";
    return "job %s · %s in %s on %s, %s%s%s"
        .formatted(
            timeline.id(),
            counted(items, "item"),
            counted(timeline.chunks(), "chunk"),
            counted(timeline.bars().stream().map(Bar::worker).distinct().count(), "worker"),
            TimeAxis.duration(timeline.bars().isEmpty() ? 0 : seconds),
            end,
            failed == 0 ? "" : ", " + failed + " failed");
  }

  private static String counted(long count, String what) {
    return String.format(Locale.ROOT, "%,d %s%s", count, what, count == 1 ? "" : "s");
  }

  private void legend() {
    int x = LEFT;
    x = legend(x, "good", "first attempt, no item failed");
    x = legend(x, "failed", "an item failed");
    x = legend(x, "again", "tried before");
    legend(x, "failed again", "tried before, and an item failed");
  }

  private int legend(int x, String look, String label) {
    out.format(
        "<rect class=\"bar %s\" x=\"%d\" y=\"72\" width=\"28\" height=\"14\" rx=\"2\"/>\n",
        look, x);
    marks(look.contains("failed"), look.contains("again"), x + 14, 72);
    text("key", x + 36, 84, "start", label);
    return x + 60 + 7 * label.length();
  }

  private void bands() {
    for (int i = 0; i < lanes.size(); i++) {
      int y = TOP + i * pitch;
      if (i % 2 == 0) {
        out.format(
            "<rect class=\"band\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
            LEFT, y, WIDTH - LEFT - RIGHT, pitch);
      }
      text("row", LEFT - 10, y + pitch / 2 + 4, "end", lanes.get(i).label());
    }
  }

  private void axis(int bottom) {
    for (var tick : TimeAxis.ticks(seconds)) {
      double x = x(tick.seconds());
      out.format("<path class=\"grid\" d=\"M%.2f %dV%d\"/>\n", x, TOP, bottom + 5);
      out.format(
          "<text class=\"tick\" x=\"%.2f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
          x, bottom + 20, tick.label());
    }
    out.format("<path class=\"grid\" d=\"M%d %dH%d\"/>\n", LEFT, bottom, WIDTH - RIGHT);
  }

  private void foot(int bottom) {
    String start = "time since the start, " + timeline.origin();
    text("axis", LEFT, bottom + 44, "start", start);
    if (timeline.merged()) {
      String merged =
          String.format(
              Locale.ROOT,
              "%,d chunks are drawn as %,d bars: neighbours are merged",
              timeline.chunks(),
              timeline.bars().size());
      text("merged", WIDTH - RIGHT, bottom + 44, "end", merged);
    }
  }

  private void bar(Bar bar, int top) {
    double begin = x(timeline.secondsAt(bar.startedAt()));
    double width = Math.max(1, x(timeline.secondsAt(bar.finishedAt())) - begin);
    boolean failed = bar.failed() > 0;
    boolean again = bar.attempt() > 1;
    String look = (failed ? "failed " : "") + (again ? "again " : "");
    out.format(
        "<rect class=\"bar %s\" x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\" rx=\"2\"><title>%s</title></rect>\n",
        look.isEmpty() ? "good" : look.strip(),
        begin,
        top + 6,
        width,
        pitch - 9,
        XmlText.escaped(tooltip(bar)));
    marks(failed, again, begin + width / 2, top + 6);
  }

  /**
   * Draws a triangle for a failure and a ring for a repeated attempt, even on the narrowest bar.
   */
  private void marks(boolean failed, boolean again, double x, int y) {
    double apart = failed && again ? 5 : 0;
    if (failed) {
      out.format("<path class=\"mark-failed\" d=\"M%.2f %dh8l-4 5z\"/>\n", x - 4 - apart, y - 5);
    }
    if (again) {
      out.format(
          "<circle class=\"mark-again\" cx=\"%.2f\" cy=\"%.1f\" r=\"2.6\"/>\n", x + apart, y - 3.0);
    }
  }

  private String tooltip(Bar bar) {
    double from = timeline.secondsAt(bar.startedAt());
    double to = timeline.secondsAt(bar.finishedAt());
    var items = bar.items();
    var text = new StringBuilder();
    if (bar.chunks() == 1) {
      text.append("items ").append(items.first()).append(" to ");
      text.append(items.first() + items.count() - 1).append(", ");
    } else {
      text.append(counted(bar.chunks(), "chunk")).append(" from item ").append(items.first());
      text.append(" on, ");
    }
    text.append(counted(items.count(), "item"));
    text.append("\nworker ").append(bar.worker()).append(", pid ").append(bar.pid());
    text.append("\nfrom ").append(TimeAxis.duration(from)).append(" on, for ");
    text.append(TimeAxis.duration(to - from));
    text.append("\nrun ").append(TimeAxis.duration(bar.runSeconds()));
    text.append(", read ").append(TimeAxis.duration(bar.readSeconds()));
    text.append(", write ").append(TimeAxis.duration(bar.writeSeconds()));
    Long peakRss = bar.peakRss();
    if (peakRss != null) {
      text.append("\nheld at most ").append(Math.ceilDiv(peakRss, 1L << 20)).append(" MB");
    }
    if (bar.failed() > 0) {
      text.append("\n").append(counted(bar.failed(), "item")).append(" failed");
    }
    if (bar.attempt() > 1) {
      text.append("\nattempt ").append(bar.attempt());
    }
    return text.toString();
  }

  private double x(double second) {
    return LEFT + second / seconds * (WIDTH - LEFT - RIGHT);
  }

  private void text(String look, int x, int y, String anchor, String text) {
    out.format(
        "<text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
        look, x, y, anchor, XmlText.escaped(text));
  }
}
