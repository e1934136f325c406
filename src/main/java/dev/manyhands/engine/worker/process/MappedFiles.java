package dev.manyhands.engine.worker.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files in the common directory for temporary files that this process has mapped. A function runs
 * as the user of the service. It could truncate such a file, which ends the service by SIGBUS, or
 * write code into it. The files need no name once they are mapped, and without a name they cannot
 * be opened. Linux only.
 */
final class MappedFiles {
  private static final Logger log = LoggerFactory.getLogger(MappedFiles.class);
  private static final Path MAPS = Path.of("/proc/self/maps");

  /**
   * The JVM's counters, for tools such as {@code jps}, and SQLite's library, which its driver has
   * unpacked. No other file, because another process may need it.
   */
  private static final Pattern MAPPED =
      Pattern.compile(".* (/.*/hsperfdata_[^/]+/\\d+|/.*/sqlite-[^/]+-libsqlitejdbc\\.so)");

  private MappedFiles() {}

  /** Removes the names of these files. */
  static void hide() {
    if (!Files.isReadable(MAPS)) {
      return;
    }
    try {
      for (Path file : in(Files.readString(MAPS, StandardCharsets.ISO_8859_1))) {
        Files.deleteIfExists(file);
        // A marker of the driver for a library in use.
        Files.deleteIfExists(file.resolveSibling(file.getFileName() + ".lck"));
      }
    } catch (IOException e) {
      log.warn("functions can change files that the service has mapped: {}", e.toString());
    }
  }

  /**
   * Returns the files among the mappings of a process.
   *
   * @param maps in the format of {@code /proc/self/maps}
   */
  static List<Path> in(String maps) {
    return maps.lines()
        .map(MAPPED::matcher)
        .filter(line -> line.matches())
        .map(line -> line.group(1))
        .distinct()
        .map(Path::of)
        .toList();
  }
}
