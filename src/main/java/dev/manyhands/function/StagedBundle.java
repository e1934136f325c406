package dev.manyhands.function;

import dev.manyhands.support.DirectoryTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * The files of a bundle as workers would get them, in a directory of their own that nobody else
 * sees yet. Closing it removes them, unless the cache has taken them over by then.
 *
 * @param files how many there are
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
