package dev.manyhands.support;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** Directories with all that is in them. */
public final class DirectoryTree {
  /** Half of what Linux takes as a path: what lies deeper cannot be named. */
  private static final int LONGEST_PATH = 2_000;

  private DirectoryTree() {}

  /**
   * Deletes a file or a directory and whatever is in it: also what was made read-only, and what
   * lies too deep for a path. Links are deleted and not followed. Does nothing if there is none.
   * For directories that nobody changes meanwhile.
   *
   * @throws IOException at the first thing that cannot be deleted
   */
  public static void delete(Path root) throws IOException {
    while (Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      if (isDirectory(root)) {
        open(root);
      }
      Files.walkFileTree(root, new Deletion(root));
    }
  }

  private static boolean isDirectory(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** Whoever made it may have taken away the right to look into it, or to change it. */
  private static void open(Path directory) throws IOException {
    var file = directory.toFile();
    if (!(file.setReadable(true, true)
        && file.setWritable(true, true)
        && file.setExecutable(true, true))) {
      throw new IOException("cannot be made writable in order to be removed: " + directory);
    }
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {
    private final Path root;
    private boolean isMoved;

    Deletion(Path root) {
      this.root = root;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes)
        throws IOException {
      open(each);
      if (each.toString().length() > LONGEST_PATH) {
        Files.move(each, Files.createTempDirectory(root, "deep").resolve("tree"));
        isMoved = true; // and is found there by the next walk
        return FileVisitResult.SKIP_SUBTREE;
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path each, IOException failure) throws IOException {
      if (!(failure instanceof AccessDeniedException) || each.equals(root) || !isDirectory(each)) {
        throw failure;
      }
      delete(each);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path each, IOException failure) throws IOException {
      if (!(isMoved && each.equals(root))) {
        Files.delete(each);
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
