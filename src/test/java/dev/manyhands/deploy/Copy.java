package dev.manyhands.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Copies directories, so that a test may change what is in them. */
final class Copy {
  private Copy() {}

  static void tree(Path from, Path to, Predicate<Path> which) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(which).toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }
}
