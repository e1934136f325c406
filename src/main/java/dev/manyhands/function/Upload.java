package dev.manyhands.function;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A bundle that has come in whole, of which nothing else is known or checked.
 *
 * @param fileName what the client calls it
 * @param digest hex SHA-256 of its bytes
 * @param bytes how many they are
 * @param file where they are until this is closed
 */
public record Upload(String fileName, String digest, long bytes, Path file)
    implements AutoCloseable {
  @Override
  public void close() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
