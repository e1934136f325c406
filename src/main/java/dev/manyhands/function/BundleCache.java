package dev.manyhands.function;

import dev.manyhands.model.Bundle;
import dev.manyhands.model.Bundle.Kind;
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
 * Lays out bundles as files for workers. Each bundle has a directory of its own, with a zip
 * unpacked and any other file under its own name. An upload is laid out at once. A missing bundle,
 * for example after a restart, is laid out from the store when a worker needs the bundle. The
 * directory may therefore be lost. Each directory is complete, because a rename puts it in place,
 * and read-only, because all workers share it. Safe for use by any thread.
 */
public final class BundleCache {
  private final Path directory;
  private final BundleStore store;
  private final BundleLimits limits;

  /**
   * Held while a bundle is provided, put in place or removed. The files of an upload are laid out
   * before, without the lock; one copy of a bundle is put in place.
   */
  private final ReentrantLock placing = new ReentrantLock();

  /**
   * Removes the files of an earlier service, including uploads that were not complete.
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

  /** Returns the directory of all bundles. */
  public Path directory() {
    return directory;
  }

  /** Returns the directory of a bundle's files, which exists once the bundle was provided. */
  public Path directoryOf(Bundle bundle) {
    return directory.resolve(bundle.digest() + "-" + bundle.fileName());
  }

  /** Whether the bundle's files exist. */
  public boolean has(Bundle bundle) {
    return Files.isDirectory(directoryOf(bundle));
  }

  /**
   * Lays out the bundle's files unless they exist.
   *
   * @throws java.io.FileNotFoundException if the store does not have the bundle
   * @throws IOException if the stored bytes are damaged, or the disk refuses the files
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

  /** Creates an empty file for the bytes of a new bundle. The caller deletes the file. */
  Path newFile() throws IOException {
    return Files.createTempFile(directory, "upload-", "");
  }

  /**
   * Lays out the files of a bundle in a new directory. The given file stays as it is.
   *
   * @throws dev.manyhands.model.Refusal if the file is a zip or jar that must not be opened
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

  /** Makes the staged files available to all workers, unless the bundle is in place already. */
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

  /**
   * Makes all files and directories read-only and executable. Not every zip records which of its
   * files are programs.
   */
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
