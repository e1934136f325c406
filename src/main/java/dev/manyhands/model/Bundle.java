package dev.manyhands.model;

import dev.manyhands.support.Word;

/**
 * A file that a function was uploaded with. Immutable: another content has another digest.
 *
 * @param kind the kind of file
 * @param digest hex SHA-256 of its bytes
 * @param bytes number of bytes
 * @param files number of files in the bundle; 1 unless it is an archive
 * @param fileName the client's name of the file; a plain name without a directory
 */
public record Bundle(Kind kind, String digest, long bytes, int files, String fileName) {

  /** The kind of a bundle, which decides what workers get. */
  public enum Kind {
    /** One Python module. */
    PY,
    /**
     * Files that workers get unpacked: Python modules, or a program and the files that it needs.
     */
    ZIP,
    /** Java classes, loaded from the jar as it is. */
    JAR,
    /** One program. */
    EXECUTABLE;

    /**
     * Returns the name that users write: {@code py}, {@code zip}, {@code jar}, {@code executable}.
     */
    public String label() {
      return Word.of(this);
    }
  }
}
