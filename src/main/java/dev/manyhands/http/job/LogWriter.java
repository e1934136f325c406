package dev.manyhands.http.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.manyhands.engine.logs.JobLogs;
import dev.manyhands.engine.logs.LogEntry;
import dev.manyhands.engine.worker.LogSink;
import dev.manyhands.model.JobState;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes the log of a job for people or for programs. Text that user code printed may contain
 * anything and is read in a terminal. Characters that a terminal would act on are therefore
 * escaped.
 */
final class LogWriter implements JobLogs.Reader {
  private final OutputStream out;
  private final boolean asJson;
  private final @Nullable Long onlyItem;

  /**
   * @param asJson one JSON object a line; otherwise plain text
   * @param onlyItem the item whose lines are wanted; null for all items
   */
  LogWriter(OutputStream out, boolean asJson, @Nullable Long onlyItem) {
    this.out = out;
    this.asJson = asJson;
    this.onlyItem = onlyItem;
  }

  @Override
  public void entry(LogEntry entry) throws IOException {
    switch (entry) {
      case LogEntry.Line line -> {
        if (onlyItem == null || onlyItem == line.item()) {
          out.write((asJson ? json(line) : text(line)).getBytes(UTF_8));
        }
      }
      case LogEntry.Dropped dropped -> {
        String format =
            asJson
                ? "{\"dropped\":%d}\n"
                : "[%d lines of the job are not kept here, see manyhands.limits.job-log]\n";
        out.write(format.formatted(dropped.lines()).getBytes(UTF_8));
      }
    }
  }

  /**
   * Ends a log that was followed. A log as JSON gets a line with the state of the job. A program
   * can thus tell the end from a cut. Plain text gets none.
   */
  void end(JobState state) throws IOException {
    if (asJson) {
      out.write("{\"end\":{\"state\":\"%s\"}}\n".formatted(state).getBytes(UTF_8));
    }
  }

  private static String text(LogEntry.Line line) {
    String item = line.item() == LogSink.NO_ITEM ? "" : " item " + line.item();
    return "[worker " + line.worker() + item + "] " + escaped(line.text(), false) + "\n";
  }

  private static String json(LogEntry.Line line) {
    String item = line.item() == LogSink.NO_ITEM ? "null" : Long.toString(line.item());
    return ("{\"at\":\"" + line.at() + "\",\"worker\":" + line.worker() + ",\"item\":" + item)
        + (",\"text\":\"" + escaped(line.text(), true) + "\"}\n");
  }

  static String escaped(String text, boolean asJson) {
    var escaped = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (asJson && (c == '"' || c == '\\')) {
        escaped.append('\\').append(c);
      } else if (asJson ? isActive(c) : isActive(c) && c != '\t') {
        escaped.append(
            asJson || c > 0xFF ? "\\u%04x".formatted((int) c) : "\\x%02x".formatted((int) c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }

  /**
   * Matches control characters, line separators and characters that change the direction of
   * writing.
   */
  private static boolean isActive(char c) {
    return Character.isISOControl(c)
        || ('\u2028' <= c && c <= '\u202E')
        || ('\u2066' <= c && c <= '\u2069');
  }
}
