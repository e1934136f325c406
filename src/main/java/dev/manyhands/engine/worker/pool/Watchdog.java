package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.ControlPage;
import dev.manyhands.engine.worker.RunningWorker;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.model.CommandSilence;
import dev.manyhands.model.JobId;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds workers that are stuck, late, over their limits or idle for too long, and returns the
 * ending that is due. Takes no action itself, apart from notes for users. Confined to the pool's
 * thread.
 */
final class Watchdog {
  private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

  /**
   * Time for work before and between items, such as decoding, in addition to the time of one item.
   */
  private static final Duration BEGIN_GRACE = Duration.ofSeconds(2);

  /**
   * Bounds for the time between two looks at an item with a time limit. Within them, the time is a
   * tenth of the limit.
   */
  private static final long SHORTEST_LOOK_NANOS = 2_000_000;

  private static final long LONGEST_LOOK_NANOS = 100_000_000;

  private final WorkerSettings settings;

  Watchdog(WorkerSettings settings) {
    this.settings = settings;
  }

  /**
   * Returns the ending that is due by time; null for none.
   *
   * @throws ControlPage.LostException if the worker has truncated its page
   */
  @Nullable Ending look(Worker worker, long now) {
    Long killAt = worker.killAtNanos();
    if (killAt != null && now - killAt >= 0) {
      return Ending.Plain.STOPPED;
    }
    if (worker.isEnding()) {
      return null;
    }
    WorkerWatch watch = worker.watch();
    SentChunk running = worker.sent().running();
    if (running == null) {
      return now - watch.idleSinceNanos() > settings.pool().idleTimeout().toNanos()
          ? Ending.Plain.IDLE
          : null;
    }
    if (!worker.isLoaded()) {
      return now - watch.launchedNanos() > settings.pool().startTimeout().toNanos()
          ? Ending.Plain.NOT_LOADED
          : null;
    }
    RunningWorker process = worker.process();
    if (process == null) {
      return null;
    }
    lookForSilence(worker, running, process, now);
    return lookAtItems(worker, running, process, now);
  }

  /**
   * Records the resources that a worker uses. Returns the ending that is due because of them; null
   * for none.
   *
   * @throws ControlPage.LostException if the worker has truncated its page
   */
  @Nullable Ending used(Worker worker, WorkerEvent.Usage usage) {
    worker.watch().used(usage);
    long most = worker.key().memoryBytes();
    return most > 0 && usage.rssBytes() > most
        ? new Ending.OverMemory(most)
        : lookAtProcessor(worker, usage.cpuSeconds());
  }

  /** Returns why the worker should get no more chunks; null if it may get more. */
  @Nullable Ending wornOut(Worker worker) {
    if (worker.use().isReleased()) {
      return Ending.Plain.IDLE;
    }
    if (!worker.use().hasRoomFor(1)) {
      return Ending.Plain.ITEMS;
    }
    if (settings.pool().maxItems() > 0 && worker.use().itemsGiven() >= settings.pool().maxItems()) {
      return Ending.Plain.ITEMS;
    }
    return settings.pool().maxRssBytes() > 0
            && worker.watch().rssBytes() > settings.pool().maxRssBytes()
        ? Ending.Plain.RSS
        : null;
  }

  private @Nullable Ending lookAtProcessor(Worker worker, double cpuSeconds) {
    SentChunk running = worker.sent().running();
    RunningWorker process = worker.process();
    if (running == null || process == null || !worker.isLoaded() || worker.isEnding()) {
      return null;
    }
    Duration limit = settings.limits().cpuTimeOf(running.job().spec());
    if (limit == null) {
      return null;
    }
    var page = process.page();
    var at =
        new ProcessorWatch.Progress(
            running.number(),
            running.next(),
            page.chunk(),
            ItemWatch.running(page, running.job().spec().threads()));
    return worker.watch().processor().isOver(at, cpuSeconds, limit)
        ? new Ending.ItemOverProcessorTime(limit, at.items())
        : null;
  }

  /**
   * Writes a note for the user that a command has answered nothing yet. A command that does not
   * flush its output looks like a slow one, and hangs for ever.
   */
  private static void lookForSilence(
      Worker worker, SentChunk running, RunningWorker process, long now) {
    if (!mayBeSilent(worker)) {
      return;
    }
    WorkerWatch watch = worker.watch();
    if (process.waitsForInputs()) {
      watch.reported(now);
    } else if (watch.silence(now).compareTo(CommandSilence.AFTER) >= 0) {
      watch.noteSilence();
      JobId job = running.job().id();
      log.info("worker {} has answered nothing yet, job={}", worker.id(), job);
      process.note(job, "manyhands: " + CommandSilence.TEXT);
    }
  }

  private static boolean mayBeSilent(Worker worker) {
    return worker.definition().speaksLines()
        && !worker.hasAnswered()
        && !worker.watch().isSilenceNoted();
  }

  private static @Nullable Ending lookAtItems(
      Worker worker, SentChunk running, RunningWorker process, long now) {
    Duration limit = running.job().spec().timeouts().item();
    if (limit == null) {
      return null;
    }
    WorkerWatch watch = worker.watch();
    if (process.waitsForInputs() && worker.sent().size() == 1) {
      watch.reported(now); // the time of the chunk's items has not begun
      return null;
    }
    var page = process.page();
    int threads = running.job().spec().threads();
    OptionalLong overdue =
        watch.items().overdue(page, worker.sent(), threads, now, limit.toNanos());
    if (overdue.isPresent()) {
      return new Ending.ItemTooLong(overdue.getAsLong(), process);
    }
    return ItemWatch.running(page, threads).isEmpty() && isPauseTooLong(watch, running, limit, now)
        ? new Ending.ItemTooLong(null, process)
        : null;
  }

  /** Returns whether a worker that names no item has paused for too long. */
  private static boolean isPauseTooLong(
      WorkerWatch watch, SentChunk running, Duration limit, long now) {
    long sinceReport = watch.silence(now).toNanos();
    if (watch.items().namesItems()) {
      // The worker has its inputs, and could have begun an item: it is stopped, or hangs.
      long pause = Math.min(sinceReport, watch.items().pauseNanos(now));
      return pause - BEGIN_GRACE.toNanos() > limit.toNanos();
    }
    // The worker never named an item. The whole chunk then has the time of all its items.
    long items = running.chunk().items().count();
    return sinceReport > Math.min(limit.toNanos(), Long.MAX_VALUE / 2 / items) * items;
  }

  /**
   * Returns in how many nanoseconds to look at the worker again; {@link Long#MAX_VALUE} for never.
   */
  long nextLook(Worker worker, long now) {
    Long killAt = worker.killAtNanos();
    if (killAt != null) {
      return killAt - now;
    }
    WorkerWatch watch = worker.watch();
    SentChunk running = worker.sent().running();
    if (worker.isEnding()) {
      return Long.MAX_VALUE;
    }
    if (running == null) {
      return watch.idleSinceNanos() + settings.pool().idleTimeout().toNanos() - now;
    }
    if (!worker.isLoaded()) {
      return watch.launchedNanos() + settings.pool().startTimeout().toNanos() - now;
    }
    long next = Long.MAX_VALUE;
    if (mayBeSilent(worker)) {
      next = watch.lastReportNanos() + CommandSilence.AFTER.toNanos() - now;
    }
    Duration limit = running.job().spec().timeouts().item();
    return limit == null
        ? next
        : Math.min(next, Math.clamp(limit.toNanos() / 10, SHORTEST_LOOK_NANOS, LONGEST_LOOK_NANOS));
  }
}
