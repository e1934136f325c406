package dev.manyhands.function;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A bundle that was received completely. Its name was checked, and nothing of its content.
 *
 * @param fileName the client's name of the file
 * @param digest hex SHA-256 of its bytes
 * @param bytes number of bytes
 * @param file the place of the bytes until the upload is closed
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
