package dev.manyhands.engine.logs;

import dev.manyhands.engine.worker.LogSink;
import dev.manyhands.model.JobId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logs of all jobs. Each log has a directory, which is made when the job prints its first line.
 * Lines are accepted into memory at once, and one thread writes them a moment later. Safe for use
 * by any thread.
 */
public final class JobLogs implements LogSink, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(JobLogs.class);

  /** How long lines are gathered before they are written. */
  private static final int GATHER_MILLIS = 200;

  private static final int JOBS_WITH_FULL_SHARE = 16;
  private static final int FILES_KEPT_IN_MIND = 256;
  private static final int FORGOTTEN_KEPT_IN_MIND = 10_000;

  private final Path directory;
  private final long limitBytes;
  private final Clock clock;
  private final Consumer<JobId> printed;
  private final ConcurrentMap<JobId, Unwritten> unwritten = new ConcurrentHashMap<>();

  /** Has a permit when there may be something to write. */
  private final Semaphore news = new Semaphore(0);

  /**
   * The logs that were used last, the least recently used first. This map guards itself and all
   * files on disk.
   */
  private final Map<JobId, LogFile> files = newest(FILES_KEPT_IN_MIND);

  /** Jobs that were deleted. Their workers may continue to print. */
  private final Set<JobId> forgotten =
      Collections.synchronizedSet(Collections.newSetFromMap(newest(FORGOTTEN_KEPT_IN_MIND)));

  private final Thread writer;
  private volatile boolean closed;

  /** Set while writing fails, so that a full disk adds only one line to the service's log. */
  private boolean isFailing;

  /**
   * Starts the thread that writes, and removes the logs of jobs that no longer exist.
   *
   * @param directory the directory of the logs, and of nothing else ({@link LogDirectory}); made
   *     when the first job prints
   * @param limitBytes the most bytes that are kept of each job's log; 0 for nothing
   * @param isThere whether a job exists
   * @param printed called when there are more lines of a job to read; must return at once
   */
  public JobLogs(
      Path directory,
      long limitBytes,
      Predicate<JobId> isThere,
      Clock clock,
      Consumer<JobId> printed)
      throws IOException {
    this.directory = directory;
    this.limitBytes = limitBytes;
    this.clock = clock;
    this.printed = printed;
    // Listed before any new job can print: a directory that appears later belongs to a job that
    // exists.
    List<JobId> earlier = LogDirectory.jobsIn(directory);
    this.writer = Thread.ofPlatform().daemon().name("job-logs").start(() -> work(earlier, isThere));
  }

  @Override
  public void print(Line line) {
    if (limitBytes == 0 || forgotten.contains(line.job())) {
      return;
    }
    byte[] stored = StoredLines.encode(clock.instant(), line);
    unwritten.compute(
        line.job(),
        (job, before) -> {
          var lines = before == null ? new Unwritten(shareBytes()) : before;
          lines.add(stored);
          return lines;
        });
    if (news.availablePermits() == 0) {
      news.release();
    }
  }

  /**
   * Returns the bytes that each job may have in memory. The share shrinks as more jobs wait for a
   * disk that hangs.
   */
  private long shareBytes() {
    return limitBytes / Math.max(1, unwritten.size() / JOBS_WITH_FULL_SHARE);
  }

  // ---- by the writer

  private void work(List<JobId> earlier, Predicate<JobId> isThere) {
    removeOrphans(earlier, isThere);
    while (!closed) {
      try {
        news.acquire();
        Thread.sleep(GATHER_MILLIS);
        news.drainPermits();
        writeAll();
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts this thread", e);
      } catch (RuntimeException | Error fault) {
        // All jobs need this thread. Some lines of one job may be missing.
        log.error("what jobs print could not be written", fault);
      }
    }
  }

  private void removeOrphans(List<JobId> earlier, Predicate<JobId> isThere) {
    try {
      for (JobId job : earlier) {
        if (!isThere.test(job)) {
          forget(job);
        }
      }
    } catch (RuntimeException | Error storeAway) {
      // The next start tries again.
      log.warn("logs of deleted jobs are not removed now: {}", storeAway.toString());
    }
  }

  private void writeAll() {
    for (JobId job : unwritten.keySet()) {
      write(job);
    }
  }

  /**
   * Writes the waiting lines of a job. The lock keeps their order, because several threads may
   * write.
   */
  public void write(JobId job) {
    synchronized (files) {
      Unwritten lines = unwritten.remove(job);
      if (lines == null || forgotten.contains(job)) {
        return;
      }
      try {
        LogFile file = files.get(job);
        if (file == null) {
          file = new LogFile(directory.resolve(job.toString()), limitBytes);
          files.put(job, file);
        }
        file.append(lines);
        isFailing = false;
        printed.accept(job);
      } catch (IOException | UncheckedIOException e) {
        // A job must not fail because its log cannot be stored.
        files.remove(job);
        if (!isFailing) {
          log.warn("what jobs print cannot be written: {}", e.toString());
        }
        isFailing = true;
      }
    }
  }

  /** Returns whether the thread that writes is alive. */
  public boolean isRunning() {
    return writer.isAlive();
  }

  // ---- by the API

  /** Receives the entries of a job's log. */
  public interface Reader {
    void entry(LogEntry entry) throws IOException;
  }

  /**
   * Passes the log of a job up to now to the reader. A slow reader delays nobody. A log that is
   * open is read to its end, even if the job is deleted meanwhile.
   *
   * @return false when the job was deleted before its log was opened: the reader got nothing
   */
  public boolean read(JobId job, Reader reader) throws IOException {
    write(job);
    return readOn(job, new LogCursor(), reader);
  }

  /**
   * Passes on the written lines after a place in the log as {@link #read} does, and moves the
   * place. Lines that are being gathered come later: readers of a busy job must not write them one
   * by one.
   */
  public boolean readOn(JobId job, LogCursor from, Reader reader) throws IOException {
    List<LogFile.Part> parts = open(job);
    try {
      if (forgotten.contains(job)) {
        return false;
      }
      from.read(parts, reader);
      return true;
    } finally {
      LogFile.close(parts);
    }
  }

  /** Opens the files as they are at one moment. The writer may rename files while they are read. */
  private List<LogFile.Part> open(JobId job) throws IOException {
    synchronized (files) {
      return LogFile.open(directory.resolve(job.toString()));
    }
  }

  /** Removes the log of a deleted job, and accepts no more lines of it. */
  public void forget(JobId job) {
    forgotten.add(job);
    unwritten.remove(job);
    synchronized (files) {
      files.remove(job);
      Path log = directory.resolve(job.toString());
      try {
        LogFile.delete(log);
      } catch (IOException e) {
        JobLogs.log.warn("the log {} is not removed until the next start: {}", log, e.toString());
      }
    }
  }

  /** Writes the waiting lines. Called only after all workers are gone. */
  @Override
  public void close() {
    closed = true;
    // The thread is not interrupted, because an interrupt would close the file that it writes to.
    news.release();
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    writeAll();
  }

  /** Returns a map of at most {@code most} entries, which drops the least recently used one. */
  private static <V> Map<JobId, V> newest(int most) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<JobId, V> eldest) {
        return size() > most;
      }
    };
  }
}
