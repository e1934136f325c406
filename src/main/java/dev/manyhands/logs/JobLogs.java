package dev.manyhands.logs;

import dev.manyhands.job.JobId;
import dev.manyhands.worker.LogSink;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logs of all jobs: a directory each, which is made when a job prints its first line. Lines are
 * taken into memory at once, and written a moment later by one thread. Safe for use by any thread.
 */
public final class JobLogs implements LogSink, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(JobLogs.class);

  /** Lines are gathered for so long before they are written. */
  private static final int GATHER_MILLIS = 200;

  private static final int JOBS_WITH_FULL_SHARE = 16;
  private static final int FILES_KEPT_IN_MIND = 256;
  private static final int FORGOTTEN_KEPT_IN_MIND = 10_000;

  private final Path directory;
  private final long limitBytes;
  private final Clock clock;
  private final ConcurrentMap<JobId, Unwritten> unwritten = new ConcurrentHashMap<>();

  /** Has a permit when there may be something to write. */
  private final Semaphore news = new Semaphore(0);

  /** Guarded by itself, as all that is on disk is. Least recently used first. */
  private final Map<JobId, LogFile> files = newest(FILES_KEPT_IN_MIND);

  /** Workers may go on to print after their job was deleted. */
  private final Set<JobId> forgotten =
      Collections.synchronizedSet(Collections.newSetFromMap(newest(FORGOTTEN_KEPT_IN_MIND)));

  private final Thread writer;
  private volatile boolean closed;

  /** Set while writing fails, so that a full disk is one line in the service's log. */
  private boolean isFailing;

  /**
   * Begins, and removes the logs of jobs that are not there.
   *
   * @param directory of the logs; made when the first job prints
   * @param limitBytes how much is kept of each job; 0 for nothing
   * @param isThere whether there is such a job
   */
  public JobLogs(Path directory, long limitBytes, Predicate<JobId> isThere, Clock clock)
      throws IOException {
    this.directory = directory;
    this.limitBytes = limitBytes;
    this.clock = clock;
    // Listed before any job can come: what is found later is not an orphan.
    List<JobId> earlier = list(directory);
    this.writer = Thread.ofPlatform().daemon().name("job-logs").start(() -> work(earlier, isThere));
  }

  private static List<JobId> list(Path directory) throws IOException {
    try (var logs = Files.list(directory)) {
      return logs.flatMap(log -> JobId.parse(log.getFileName().toString()).stream()).toList();
    } catch (NoSuchFileException nobodyPrinted) {
      return List.of();
    }
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

  /** The more jobs wait for a disk that hangs, the less may each of them have in memory. */
  private long shareBytes() {
    return limitBytes / Math.max(1, unwritten.size() / JOBS_WITH_FULL_SHARE);
  }

  // ---- by the writer

  private void work(List<JobId> earlier, Predicate<JobId> isThere) {
    removeOrphans(earlier, isThere);
    try {
      while (!closed) {
        news.acquire();
        Thread.sleep(GATHER_MILLIS);
        news.drainPermits();
        writeAllOrLater();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
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
      // The next start finds them again.
      log.warn("logs of deleted jobs are not removed now: {}", storeAway.toString());
    }
  }

  private void writeAllOrLater() {
    try {
      writeAll();
    } catch (RuntimeException | Error fault) {
      // The thread is needed by all jobs. Lines of the job that it was about may be missing.
      log.error("what jobs print could not be written", fault);
    }
  }

  private void writeAll() {
    for (JobId job : unwritten.keySet()) {
      write(job);
    }
  }

  /** Lines of a job are written in order, whoever writes them. */
  private void write(JobId job) {
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
      } catch (IOException | UncheckedIOException e) {
        // A job must not suffer because its log cannot be kept.
        files.remove(job);
        if (!isFailing) {
          log.warn("what jobs print cannot be written: {}", e.toString());
        }
        isFailing = true;
      }
    }
  }

  /** Whether its thread is at work. */
  public boolean isRunning() {
    return writer.isAlive();
  }

  // ---- by the API

  /** Takes what a job's log consists of. */
  public interface Reader {
    void entry(LogEntry entry) throws IOException;
  }

  /**
   * Hands over the log of a job up to now; a slow reader holds up nobody. A log that is open is
   * read to its end, also when the job is deleted meanwhile.
   *
   * @return false when the job was deleted before its log was opened: nothing was handed over
   */
  public boolean read(JobId job, Reader reader) throws IOException {
    write(job);
    try (InputStream in = open(job)) {
      if (forgotten.contains(job)) {
        return false;
      }
      long[] expected = {0};
      StoredLines.read(
          in,
          (number, line) -> {
            if (number > expected[0]) {
              reader.entry(new LogEntry.Dropped(number - expected[0]));
            }
            expected[0] = number + 1;
            reader.entry(line);
          });
      return true;
    }
  }

  /** The files as they are at one moment: while they are read, the writer may set them aside. */
  private InputStream open(JobId job) throws IOException {
    synchronized (files) {
      return LogFile.open(directory.resolve(job.toString()));
    }
  }

  /** Removes the log of a job that was deleted, and takes no more of it. */
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

  /** Writes what there is. Only after all workers are gone. */
  @Override
  public void close() {
    closed = true;
    // Not interrupted: that would close the file that it is writing to.
    news.release();
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    writeAll();
  }

  /** A map that forgets what was not asked for the longest. */
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
