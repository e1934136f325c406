package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.model.Outcomes;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Observations of one worker: since when it is silent or idle, and which resources it uses. Times
 * are those of the monotonic clock. Owned by the pool's thread.
 */
final class WorkerWatch {
  private final long launchedNanos;
  private final ItemWatch items;
  private final ProcessorWatch processor = new ProcessorWatch();
  private long idleSinceNanos;
  private long lastReportNanos;
  private boolean silenceNoted;
  private long rssBytes;
  private double cpuSeconds;

  /** The most memory seen since the last report; null if it was not measured since. */
  private @Nullable Long seenRss;

  /**
   * Creates the watch of a new worker.
   *
   * @param namesItems whether the worker is known to write the control page
   */
  WorkerWatch(boolean namesItems, long nowNanos) {
    this.launchedNanos = nowNanos;
    this.idleSinceNanos = nowNanos;
    this.items = new ItemWatch(namesItems, nowNanos);
  }

  ItemWatch items() {
    return items;
  }

  ProcessorWatch processor() {
    return processor;
  }

  // ---- time

  /** Notes that the worker has work, after it had none. */
  void begins(long nowNanos) {
    lastReportNanos = nowNanos;
    seenRss = null;
  }

  /** Notes a report, or that the worker cannot have sent a report yet. */
  void reported(long nowNanos) {
    lastReportNanos = nowNanos;
  }

  void idle(long nowNanos) {
    idleSinceNanos = nowNanos;
  }

  long launchedNanos() {
    return launchedNanos;
  }

  long idleSinceNanos() {
    return idleSinceNanos;
  }

  long lastReportNanos() {
    return lastReportNanos;
  }

  /** Returns for how long the worker has reported nothing. */
  Duration silence(long nowNanos) {
    return Duration.ofNanos(nowNanos - lastReportNanos);
  }

  /** Returns whether the user has got a note that the worker answers nothing. */
  boolean isSilenceNoted() {
    return silenceNoted;
  }

  void noteSilence() {
    silenceNoted = true;
  }

  // ---- use

  void used(WorkerEvent.Usage usage) {
    rssBytes = usage.rssBytes();
    cpuSeconds = usage.cpuSeconds();
    seenRss = seenRss == null ? rssBytes : Math.max(seenRss, rssBytes);
  }

  /** Returns the memory of the worker and of all that it has started; 0 before the first look. */
  long rssBytes() {
    return rssBytes;
  }

  double cpuSeconds() {
    return cpuSeconds;
  }

  /**
   * Returns the most memory, with all that the worker started, since the last report; null if it
   * was not measured since.
   */
  @Nullable Long seenRss() {
    return seenRss;
  }

  /**
   * Adds the memory that was seen since the last report to a report, once. The worker's own figure
   * leaves out the processes that it has started.
   */
  List<Outcomes> withSeenRss(List<Outcomes> parts) {
    Long seen = seenRss;
    seenRss = null;
    return seen == null
        ? parts
        : parts.stream().map(part -> part.withCost(part.cost().withSeenRss(seen))).toList();
  }
}
