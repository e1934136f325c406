package dev.manyhands.store.writer;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Room on the disk of an embedded database that a file keeps back, for the time when the disk is
 * full. A deletion needs room, too, in the write-ahead log, before it frees any.
 *
 * <p>While the reserve is given up, the database must not grow (see {@link Dialect#stopGrowing}).
 * Otherwise new rows would take the room, and nothing could be deleted any more. Owned by the
 * writer's thread.
 */
public final class Reserve {
  private static final Logger log = LoggerFactory.getLogger(Reserve.class);

  /** No reserve, because the database is elsewhere. */
  public static final Reserve NONE = new Reserve(null, System::nanoTime);

  /** Room for both together: the log at its usual length, and the largest group of writes. */
  static final int BYTES = 16 << 20;

  /** Free room that the disk must have besides the reserve before room is kept back again. */
  private static final long BESIDES_BYTES = 16L << 20;

  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final @Nullable Path file;
  private final LongSupplier nanoClock;
  private boolean there;
  private long triedNanos;

  private Reserve(@Nullable Path file, LongSupplier nanoClock) {
    this.file = file;
    this.nanoClock = nanoClock;
    this.triedNanos = nanoClock.getAsLong() - RETRY_NANOS;
  }

  /** Returns a reserve in this file, which is created unless the disk is too full for it. */
  public static Reserve in(Path file) {
    var reserve = new Reserve(file, System::nanoTime);
    try {
      reserve.there = Files.exists(file) && Files.size(file) == BYTES;
    } catch (IOException unreadable) {
      log.debug("the reserve is made anew", unreadable);
    }
    if (!reserve.there && !reserve.mend()) {
      log.warn(
          "the disk of {} is almost full: the database does not grow until more is free", file);
    }
    return reserve;
  }

  boolean isThere() {
    return there;
  }

  boolean isGivenUp() {
    return file != null && !there;
  }

  /** Gives up the reserve; false when there is none, or its file cannot be deleted. */
  boolean giveUp() {
    if (file == null || !there) {
      return false;
    }
    try {
      Files.deleteIfExists(file);
    } catch (IOException held) {
      log.warn("the reserve {} cannot be given up: {}", file, held.toString());
      return false;
    }
    there = false;
    triedNanos = nanoClock.getAsLong();
    log.warn("the disk is full: gave up the reserve to deletions and their room, file={}", file);
    return true;
  }

  /**
   * Restores the reserve if it is missing and there is enough room. Tries only every few seconds.
   * Returns whether this call has restored the reserve.
   */
  boolean mend() {
    if (file == null || there || nanoClock.getAsLong() - triedNanos < RETRY_NANOS) {
      return false;
    }
    triedNanos = nanoClock.getAsLong();
    try {
      Path directory = file.toAbsolutePath().getParent();
      if (Files.getFileStore(directory).getUsableSpace() < BYTES + BESIDES_BYTES) {
        return false;
      }
      fill(file);
      there = true;
    } catch (IOException noRoom) {
      log.debug("no reserve yet", noRoom);
    }
    return there;
  }

  /** Fills the file with bytes, because a sparse file keeps no room back. */
  private static void fill(Path file) throws IOException {
    boolean whole = false;
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] some = new byte[1 << 20];
      for (int written = 0; written < BYTES; written += some.length) {
        out.write(some);
      }
      whole = true;
    } finally {
      if (!whole) {
        Files.deleteIfExists(file);
      }
    }
  }
}
