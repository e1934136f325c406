package dev.manyhands.worker;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What runs inside the workers of the built-in runtimes, as files: they are resources of the
 * service, and another process cannot read into its jar.
 */
record Harnesses(Path python, Path java) {

  static Harnesses unpack(Path directory) throws IOException {
    Files.createDirectories(directory);
    return new Harnesses(
        unpack("/manyhands/python/manyhands_worker.py", directory),
        unpack("/manyhands/java/manyhands-worker.jar", directory));
  }

  private static Path unpack(String resource, Path directory) throws IOException {
    Path file = directory.resolve(resource.substring(resource.lastIndexOf('/') + 1));
    try (var in = Harnesses.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new FileNotFoundException("the service was built without " + resource);
      }
      Files.copy(in, file);
    }
    return file;
  }
}
