package dev.manyhands.report;

import java.util.Locale;

/**
 * A stretch of time as it is drawn: a chunk report, several merged ones, an item, or the start of a
 * worker. Times are seconds since the beginning of the timeline.
 *
 * @param startUp seconds at the beginning in which the worker started
 * @param label for the inside; may be empty
 */
record Stretch(double from, double to, Look look, double startUp, String label, String tooltip) {

  /** The least seconds that are called a start; a warm worker may be late by less. */
  private static final double LEAST_START = 0.005;

  enum Look {
    GOOD(false, false),
    FAILED(true, false),
    AGAIN(false, true),
    FAILED_AGAIN(true, true),
    START(false, false);

    final boolean failed;
    final boolean again;

    Look(boolean failed, boolean again) {
      this.failed = failed;
      this.again = again;
    }

    private static Look of(boolean failed, boolean again) {
      return failed ? again ? FAILED_AGAIN : FAILED : again ? AGAIN : GOOD;
    }
  }

  static Stretch of(Timeline timeline, Bar bar) {
    double from = timeline.secondsAt(bar.startedAt());
    double to = timeline.secondsAt(bar.finishedAt());
    double startUp = isStart(bar.startUpSeconds()) ? bar.startUpSeconds() : 0;
    var look = Look.of(bar.failed() > 0, bar.attempt() > 1);
    return new Stretch(from, to, look, startUp, label(bar), tooltip(bar, from, to, startUp));
  }

  static Stretch of(Timeline timeline, ItemBar item) {
    double from = timeline.secondsAt(item.startedAt());
    double to = timeline.secondsAt(item.finishedAt());
    String tooltip =
        "item %d\nworker %d, thread %d%s%s%s"
            .formatted(
                item.item(),
                item.worker(),
                item.thread(),
                time(from, to),
                item.failed() ? "\nfailed" : "",
                attempt(item.attempt()));
    var look = Look.of(item.failed(), item.attempt() > 1);
    return new Stretch(from, to, look, 0, Long.toString(item.item()), tooltip);
  }

  /**
   * @param to when the worker began to read its first items
   */
  static Stretch ofStart(Timeline timeline, Bar first, double to) {
    double from = timeline.secondsAt(first.startedAt());
    String tooltip = worker(first).strip() + time(from, to) + "\nstarts";
    return new Stretch(from, to, Look.START, to - from, "", tooltip);
  }

  /** Whether a worker that is late by this much is starting. */
  static boolean isStart(double seconds) {
    return seconds >= LEAST_START;
  }

  private static String label(Bar bar) {
    var items = bar.items();
    if (bar.chunks() > 1) {
      return "";
    }
    return items.count() == 1 ? "" + items.first() : items.first() + "–" + last(items);
  }

  private static long last(Bar.Items items) {
    return items.first() + items.count() - 1;
  }

  private static String tooltip(Bar bar, double from, double to, double startUp) {
    var items = bar.items();
    var text = new StringBuilder();
    if (bar.chunks() > 1) {
      text.append(counted(bar.chunks(), "chunk")).append(" from item ").append(items.first());
      text.append(" on, ").append(counted(items.count(), "item"));
    } else if (items.count() == 1) {
      text.append("item ").append(items.first());
    } else {
      text.append("items ").append(items.first()).append(" to ").append(last(items));
      text.append(", ").append(counted(items.count(), "item"));
    }
    text.append(worker(bar)).append(time(from, to));
    if (startUp > 0) {
      text.append("\nthe worker started for about ").append(TimeAxis.duration(startUp));
    }
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
    return text.append(attempt(bar.attempt())).toString();
  }

  private static String worker(Bar bar) {
    return "\nworker " + bar.worker() + ", pid " + bar.pid();
  }

  private static String time(double from, double to) {
    return "\nfrom " + TimeAxis.duration(from) + " on, for " + TimeAxis.duration(to - from);
  }

  private static String attempt(int attempt) {
    return attempt > 1 ? "\nattempt " + attempt : "";
  }

  static String counted(long count, String what) {
    return String.format(Locale.ROOT, "%,d %s%s", count, what, count == 1 ? "" : "s");
  }
}
