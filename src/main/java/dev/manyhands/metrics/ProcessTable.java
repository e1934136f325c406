package dev.manyhands.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code /proc} says of all processes at one moment, added up by who started them. See
 * proc(5).
 */
final class ProcessTable {
  private static final Path PROC = Path.of("/proc");

  /** Linux, on every machine that runs Java. */
  private static final double CLOCK_TICKS = 100;

  private static final long PAGE_BYTES = 4096;

  /** More than any real chain of parents: the table is not read at one instant, and may loop. */
  private static final int MOST_PARENTS = 1_000;

  private final Map<Long, Line> processes = new HashMap<>();

  private record Line(long parent, long session, long rssBytes, double cpuSeconds) {}

  /**
   * What a process and all that it has started use.
   *
   * @param rssBytes memory they hold
   * @param cpuSeconds of processors, of those that are still there and of those that ended and
   *     whose end they have taken note of, as parents do
   */
  record Use(long rssBytes, double cpuSeconds) {}

  static ProcessTable read() throws IOException {
    var table = new ProcessTable();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : all) {
        Line line = line(process);
        if (line != null) {
          table.processes.put(Long.parseLong(process.getFileName().toString()), line);
        }
      }
    }
    return table;
  }

  private static @Nullable Line line(Path process) {
    try {
      // The second field is the program's name in parentheses. It may hold any bytes, also such as
      // are no text.
      String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
      String[] after = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return new Line(
          Long.parseLong(after[1]),
          Long.parseLong(after[3]),
          Long.parseLong(after[21]) * PAGE_BYTES,
          (Long.parseLong(after[11])
                  + Long.parseLong(after[12])
                  + Long.parseLong(after[13])
                  + Long.parseLong(after[14]))
              / CLOCK_TICKS);
    } catch (IOException endedMeanwhile) {
      return null;
    }
  }

  /** By leader of a session, which workers are: what each and all its offspring use. */
  Map<Long, Use> bySession() {
    var uses = new HashMap<Long, Use>();
    for (Line line : processes.values()) {
      Line one = line;
      // Whoever has made a session of his own is counted with the one he comes from as well.
      long counted = -1;
      for (int i = 0; one != null && i < MOST_PARENTS; i++) {
        if (one.session() != counted) {
          counted = one.session();
          uses.merge(
              counted,
              new Use(line.rssBytes(), line.cpuSeconds()),
              (a, b) -> new Use(a.rssBytes() + b.rssBytes(), a.cpuSeconds() + b.cpuSeconds()));
        }
        one = processes.get(one.parent());
      }
    }
    return uses;
  }
}
