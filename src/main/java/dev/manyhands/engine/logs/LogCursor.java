package dev.manyhands.engine.logs;

import java.io.IOException;
import java.nio.channels.Channels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The place in a job's log up to which a reader has read. A later read continues there, without the
 * lines before. Owned by the reader's thread.
 */
public final class LogCursor {
  /** The file that was read last; null before the first line. */
  private LogFile.@Nullable Id file;

  /** The bytes of whole lines that were read of that file. */
  private long offset;

  /** The number of the next line. */
  private long next;

  /** Passes on the lines after this place. The files are those of one moment, in their order. */
  void read(List<LogFile.Part> parts, JobLogs.Reader reader) throws IOException {
    int first = 0;
    while (first < parts.size() && !parts.get(first).id().equals(file)) {
      first++;
    }
    if (first == parts.size()) {
      // Nothing was read yet, or the file is gone. Lines that were read are known by their numbers.
      first = 0;
    }
    for (LogFile.Part part : parts.subList(first, parts.size())) {
      part.content().position(part.id().equals(file) ? offset : 0);
      int incomplete =
          StoredLines.read(
              Channels.newInputStream(part.content()),
              (number, line) -> {
                if (number < next) {
                  return;
                }
                if (number > next) {
                  reader.entry(new LogEntry.Dropped(number - next));
                }
                next = number + 1;
                reader.entry(line);
              });
      file = part.id();
      offset = part.content().position() - incomplete;
    }
  }
}
