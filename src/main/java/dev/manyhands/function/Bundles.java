package dev.manyhands.function;

import dev.manyhands.model.Bundle;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.BundleStore;
import dev.manyhands.store.StoreException;
import dev.manyhands.support.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.HexFormat;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts bundles and removes bundles that nothing needs any more. Safe for use by any thread. */
public final class Bundles implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Bundles.class);

  /**
   * Seconds between two sweeps. A deleted job may leave a bundle that nothing needs; the bundle may
   * stay for a while.
   */
  private static final long SWEEP_SECONDS = 60;

  private final BundleStore store;
  private final BundleCache cache;

  /**
   * Held from the storing of a bundle until a version needs it, and during a sweep. No sweep
   * therefore removes a bundle in between.
   */
  private final ReentrantLock keeping = new ReentrantLock();

  private final ScheduledExecutorService sweeper =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("bundle-sweeper").unstarted(task));

  private volatile @Nullable Future<?> sweeps;

  public Bundles(BundleStore store, BundleCache cache) {
    this.store = store;
    this.cache = cache;
  }

  /** Starts the sweeps. Bundles may have become unneeded since the last service was stopped. */
  public void start() {
    sweeps = sweeper.scheduleWithFixedDelay(this::sweep, 0, SWEEP_SECONDS, TimeUnit.SECONDS);
  }

  /** Whether sweeps go on. */
  public boolean isRunning() {
    Future<?> begun = sweeps;
    return begun != null && !begun.isDone() && !sweeper.isShutdown();
  }

  /**
   * Receives any file without holding it in memory. The caller closes the upload.
   *
   * @param fileName the client's name of the file
   * @throws Refusal if the file is too large, or has no valid name
   * @throws StoreException if the disk refuses the file
   * @throws IOException if the client breaks off
   */
  public Upload receive(InputStream content, String fileName) throws IOException {
    String name = BundleCheck.fileName(fileName);
    Path file = onDisk(cache::newFile);
    var sha256 = Sha256.digest();
    boolean whole = false;
    try (var out = new DigestOutputStream(onDisk(() -> Files.newOutputStream(file)), sha256)) {
      long bytes = copy(content, out);
      whole = true;
      return new Upload(name, HexFormat.of().formatHex(sha256.digest()), bytes, file);
    } finally {
      if (!whole) {
        Files.deleteIfExists(file);
      }
    }
  }

  private long copy(InputStream content, OutputStream out) throws IOException {
    long bytes = 0;
    byte[] buffer = new byte[64 << 10];
    int read = content.read(buffer);
    while (read >= 0) {
      bytes += read;
      if (bytes > cache.limits().maxBytes()) {
        throw tooLarge();
      }
      int count = read;
      onDisk(() -> {
        out.write(buffer, 0, count);
        return out;
      });
      read = content.read(buffer);
    }
    return bytes;
  }

  private interface DiskWork<T> {
    T run() throws IOException;
  }

  /**
   * Turns a fault of the service's disk into a {@link StoreException}. The fault of a client that
   * breaks off stays an {@link IOException}.
   */
  private static <T> T onDisk(DiskWork<T> work) {
    try {
      return work.run();
    } catch (IOException e) {
      throw new StoreException("a bundle cannot be put on disk: " + e.getMessage(), e);
    }
  }

  /** Returns the refusal of a file that is too large. */
  public Refusal tooLarge() {
    return Refusal.tooLarge(
        "file",
        "may have at most "
            + cache.limits().maxBytes()
            + " bytes (manyhands.limits.bundle); leave out what the function does not need, or keep"
            + " data elsewhere and pass its path or URL");
  }

  /** Returns the limits in force. */
  public BundleLimits limits() {
    return cache.limits();
  }

  /**
   * Stores a bundle for a function.
   *
   * @param definition as the client gave it, without the bundle
   * @param register makes a version of the complete definition
   * @throws Refusal if the bundle does not fit the definition, or must not be opened
   * @throws StoreException if the disk or the store refuses the bundle
   */
  <T> T keep(
      Upload upload, FunctionDefinition definition, Function<FunctionDefinition, T> register) {
    return onDisk(() -> keepOnDisk(upload, definition, register));
  }

  private <T> T keepOnDisk(
      Upload upload, FunctionDefinition definition, Function<FunctionDefinition, T> register)
      throws IOException {
    var kind = BundleCheck.kind(definition, upload.fileName());
    try (var staged = cache.stage(upload.file(), kind, upload.fileName())) {
      var bundle =
          new Bundle(kind, upload.digest(), upload.bytes(), staged.files(), upload.fileName());
      var whole = BundleCheck.complete(definition, bundle, staged.directory());
      keeping.lock();
      try (var content = Files.newInputStream(upload.file())) {
        store.put(upload.digest(), content);
        T registered = register.apply(whole);
        cache.adopt(staged, bundle);
        return registered;
      } finally {
        keeping.unlock();
      }
    }
  }

  /** Starts a sweep soon, in the thread of the sweeper. */
  void sweepSoon() {
    sweeper.execute(this::sweep);
  }

  private void sweep() {
    keeping.lock();
    try {
      for (String digest : store.removeUnneeded()) {
        cache.remove(digest);
        log.info("removed a bundle that nothing needs, digest=sha256:{}", digest);
      }
    } catch (CompletionException | StoreException | IOException later) {
      // The next sweep tries again. An exception would end all later sweeps.
      log.debug("bundles are swept again later", later);
    } catch (RuntimeException | Error fault) {
      log.warn("a sweep of bundles failed, and is repeated", fault);
    } finally {
      keeping.unlock();
    }
  }

  @Override
  public void close() {
    sweeper.shutdownNow();
  }
}
