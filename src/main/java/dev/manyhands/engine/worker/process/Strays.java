package dev.manyhands.engine.worker.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends processes that user code started and left behind, where a process group does not reach them.
 * A process that called {@code setsid} or was orphaned is no longer in its worker's group, nor
 * among its descendants.
 *
 * <p>A process is recognized by its initial environment, which contains the path of its worker's
 * control page. It is also recognized by its working directory, if this is in the worker's scratch
 * directory. A process that hides both has a clean environment <em>and</em> another directory. Such
 * a process is not found here; only a container of processes could hold it. No process is found
 * without {@code /proc}.
 *
 * <p>Safe for use by any thread. Reads {@code /proc}, so it is not for a thread that must not
 * block.
 */
final class Strays {
  private static final Logger log = LoggerFactory.getLogger(Strays.class);
  private static final Path PROC = Path.of("/proc");

  /** How long to repeat the search, because ended processes may have started others just before. */
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /**
   * The most bytes of an environment to read. The kernel lets no program begin with more, but a
   * process may point to gigabytes later.
   */
  private static final int MOST_ENVIRONMENT = 8 << 20;

  private Strays() {}

  /**
   * Ends processes that left their workers' process groups under an earlier service. A killed
   * service could not end them.
   */
  static void endAllOfEarlierService(Path scratch) {
    int ended = end(scratch);
    if (ended > 0) {
      log.info("ended {} processes that functions of an earlier service had left behind", ended);
    }
  }

  /**
   * Ends all processes that belong to this scratch directory, of one worker or of all. Returns when
   * there are none, or after two seconds.
   *
   * @return how many signals this took
   */
  static int end(Path directory) {
    long start = System.nanoTime();
    int ended = 0;
    List<ProcessHandle> found = of(directory);
    while (!found.isEmpty() && System.nanoTime() - start < MOST_NANOS) {
      for (ProcessHandle stray : found) {
        ended += stray.destroyForcibly() ? 1 : 0;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
      found = of(directory);
    }
    return ended;
  }

  private static List<ProcessHandle> of(Path directory) {
    if (!Files.isDirectory(PROC)) {
      return List.of();
    }
    long self = ProcessHandle.current().pid();
    return ProcessHandle.allProcesses()
        .filter(process -> process.pid() != self && belongs(process.pid(), directory))
        .toList();
  }

  private static boolean belongs(long pid, Path directory) {
    Path process = PROC.resolve(Long.toString(pid));
    try (var environment = Files.newInputStream(process.resolve("environ"))) {
      return isMarked(environment.readNBytes(MOST_ENVIRONMENT), directory)
          || Files.readSymbolicLink(process.resolve("cwd")).startsWith(real(directory));
    } catch (IOException goneOrAnothers) {
      // A zombie gets here, too: it runs nothing.
      return false;
    }
  }

  /**
   * Returns the real path of the directory. Its last name is kept, because a worker may have
   * replaced the directory by a link.
   */
  private static Path real(Path directory) throws IOException {
    Path above = Objects.requireNonNull(directory.getParent(), "not all there is");
    return above.toRealPath().resolve(directory.getFileName());
  }

  private static boolean isMarked(byte[] environment, Path directory) {
    // Both are compared byte by byte, so that the characters do not matter.
    String mark = WorkerLauncher.CONTROL + "=" + directory + "/";
    String bytes = new String(mark.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    return new String(environment, StandardCharsets.ISO_8859_1).contains(bytes);
  }
}
