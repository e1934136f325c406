package dev.manyhands.function;

import static dev.manyhands.function.ZipIndex.refusal;

import dev.manyhands.model.Refusal;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Unpacks a zip from an untrusted client. Accepts only plain files and directories, only below the
 * target, each once, and at most as many as the limits allow. Used once, by one thread.
 */
final class Unpacking {
  /** The size below which no content counts as a zip bomb, whatever its ratio. */
  private static final long HARMLESS_BYTES = 16 << 20;

  /**
   * Limit for the ratio of unpacked to packed bytes; a zip above it is refused. Source and tables
   * reach 10 to 30; a bomb of zeros reaches 1,000.
   */
  private static final int MAX_RATIO = 100;

  private static final int LONGEST_NAME = 1_000;
  private static final int LONGEST_SEGMENT_BYTES = 255;
  private static final int SHOWN_LENGTH = 100;
  private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:.*");

  private final Path zip;
  private final Path target;
  private final BundleLimits limits;
  private final long packedBytes;
  private final byte[] buffer = new byte[64 << 10];

  /**
   * The paths so far, by their form in a file system without case. A directory has a slash at its
   * end.
   */
  private final Map<String, String> seen = new HashMap<>();

  private long unpackedBytes;
  private int files;

  Unpacking(Path zip, Path target, BundleLimits limits) throws IOException {
    this.zip = zip;
    this.target = target;
    this.limits = limits;
    this.packedBytes = Files.size(zip);
  }

  /**
   * Fills the target, an empty directory. After a refusal, the caller removes the files in the
   * target.
   *
   * @return number of files in the target
   * @throws Refusal if something in the zip is not allowed
   */
  int run() throws IOException {
    List<ZipIndex.Entry> index = ZipIndex.read(zip, limits.maxEntries());
    try (var file = new ZipFile(zip.toFile())) {
      if (file.size() != index.size()) {
        throw refusal("is damaged: its list of entries is not as long as it says");
      }
      var entries = file.entries().asIterator();
      for (ZipIndex.Entry each : index) {
        take(file, entries.next(), each);
      }
    } catch (ZipException | EOFException e) {
      throw refusal("is a zip that cannot be read: " + e.getMessage());
    }
    if (files == 0) {
      throw refusal("is a zip without a file in it");
    }
    return files;
  }

  private void take(ZipFile file, ZipEntry entry, ZipIndex.Entry listed) throws IOException {
    String name = entry.getName();
    if (listed.isSymbolicLink()) {
      throw refusal("has a symbolic link in it, " + shown(name) + "; put the file itself there");
    }
    if (listed.isSpecial()) {
      throw refusal("has something in it that is no file, " + shown(name));
    }
    List<String> segments = segments(name);
    if (segments.isEmpty()) {
      return; // the directory itself
    }
    note(segments, entry.isDirectory(), name);
    Path to = path(segments, name);
    if (entry.isDirectory()) {
      Files.createDirectories(to);
      return;
    }
    Files.createDirectories(to.getParent());
    var content = new CheckedInputStream(file.getInputStream(entry), new CRC32());
    try (content) {
      copy(content, to);
    }
    if (entry.getCrc() != content.getChecksum().getValue()) {
      throw refusal("is damaged: " + shown(name) + " is not what was packed");
    }
    files++;
  }

  /** Returns the names on the path from the target to the entry. */
  private static List<String> segments(String name) {
    if (name.startsWith("/") || name.indexOf('\\') >= 0 || DRIVE.matcher(name).matches()) {
      throw refusal("has a name in it that is not a relative path with '/', " + shown(name));
    }
    if (name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
      throw refusal("has a name in it that no file should have, " + shown(name));
    }
    var segments = new ArrayList<String>();
    for (String segment : name.split("/", -1)) {
      if (segment.equals("..")) {
        throw refusal("has a name in it that leads out of it, " + shown(name));
      }
      // A character takes up to three bytes in a name.
      if (3 * segment.length() > LONGEST_SEGMENT_BYTES
          && segment.getBytes(StandardCharsets.UTF_8).length > LONGEST_SEGMENT_BYTES) {
        throw refusal("has a name in it that no file should have, " + shown(name));
      }
      if (!segment.isEmpty() && !segment.equals(".")) {
        segments.add(segment);
      }
    }
    return segments;
  }

  /**
   * Notes a path and the directories above it. Refuses a second entry with the path, also if the
   * paths differ only in case, and a path that is both a file and a directory.
   */
  private void note(List<String> segments, boolean directory, String name) {
    var path = new StringBuilder();
    for (int i = 0; i < segments.size(); i++) {
      path.append(segments.get(i));
      boolean last = i == segments.size() - 1;
      String folded = Normalizer.normalize(path, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
      if (!last || directory) {
        path.append('/');
      }
      String earlier = seen.putIfAbsent(folded, path.toString());
      if (earlier == null || (earlier.contentEquals(path) && earlier.endsWith("/"))) {
        continue;
      }
      throw refusal(
          earlier.contentEquals(path)
              ? "has " + shown(name) + " in it twice"
              : "has two names in it that are one where case does not count, or a file where it has"
                  + " a directory as well: "
                  + shown(earlier)
                  + " and "
                  + shown(path.toString()));
    }
  }

  private Path path(List<String> segments, String name) {
    Path to;
    try {
      to = target.resolve(String.join("/", segments));
    } catch (InvalidPathException e) {
      throw refusal("has a name in it that this service cannot store, " + shown(name));
    }
    if (!to.normalize().startsWith(target) || to.equals(target)) {
      throw new IllegalStateException("the checks let through " + name);
    }
    return to;
  }

  private static String shown(String name) {
    String cut = name.length() > SHOWN_LENGTH ? name.substring(0, SHOWN_LENGTH) + "…" : name;
    return cut.codePoints()
            .map(point -> Character.isISOControl(point) ? '?' : point)
            .collect(
                () -> new StringBuilder("'"), StringBuilder::appendCodePoint, StringBuilder::append)
        + "'";
  }

  private void copy(InputStream from, Path to) throws IOException {
    try (var out = Files.newOutputStream(to, StandardOpenOption.CREATE_NEW)) {
      for (int n; (n = from.read(buffer)) >= 0; ) {
        unpackedBytes += n;
        refuseBombs();
        out.write(buffer, 0, n);
      }
    }
  }

  private void refuseBombs() {
    if (unpackedBytes > limits.maxUnpackedBytes()) {
      throw Refusal.tooLarge(
          "file",
          "has more than "
              + limits.maxUnpackedBytes()
              + " bytes in it when unpacked (manyhands.limits.bundle-unpacked); keep data elsewhere"
              + " and pass its path or URL");
    }
    if (unpackedBytes > HARMLESS_BYTES && unpackedBytes / MAX_RATIO > packedBytes) {
      throw Refusal.tooLarge(
          "file",
          "unpacks to more than "
              + MAX_RATIO
              + " times its size, as zip bombs do; let the function make such data itself");
    }
  }
}
