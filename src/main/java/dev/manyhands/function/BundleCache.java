package dev.manyhands.function;

import dev.manyhands.job.Bundle;
import dev.manyhands.job.Bundle.Kind;
import dev.manyhands.store.BundleStore;
import dev.manyhands.support.DirectoryTree;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Bundles as files, as workers need them: each in a directory of its own, a zip unpacked, anything
 * else under its name. Made from the store when first needed, and again after a restart, so nothing
 * here needs to outlive a power cut. What is there is whole, because it comes by a rename, and
 * read-only, because all workers share it. Safe for use by any thread.
 */
public final class BundleCache {
  private final Path directory;
  private final BundleStore store;
  private final BundleLimits limits;

  /** Held while a bundle is put into its place or taken away, so that it is made once. */
  private final ReentrantLock placing = new ReentrantLock();

  /**
   * Removes what an earlier service left, half-received uploads among it.
   *
   * @throws IOException if the directory cannot be used
   */
  public BundleCache(Path directory, BundleStore store, BundleLimits limits) throws IOException {
    this.directory = directory.toAbsolutePath();
    this.store = store;
    this.limits = limits;
    DirectoryTree.delete(this.directory);
    Files.createDirectories(this.directory);
  }

  BundleLimits limits() {
    return limits;
  }

  /** Where all bundles are. */
  public Path directory() {
    return directory;
  }

  /** The directory with the bundle's files, once they were provided. */
  public Path directoryOf(Bundle bundle) {
    return directory.resolve(bundle.digest() + "-" + bundle.fileName());
  }

  /** Whether the bundle's files are there. */
  public boolean has(Bundle bundle) {
    return Files.isDirectory(directoryOf(bundle));
  }

  /**
   * Sees to it that the bundle's files are there.
   *
   * @throws java.io.FileNotFoundException if the store does not have it
   * @throws IOException if the disk does not take it
   */
  public void provide(Bundle bundle) throws IOException {
    placing.lock();
    try {
      if (has(bundle)) {
        return;
      }
      Path file = newFile();
      try (var content = store.open(bundle.digest())) {
        Files.copy(content, file, StandardCopyOption.REPLACE_EXISTING);
        if (!JarDirectory.digest(file).equals(bundle.digest())) {
          throw new IOException(
              "what is stored of bundle sha256:" + bundle.digest() + " is damaged");
        }
        try (var staged = stage(file, bundle.kind(), bundle.fileName())) {
          adopt(staged, bundle);
        }
      } finally {
        Files.deleteIfExists(file);
      }
    } finally {
      placing.unlock();
    }
  }

  /** An empty file beside the bundles. */
  Path newFile() throws IOException {
    return Files.createTempFile(directory, "upload-", "");
  }

  /**
   * Lays out the files of a bundle; the file that holds it stays as it is.
   *
   * @throws dev.manyhands.job.Refusal if it is a zip or jar that must not be opened
   */
  StagedBundle stage(Path file, Kind kind, String fileName) throws IOException {
    Path target = Files.createTempDirectory(directory, "new-");
    boolean whole = false;
    try {
      int files =
          switch (kind) {
            case ZIP -> new Unpacking(file, target, limits).run();
            case JAR -> ZipIndex.files(ZipIndex.read(file, limits.maxEntries()));
            case PY, EXECUTABLE -> 1;
          };
      if (kind != Kind.ZIP) {
        Files.copy(file, target.resolve(fileName));
      }
      makeReadOnly(target);
      whole = true;
      return new StagedBundle(target, files);
    } finally {
      if (!whole) {
        DirectoryTree.delete(target);
      }
    }
  }

  /** Gives the staged files to all workers, unless they have the same already. */
  void adopt(StagedBundle staged, Bundle bundle) throws IOException {
    placing.lock();
    try {
      if (!has(bundle)) {
        Files.move(staged.directory(), directoryOf(bundle), StandardCopyOption.ATOMIC_MOVE);
      }
    } finally {
      placing.unlock();
    }
  }

  /** Removes the files of a bundle that nothing needs. */
  void remove(String digest) throws IOException {
    placing.lock();
    try (Stream<Path> all = Files.list(directory)) {
      List<Path> its =
          all.filter(each -> each.getFileName().toString().startsWith(digest)).toList();
      for (Path each : its) {
        DirectoryTree.delete(each);
      }
    } finally {
      placing.unlock();
    }
  }

  /** Any file may be a program: not every zip says which of its files are. */
  private static void makeReadOnly(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            return readOnly(file);
          }

          @Override
          public FileVisitResult postVisitDirectory(Path each, IOException failure)
              throws IOException {
            return readOnly(each);
          }
        });
  }

  private static FileVisitResult readOnly(Path path) throws IOException {
    if (!path.toFile().setExecutable(true, false) || !path.toFile().setWritable(false, false)) {
      throw new IOException("cannot be made read-only and executable: " + path);
    }
    return FileVisitResult.CONTINUE;
  }
}
