package dev.manyhands.engine.logs;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The log of one job on disk. One file holds the first half of the allowed bytes. Later lines go
 * into a second file, which is renamed once it holds a quarter. At least the last quarter is
 * therefore always available, and written bytes are never copied:
 *
 * <pre>
 *   head           up to 1/2, the beginning
 *   tail.before    about 1/4, all of it older than
 *   tail           up to 1/4, the end
 * </pre>
 *
 * <p>Lines are numbered. A gap in the numbers shows how many lines were dropped there. Not
 * thread-safe.
 */
final class LogFile {
  /** The names of the files, in the order in which they are read. */
  private static final List<String> NAMES = List.of("head", "tail.before", "tail");

  private final Path directory;
  private final long limitBytes;
  private final ByteArrayOutputStream toHead = new ByteArrayOutputStream();
  private final ByteArrayOutputStream toTail = new ByteArrayOutputStream();
  private long headBytes;
  private long tailBytes;
  private boolean headIsFull;
  private long nextNumber;

  /** Creates a log that continues after the lines on disk. */
  LogFile(Path directory, long limitBytes) throws IOException {
    this.directory = directory;
    this.limitBytes = limitBytes;
    headBytes = size(head());
    tailBytes = size(tail());
    headIsFull = tailBytes > 0 || Files.exists(before());
    nextNumber = mendedEnd() + 1;
  }

  void append(Unwritten lines) throws IOException {
    for (byte[] line : lines.first()) {
      put(line);
    }
    nextNumber += lines.dropped();
    for (byte[] line : lines.last()) {
      put(line);
    }
    flush();
  }

  // ---- writing

  private void put(byte[] line) throws IOException {
    byte[] number = (nextNumber + "\t").getBytes(US_ASCII);
    int bytes = number.length + line.length;
    nextNumber++;
    headIsFull |= headBytes + bytes > limitBytes / 2;
    if (!headIsFull) {
      headBytes += bytes;
      toHead.writeBytes(number);
      toHead.writeBytes(line);
      return;
    }
    if (tailBytes > 0 && tailBytes + bytes > limitBytes / 4) {
      flush();
      Files.move(tail(), before(), StandardCopyOption.REPLACE_EXISTING);
      tailBytes = 0;
    }
    tailBytes += bytes;
    toTail.writeBytes(number);
    toTail.writeBytes(line);
  }

  private void flush() throws IOException {
    Files.createDirectories(directory);
    write(toHead, head());
    write(toTail, tail());
  }

  private static void write(ByteArrayOutputStream lines, Path file) throws IOException {
    if (lines.size() > 0) {
      byte[] bytes = lines.toByteArray();
      // Lines that cannot be written are lost. They must not be written twice.
      lines.reset();
      Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  // ---- reading

  /** Identifies a file under any of its names. The system may use a key again, but later. */
  record Id(@Nullable Object key, FileTime created) {}

  /** A file that is open for reading. */
  record Part(Id id, SeekableByteChannel content) implements Closeable {
    @Override
    public void close() throws IOException {
      content.close();
    }
  }

  /** Opens all files, in order. The caller closes them. */
  static List<Part> open(Path directory) throws IOException {
    var parts = new ArrayList<Part>();
    try {
      for (String name : NAMES) {
        open(directory.resolve(name), parts);
      }
    } catch (IOException | RuntimeException e) {
      close(parts);
      throw e;
    }
    return parts;
  }

  private static void open(Path file, List<Part> parts) throws IOException {
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      var id = new Id(attributes.fileKey(), attributes.creationTime());
      parts.add(new Part(id, Files.newByteChannel(file)));
    } catch (NoSuchFileException notYet) {
      // A short log has only a head, and a job that printed nothing has no log.
    }
  }

  static void close(List<Part> parts) throws IOException {
    for (Part part : parts) {
      part.close();
    }
  }

  static void delete(Path directory) throws IOException {
    for (String name : NAMES) {
      Files.deleteIfExists(directory.resolve(name));
    }
    Files.deleteIfExists(directory);
  }

  private static long size(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException none) {
      return 0;
    }
  }

  /**
   * Returns the number of the last line; -1 if there is none. An incomplete line, which a killed
   * service leaves at the end, is ended here. Readers skip it.
   */
  private long mendedEnd() throws IOException {
    long[] last = {-1};
    int incomplete = 0;
    List<Part> parts = open(directory);
    try {
      for (Part part : parts) {
        incomplete =
            StoredLines.read(
                Channels.newInputStream(part.content()),
                (number, line) -> last[0] = Math.max(last[0], number));
      }
    } finally {
      close(parts);
    }
    if (incomplete > 0) {
      toHead.write('\n');
      write(toHead, tailBytes > 0 ? tail() : headIsFull ? before() : head());
    }
    return last[0];
  }

  private Path head() {
    return directory.resolve("head");
  }

  private Path tail() {
    return directory.resolve("tail");
  }

  private Path before() {
    return directory.resolve("tail.before");
  }
}
