package dev.manyhands.function;

import dev.manyhands.model.Refusal;
import dev.manyhands.support.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The directory in which an operator puts jars with Java functions. */
public final class JarDirectory {
  /** Matches a plain file name, so that no path leads out of the directory. */
  private static final Pattern JAR_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.+-]*\\.jar");

  private final Path directory;

  public JarDirectory(Path directory) {
    this.directory = directory;
  }

  /**
   * Returns the hex SHA-256 of the jar as it is now.
   *
   * @param pointer the place of the name in the request
   * @throws Refusal if there is no such jar, or if it cannot be read
   */
  String digest(String jar, String pointer) {
    if (!JAR_NAME.matcher(jar).matches()) {
      throw Refusal.invalid(
          pointer, "must be the plain file name of a jar, such as my-functions.jar");
    }
    Path file = directory.resolve(jar);
    if (!Files.isRegularFile(file)) {
      throw Refusal.invalid(
          pointer,
          "there is no jar '" + jar + "' in the service's jar directory; there are: " + names());
    }
    try {
      return digest(file);
    } catch (IOException e) {
      throw Refusal.invalid(pointer, "the jar '" + jar + "' cannot be read: " + e.getMessage());
    }
  }

  /** Returns the hex SHA-256 of a file as it is now. */
  public static String digest(Path file) throws IOException {
    var sha256 = Sha256.digest();
    try (var in = new DigestInputStream(Files.newInputStream(file), sha256)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(sha256.digest());
  }

  private List<String> names() {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".jar"))
          .sorted()
          .toList();
    } catch (IOException noDirectory) {
      return List.of();
    }
  }
}
