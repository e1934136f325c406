package dev.manyhands.function;

import dev.manyhands.support.DirectoryTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * The files of a bundle as workers will see them, in a directory that nobody else uses yet. Closing
 * the bundle removes the files, unless the cache has adopted them by then.
 *
 * @param files number of files
 */
record StagedBundle(Path directory, int files) implements AutoCloseable {
  @Override
  public void close() {
    try {
      DirectoryTree.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
