package dev.manyhands.http.service;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The build of this service.
 *
 * @param version the release; {@code of unknown version} outside of a packaged service
 * @param builtAt null if the build did not record its time
 */
public record Build(String version, @Nullable Instant builtAt) {
  private static final String UNKNOWN = "of unknown version";

  /** Reads the record of the build, which is in the jar. */
  public static Build read() {
    try (InputStream in = Build.class.getResourceAsStream("/META-INF/build-info.properties")) {
      if (in == null) {
        return new Build(UNKNOWN, null);
      }
      var build = new Properties();
      build.load(in);
      return new Build(
          build.getProperty("build.version", UNKNOWN), time(build.getProperty("build.time")));
    } catch (IOException e) {
      return new Build(UNKNOWN, null);
    }
  }

  private static @Nullable Instant time(@Nullable String text) {
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
