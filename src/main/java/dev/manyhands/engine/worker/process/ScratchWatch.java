package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.worker.WorkerEvent;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures every few seconds how much a worker's directory holds. It has a thread of its own, so
 * that a tree of a million files delays no other watch. A longer measurement delays the next one
 * more. The measurements of one worker thus take at most a tenth of a processor.
 */
final class ScratchWatch implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(ScratchWatch.class);
  private static final long LEAST_PAUSE_NANOS = Duration.ofSeconds(2).toNanos();
  private static final long PAUSE_PER_LOOK = 9;

  private final long worker;
  private final Process process;
  private final WorkerDirectory directory;
  private final long limitBytes;
  private final Consumer<WorkerEvent> events;

  private ScratchWatch(
      long worker,
      Process process,
      WorkerDirectory directory,
      long limitBytes,
      Consumer<WorkerEvent> events) {
    this.worker = worker;
    this.process = process;
    this.directory = directory;
    this.limitBytes = limitBytes;
    this.events = events;
  }

  /**
   * Begins to measure, until the process has ended.
   *
   * @param limitBytes 0 for no limit, and no watch
   * @param events gets one event when the directory holds more, or cannot be measured
   */
  static void begin(
      long worker,
      Process process,
      WorkerDirectory directory,
      long limitBytes,
      Consumer<WorkerEvent> events) {
    if (limitBytes > 0) {
      var watch = new ScratchWatch(worker, process, directory, limitBytes, events);
      Thread.ofPlatform().daemon().name("worker-" + worker + "-scratch").start(watch);
    }
  }

  @Override
  public void run() {
    long pauseNanos = LEAST_PAUSE_NANOS;
    try {
      while (!process.waitFor(pauseNanos, TimeUnit.NANOSECONDS)) {
        long began = System.nanoTime();
        if (hasReported()) {
          return;
        }
        pauseNanos = Math.max(LEAST_PAUSE_NANOS, (System.nanoTime() - began) * PAUSE_PER_LOOK);
      }
    } catch (InterruptedException nobodyDoes) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns whether the worker is reported. Without memory for that, the next look does it. */
  private boolean hasReported() {
    try {
      String why = problem();
      if (why != null) {
        events.accept(new WorkerEvent.ScratchFull(worker, why));
      }
      return why != null;
    } catch (Throwable fault) {
      log.error("the directory of worker {} is measured again soon", worker, fault);
      return false;
    }
  }

  private @Nullable String problem() {
    try (var opened = directory.open()) {
      return DiskUse.of(opened, limitBytes) <= limitBytes
          ? null
          : "the worker's directory held more than the " + limitBytes + " bytes that it may";
    } catch (DiskUse.HiddenException hidden) {
      log.debug("worker {} hides what it has", worker, hidden);
      return uncounted(hidden.getMessage());
    } catch (AccessDeniedException closed) { // by the function, whose user the service may be
      return uncounted("it was closed");
    } catch (IOException gone) {
      return null;
    }
  }

  private static String uncounted(@Nullable String why) {
    return "what the worker's directory holds cannot be counted (" + why + ")";
  }
}
