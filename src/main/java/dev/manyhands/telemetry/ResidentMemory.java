package dev.manyhands.telemetry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The physical memory that this process holds, as Linux counts it. */
final class ResidentMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String LINE = "VmRSS:";
  private static final String UNIT = "kB";

  private ResidentMemory() {}

  /** Returns the bytes; null if the system does not show them. Takes some 20 µs. */
  static @Nullable Long bytes() {
    try {
      // The file may have names in any encoding.
      return in(Files.readString(STATUS, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return null;
    }
  }

  /** Returns the bytes that a text of this file states; null if the text does not state them. */
  static @Nullable Long in(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith(LINE) && line.endsWith(UNIT))
        .map(line -> line.substring(LINE.length(), line.length() - UNIT.length()).strip())
        .map(kilobytes -> Long.parseLong(kilobytes) << 10)
        .findFirst()
        .orElse(null);
  }
}
