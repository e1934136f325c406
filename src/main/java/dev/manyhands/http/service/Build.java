package dev.manyhands.http.service;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/**
 * The build of this service.
 *
 * @param version the release; {@code of unknown version} outside of a packaged service
 */
public record Build(String version) {
  private static final String UNKNOWN = "of unknown version";

  /** Reads the record of the build, which is in the jar. */
  public static Build read() {
    try (InputStream in = Build.class.getResourceAsStream("/META-INF/build-info.properties")) {
      if (in == null) {
        return new Build(UNKNOWN);
      }
      var build = new Properties();
      build.load(in);
      return new Build(build.getProperty("build.version", UNKNOWN));
    } catch (IOException e) {
      return new Build(UNKNOWN);
    }
  }
}
