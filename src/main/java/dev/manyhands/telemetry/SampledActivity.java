package dev.manyhands.telemetry;

import dev.manyhands.engine.scheduler.JobBoard;
import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.http.Activity;
import dev.manyhands.model.JobState;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a sample of the service each second, in a thread of its own, and keeps the samples of ten
 * minutes. A sample reads counters and the states of unfinished jobs, and asks no other thread.
 */
public final class SampledActivity implements Activity, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SampledActivity.class);
  private static final long STEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Scheduler scheduler;
  private final JobBoard board;
  private final JobMetrics metrics;
  private final Clock clock;
  private final Thread thread;

  private final SampleRing kept;

  // Owned by the thread.
  private long items;
  private long chunks;
  private long sampledNanos;

  public SampledActivity(Scheduler scheduler, JobBoard board, JobMetrics metrics, Clock clock) {
    this.scheduler = scheduler;
    this.board = board;
    this.metrics = metrics;
    this.clock = clock;
    this.kept = new SampleRing(sample(0, 0));
    this.thread = Thread.ofPlatform().daemon().name("activity").unstarted(this::loop);
  }

  public void start() {
    thread.start();
  }

  /** Whether the thread is alive. */
  public boolean isRunning() {
    return thread.isAlive();
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void loop() {
    long start = System.nanoTime();
    sampledNanos = start;
    keep(0);
    while (true) {
      long second = (System.nanoTime() - start) / STEP_NANOS + 1;
      try {
        TimeUnit.NANOSECONDS.sleep(start + second * STEP_NANOS - System.nanoTime());
      } catch (InterruptedException closed) {
        return;
      }
      keep(second);
    }
  }

  private void keep(long second) {
    try {
      kept.keep(second, next());
    } catch (RuntimeException | Error fault) {
      // The second stays empty. Without the thread, all later seconds would.
      log.warn("a sample of the service failed", fault);
    }
  }

  private Sample next() {
    long itemsDone = metrics.itemsDone();
    long chunksDone = metrics.chunksDone();
    long now = System.nanoTime();
    double seconds = Math.max(1e-3, (now - sampledNanos) / 1e9);
    var sample = sample(rate(itemsDone - items, seconds), rate(chunksDone - chunks, seconds));
    items = itemsDone;
    chunks = chunksDone;
    sampledNanos = now;
    return sample;
  }

  private static int rate(long done, double seconds) {
    return (int) Math.min(Integer.MAX_VALUE, Math.round(done / seconds));
  }

  private Sample sample(int itemsPerSecond, int chunksPerSecond) {
    Map<JobState, Integer> jobs = board.countByState();
    return new Sample(
        clock.instant(),
        new Slots(scheduler.slots(), scheduler.busySlots()),
        new Jobs(
            jobs.getOrDefault(JobState.RUNNING, 0),
            jobs.getOrDefault(JobState.QUEUED, 0),
            jobs.getOrDefault(JobState.WAITING, 0)),
        itemsPerSecond,
        chunksPerSecond,
        ResidentMemory.bytes());
  }

  @Override
  public Sample now() {
    return kept.newest();
  }

  @Override
  public Samples recent() {
    return kept.samples();
  }

  @Override
  public Map<String, Long> workerRestarts() {
    return metrics.endsOfWorkers();
  }
}
