package dev.manyhands.app.install;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether this process started with an AOT cache. The JVM reports little or nothing if it cannot
 * use the cache.
 */
public sealed interface AotCache {

  /** The options of the JVM name no cache. */
  record NotNamed() implements AotCache {}

  /** The options of the JVM name a file that does not exist. */
  record Missing(Path file) implements AotCache {}

  /** Another Java has made the cache, or it is for other jars or other options of the JVM. */
  record Refused(Path file) implements AotCache {}

  /** The JVM uses the cache. */
  record Used(Path file) implements AotCache {}

  /** Returns the state of this process. */
  static AotCache ofThisProcess() {
    String option = "-XX:AOTCache=";
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith(option))
        .reduce((first, last) -> last)
        .map(argument -> of(Path.of(argument.substring(option.length()))))
        .orElseGet(NotNamed::new);
  }

  private static AotCache of(Path file) {
    if (!Files.exists(file)) {
      return new Missing(file);
    }
    return isMapped(file, Path.of("/proc/self/maps")) ? new Used(file) : new Refused(file);
  }

  /**
   * Returns whether a process has mapped a file. The JVM maps a cache that it uses, and no other.
   *
   * @param maps in the format of {@code /proc/self/maps}; where the system has none, the cache
   *     counts as used
   */
  static boolean isMapped(Path file, Path maps) {
    try {
      String real = file.toRealPath().toString();
      return !Files.isReadable(maps)
          || Files.readString(maps, StandardCharsets.UTF_8)
              .lines()
              .anyMatch(line -> line.endsWith(" " + real));
    } catch (IOException unknown) {
      return true;
    }
  }
}
