package dev.manyhands.job;

import java.util.Locale;

/**
 * A file that a function was uploaded with. Immutable, as its digest is its content.
 *
 * @param kind what is in it
 * @param digest hex SHA-256 of its bytes
 * @param bytes how many they are
 * @param files in it; 1 for what is no archive
 * @param fileName what the client called it; a plain name without a directory
 */
public record Bundle(Kind kind, String digest, long bytes, int files, String fileName) {

  /** What a bundle is, and so what workers are given. */
  public enum Kind {
    /** One Python module. */
    PY,
    /** Files that workers are given unpacked: Python modules, or a program and what it needs. */
    ZIP,
    /** Java classes, loaded from the jar as it is. */
    JAR,
    /** One program. */
    EXECUTABLE;

    /** As users write it: {@code py}, {@code zip}, {@code jar}, {@code executable}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
