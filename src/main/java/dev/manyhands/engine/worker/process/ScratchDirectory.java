package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.worker.sandbox.Landlock;
import dev.manyhands.support.DirectoryHandle;
import dev.manyhands.support.DirectoryTree;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory that contains the directory of each worker. A process that a worker left behind may
 * still put a link where a directory was. Therefore the directory is held open, and all files in it
 * are reached from there without following links. A thread of its own deletes them. Where the
 * kernel has Landlock, this thread can change nothing else.
 *
 * <p>Safe for use by any thread but a virtual one.
 */
final class ScratchDirectory implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ScratchDirectory.class);

  private final Path path;
  private final DirectoryHandle directory;

  /**
   * One thread for ever. It must neither log nor wake a virtual thread. Both may start a thread
   * that others use as well, and any thread that this one starts is confined as this one is.
   */
  private final ExecutorService cleaner =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().daemon().name("scratch-cleaner").unstarted(task));

  private ScratchDirectory(Path path, DirectoryHandle directory) {
    this.path = path;
    this.directory = directory;
  }

  /**
   * Creates the directory if it is missing, and empties it.
   *
   * @param path the path of the directory, within a directory that no worker can change
   * @throws IOException if the directory cannot be used, or something is left in it
   */
  static ScratchDirectory emptied(Path path) throws IOException {
    Path whole = path.toAbsolutePath();
    Path above = Objects.requireNonNull(whole.getParent(), "not all there is");
    Files.createDirectories(above);
    try (var parent = DirectoryHandle.open(above)) {
      String name = parent.name(whole);
      // Removes a link that was put in the place of the directory.
      if (parent.removeFile(name)) {
        parent.make(name);
      }
      var scratch = new ScratchDirectory(whole, parent.open(name));
      try {
        scratch.confineTheCleaner();
        scratch.clean(ScratchDirectory::empty);
        return scratch;
      } catch (IOException | RuntimeException e) {
        scratch.close();
        throw e;
      }
    }
  }

  private static void empty(DirectoryHandle scratch) throws IOException {
    try (var read = scratch.open(".")) {
      DirectoryTree.empty(read);
    }
  }

  private void confineTheCleaner() {
    try {
      if (directory.descriptor() < 0 || !Landlock.knowsMoves()) {
        throw new IOException("this kernel has no Landlock of version 2 (Linux 5.19)");
      }
      clean(scratch -> {
        try (var rules = Landlock.ofChanges()) {
          rules.allowAll(scratch);
          rules.enforce();
        }
      });
    } catch (IOException e) {
      log.info(
          "files of workers are deleted without following links, but no rule of the kernel keeps"
              + " their deletion within {}: {}",
          path,
          e.getMessage());
    }
  }

  /**
   * Creates the directory of a worker, with a home in it.
   *
   * @throws IOException if the disk rejects it, or its name is taken
   */
  WorkerDirectory make(String name) throws IOException {
    directory.make(name);
    var made = new WorkerDirectory(this, name);
    try (var own = open(name)) {
      own.make(WorkerDirectory.HOME);
    }
    return made;
  }

  Path path() {
    return path;
  }

  DirectoryHandle open(String name) throws IOException {
    return directory.open(name);
  }

  /**
   * Deletes an entry with all that is in it; returns when all is deleted.
   *
   * @throws IOException if something is left
   */
  void delete(String name) throws IOException {
    clean(scratch -> DirectoryTree.delete(scratch, name));
  }

  /** A task of the cleaner. */
  interface Cleaning {
    void run(DirectoryHandle scratch) throws IOException;
  }

  /** Runs a task in the cleaner, and waits for it. */
  void clean(Cleaning work) throws IOException {
    Callable<Boolean> task =
        () -> {
          work.run(directory);
          return true;
        };
    try {
      cleaner.submit(task).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException("files of workers cannot be deleted", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while files of a worker were deleted");
    }
  }

  @Override
  public void close() {
    cleaner.close();
    directory.close();
  }
}
