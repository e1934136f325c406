package dev.manyhands.engine.worker.process;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The data of {@code /proc} about all processes, read in one pass and summed for each session. See
 * proc(5).
 */
final class ProcessTable {
  private static final Path PROC = Path.of("/proc");

  /** Clock ticks in a second: Linux has this value on every machine that runs Java. */
  private static final double CLOCK_TICKS = 100;

  private static final long PAGE_BYTES = pageBytes();

  /**
   * More than any real chain of parents. The table is not read at one instant, so it may contain a
   * loop.
   */
  private static final int MOST_PARENTS = 1_000;

  private final Map<Long, Line> processes = new HashMap<>();

  private record Line(long parent, long session, long rssBytes, double cpuSeconds) {}

  /**
   * The resources that the processes of a session use, and all processes that they started.
   *
   * @param rssBytes memory that these processes hold
   * @param cpuSeconds processor time of the running processes, and of ended ones whose parents have
   *     waited for them
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
      // The second field is the program's name in parentheses. It may contain any bytes, even bytes
      // that are no text.
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

  /**
   * Returns the use of each session leader and all its offspring. Every worker is the leader of a
   * session.
   */
  Map<Long, Use> bySession() {
    var uses = new HashMap<Long, Use>();
    for (Line line : processes.values()) {
      Line one = line;
      // A process that has made its own session also counts for the session that it comes from.
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

  /** Asks the system, because some kernels for ARM have pages of 16 or 64 KiB. */
  private static int pageBytes() {
    var linker = Linker.nativeLinker();
    try {
      return (int)
          linker
              .downcallHandle(
                  linker.defaultLookup().findOrThrow("getpagesize"),
                  FunctionDescriptor.of(ValueLayout.JAVA_INT))
              .invokeExact();
    } catch (Throwable e) {
      throw new LinkageError("getpagesize(2) cannot be called", e);
    }
  }
}
