package dev.manyhands.engine.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.manyhands.engine.worker.LogSink;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Lines as they are on disk: {@code number TAB microseconds TAB worker TAB item TAB text LF}. The
 * text is last, so that it may contain tabs.
 */
final class StoredLines {
  private static final int FIELDS = 5;

  private StoredLines() {}

  /** Receives lines in order. */
  interface Reader {
    void line(long number, LogEntry.Line line) throws IOException;
  }

  /**
   * Returns a line without its number and without the tab after it. Only the writer of the file
   * knows the number.
   */
  static byte[] encode(Instant at, LogSink.Line line) {
    long micros =
        TimeUnit.SECONDS.toMicros(at.getEpochSecond())
            + TimeUnit.NANOSECONDS.toMicros(at.getNano());
    String text = micros + "\t" + line.worker() + "\t" + line.item() + "\t" + line.text() + "\n";
    return text.getBytes(UTF_8);
  }

  /**
   * Reads lines. Skips text that is no line, which a killed service leaves behind, and an
   * incomplete last line, which is still being written.
   *
   * @return the bytes of an incomplete last line; 0 for none
   */
  static int read(InputStream source, Reader reader) throws IOException {
    var in = new BufferedInputStream(source, 64 << 10);
    var line = new ByteArrayOutputStream();
    for (int c; (c = in.read()) != -1; ) {
      if (c == '\n') {
        understand(line.toString(UTF_8), reader);
        line.reset();
      } else {
        line.write(c);
      }
    }
    return line.size();
  }

  private static void understand(String line, Reader reader) throws IOException {
    String[] fields = line.split("\t", FIELDS);
    if (fields.length < FIELDS) {
      return;
    }
    long number;
    LogEntry.Line read;
    try {
      number = Long.parseLong(fields[0]);
      long micros = Long.parseLong(fields[1]);
      var at =
          Instant.ofEpochSecond(
              Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
      read = new LogEntry.Line(at, Long.parseLong(fields[2]), Long.parseLong(fields[3]), fields[4]);
    } catch (NumberFormatException cut) {
      return;
    }
    reader.line(number, read);
  }
}
