package dev.manyhands.http.console;

import dev.manyhands.support.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The files of the console on the class path: those that {@link #INDEX} lists, and the parts of
 * libraries that they use. No other file of the class path can be read by a request.
 *
 * <p>All files together have one version, the digest of their bytes. The version is a part of their
 * addresses, so that browsers keep them, and never mix files of two versions.
 *
 * <p>Nothing is read before the first request. Safe for use by any thread.
 */
final class ConsoleFiles {
  /** The page. A client gets it with the version in place of {@link #PLACEHOLDER}. */
  private static final String PAGE = "/console/index.html";

  private static final String PLACEHOLDER = "{version}";

  /** A line for each file, relative to the folder of the console. */
  private static final String INDEX = "/console/files.txt";

  private static final String LIBRARIES = "/META-INF/resources/webjars/";

  /** The libraries, each with the files that the console uses. */
  private static final Map<String, List<String>> PARTS =
      Map.of(
          "lit-html",
          List.of(
              "lit-html.js",
              "directive.js",
              "directive-helpers.js",
              "directives/live.js",
              "directives/repeat.js"),
          "uplot",
          List.of("dist/uPlot.esm.js", "dist/uPlot.min.css"),
          "codemirror",
          List.of(
              "lib/codemirror.js",
              "lib/codemirror.css",
              "mode/python/python.js",
              "addon/edit/matchbrackets.js"));

  private static final Map<String, String> TYPES =
      Map.of(
          "css", "text/css;charset=utf-8",
          "js", "text/javascript;charset=utf-8",
          "svg", "image/svg+xml");

  /**
   * @param version part of the addresses of all files
   * @param page the page, with the version in it
   * @param places where each file is on the class path
   */
  private record Edition(String version, byte[] page, Map<String, String> places) {}

  private @Nullable Edition edition;

  /** A file as it is sent. */
  record ConsoleFile(String type, byte[] bytes) {}

  String version() {
    return edition().version();
  }

  byte[] page() {
    return edition().page();
  }

  /** Returns a file of the console, by its name below the version. */
  Optional<ConsoleFile> find(String name) {
    @Nullable String place = edition().places().get(name);
    if (place == null) {
      return Optional.empty();
    }
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return Optional.of(
        new ConsoleFile(TYPES.getOrDefault(ending, "application/octet-stream"), bytes(place)));
  }

  private synchronized Edition edition() {
    if (edition == null) {
      edition = read();
    }
    return edition;
  }

  private static Edition read() {
    var places = new TreeMap<String, String>();
    new String(bytes(INDEX), StandardCharsets.UTF_8)
        .lines()
        .forEach(file -> places.put(file, "/console/" + file));
    PARTS.forEach((library, files) -> {
      String home = LIBRARIES + library + "/" + versionOf(library) + "/";
      files.forEach(file -> places.put("lib/" + library + "/" + file, home + file));
    });
    byte[] page = bytes(PAGE);
    MessageDigest digest = Sha256.digest();
    digest.update(page);
    places.forEach((name, place) -> {
      digest.update(name.getBytes(StandardCharsets.UTF_8));
      digest.update(bytes(place));
    });
    String version = HexFormat.of().formatHex(digest.digest(), 0, 8);
    String text = new String(page, StandardCharsets.UTF_8).replace(PLACEHOLDER, version);
    return new Edition(version, text.getBytes(StandardCharsets.UTF_8), places);
  }

  /** Reads the version of a library from the record of its build, which is in its jar. */
  private static String versionOf(String library) {
    var record = new Properties();
    String place = "/META-INF/maven/org.webjars.npm/" + library + "/pom.properties";
    try (InputStream in = open(place)) {
      record.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(place + " cannot be read", e);
    }
    return record.getProperty("version");
  }

  private static byte[] bytes(String place) {
    try (InputStream in = open(place)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(place + " cannot be read", e);
    }
  }

  private static InputStream open(String place) {
    @Nullable InputStream in = ConsoleFiles.class.getResourceAsStream(place);
    if (in == null) {
      throw new IllegalStateException("the service was built without " + place);
    }
    return in;
  }
}
