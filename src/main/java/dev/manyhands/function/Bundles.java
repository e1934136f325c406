package dev.manyhands.function;

import dev.manyhands.job.Bundle;
import dev.manyhands.job.FunctionDefinition;
import dev.manyhands.job.Refusal;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes bundles in, and lets go of those that nothing needs any more. Safe for use by any thread.
 */
public final class Bundles implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Bundles.class);

  /** A job that is deleted may leave a bundle that nothing needs; it may lie there for a while. */
  private static final long SWEEP_SECONDS = 60;

  private final BundleStore store;
  private final BundleCache cache;

  /** Held from when a bundle is stored until a version needs it, so that it is not swept away. */
  private final ReentrantLock keeping = new ReentrantLock();

  private final ScheduledExecutorService sweeper =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("bundle-sweeper").unstarted(task));

  public Bundles(BundleStore store, BundleCache cache) {
    this.store = store;
    this.cache = cache;
  }

  /** Begins to sweep: what was needed when the service was stopped may not be any more. */
  public void start() {
    Future<?> _ = sweeper.scheduleWithFixedDelay(this::sweep, 0, SWEEP_SECONDS, TimeUnit.SECONDS);
  }

  /**
   * Takes a file in, whatever it is, without holding it in memory. The caller closes it.
   *
   * @param fileName what the client calls it
   * @throws Refusal if it is too large, or has no name that a file can have
   * @throws StoreException if the disk does not take it
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

  /** A fault of our disk is told apart from that of a client that breaks off. */
  private static <T> T onDisk(DiskWork<T> work) {
    try {
      return work.run();
    } catch (IOException e) {
      throw new StoreException("a bundle cannot be put on disk: " + e.getMessage(), e);
    }
  }

  /** Why a file is not taken in, and what to do. */
  public Refusal tooLarge() {
    return Refusal.tooLarge(
        "file",
        "may have at most "
            + cache.limits().maxBytes()
            + " bytes (manyhands.limits.bundle); leave out what the function does not need, or keep"
            + " data elsewhere and pass its path or URL");
  }

  /** Caps in force. */
  public BundleLimits limits() {
    return cache.limits();
  }

  /**
   * Keeps a bundle for a function.
   *
   * @param definition as the client gave it, without the bundle
   * @param register makes a version of the whole definition
   * @throws Refusal if the bundle does not fit the definition, or must not be opened
   * @throws StoreException if the disk or the store does not take it
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

  /** Removes, soon, what nothing needs any more. */
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
      // The next sweep finds the same again; thrown, it would be the last.
      log.debug("bundles are swept again later", later);
    } finally {
      keeping.unlock();
    }
  }

  @Override
  public void close() {
    sweeper.shutdownNow();
  }
}
