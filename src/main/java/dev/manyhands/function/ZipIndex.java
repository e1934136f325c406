package dev.manyhands.function;

import dev.manyhands.model.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The list of entries at the end of a zip, read before {@link java.util.zip.ZipFile} opens the zip.
 * {@code ZipFile} reads a list of any length into memory, and does not report which entries are
 * symbolic links. A zip is refused if the two readers could find different lists.
 */
final class ZipIndex {
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int LONGEST_COMMENT = 0xffff;
  private static final int ENTRY_SIGNATURE = 0x02014b50;
  private static final int ENTRY_BYTES = 46;

  /**
   * Limit for the bytes of the list, which is about enough for the most entries with the longest
   * names. A zip with a longer list is refused.
   */
  private static final int MOST_LIST_BYTES = 16 << 20;

  private static final int ENCRYPTED = 1;
  private static final int FILE_TYPE = 0xf000;
  private static final int SYMBOLIC_LINK = 0xa000;
  private static final int DIRECTORY = 0x4000;
  private static final int REGULAR_FILE = 0x8000;

  private ZipIndex() {}

  /**
   * Facts of the list about an entry that {@code ZipFile} does not report.
   *
   * @param mode as on Unix; 0 if the list has none
   */
  record Entry(boolean isDirectory, int mode) {

    boolean isSymbolicLink() {
      return (mode & FILE_TYPE) == SYMBOLIC_LINK;
    }

    /**
     * Whether the entry is neither a file nor a directory, such as a symbolic link, a device or a
     * pipe.
     */
    boolean isSpecial() {
      int type = mode & FILE_TYPE;
      return type != 0 && type != DIRECTORY && type != REGULAR_FILE;
    }
  }

  /**
   * Returns the entries in the order of the list.
   *
   * @throws Refusal if the file is no whole zip, has an encrypted entry, or has too many entries
   */
  static List<Entry> read(Path zip, int maxEntries) throws IOException {
    try (var channel = FileChannel.open(zip)) {
      long size = channel.size();
      int tailBytes = (int) Math.min(size, END_BYTES + LONGEST_COMMENT);
      ByteBuffer tail = read(channel, size - tailBytes, tailBytes);
      int end = tailBytes - END_BYTES;
      while (end >= 0 && tail.getInt(end) != END_SIGNATURE) {
        end--;
      }
      if (end < 0) {
        throw refusal("is not a zip, or its end is missing; send it whole");
      }
      int count = tail.getChar(end + 10);
      long listBytes = Integer.toUnsignedLong(tail.getInt(end + 12));
      long listStart = size - tailBytes + end - listBytes;
      if (end + END_BYTES + tail.getChar(end + 20) != tailBytes || tail.getChar(end + 8) != count) {
        throw refusal(
            "is a zip with something behind it, or a part of one; send it whole, as it was made");
      }
      if (count > maxEntries || listBytes > MOST_LIST_BYTES) {
        throw Refusal.tooLarge(
            "file",
            "may have at most "
                + maxEntries
                + " entries (manyhands.limits.bundle-entries); put small data files together");
      }
      if (listStart < 0) {
        throw refusal("is damaged: its list of entries is cut off");
      }
      return entries(read(channel, listStart, (int) listBytes), count);
    }
  }

  private static ByteBuffer read(FileChannel channel, long from, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) >= 0) {
      // Reads until the buffer is full or the file ends.
    }
    return buffer.flip();
  }

  private static List<Entry> entries(ByteBuffer list, int count) {
    var entries = new ArrayList<Entry>();
    int at = 0;
    while (at + ENTRY_BYTES <= list.limit() && list.getInt(at) == ENTRY_SIGNATURE) {
      if ((list.getChar(at + 8) & ENCRYPTED) != 0) {
        throw refusal("is encrypted; send it without a password");
      }
      int nameEnd = at + ENTRY_BYTES + list.getChar(at + 28);
      boolean directory = nameEnd <= list.limit() && list.get(nameEnd - 1) == '/';
      entries.add(new Entry(directory, list.getChar(at + 40)));
      at = nameEnd + list.getChar(at + 30) + list.getChar(at + 32);
    }
    if (entries.size() != count || at != list.limit()) {
      throw refusal("is damaged: its list of entries is not as long as it says");
    }
    return entries;
  }

  /** Returns the number of entries that are not directories. */
  static int files(List<Entry> entries) {
    return (int) entries.stream().filter(each -> !each.isDirectory()).count();
  }

  static Refusal refusal(String what) {
    return Refusal.invalid("file", what);
  }
}
