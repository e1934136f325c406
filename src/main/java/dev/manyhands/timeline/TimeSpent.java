package dev.manyhands.timeline;

import dev.manyhands.store.JobStore.ChunkReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Adds up chunk reports, which come in any order of time, into where the slots' time went. What it
 * holds grows with the workers, up to a bound, and not with the reports.
 *
 * <p>A report covers a stretch of its worker's time, of which the worker says how much it read, ran
 * and wrote. The rest of the stretch is transfer; but in a worker's first one there is also its
 * start, which is what exceeds the transfer that is usual later. A report of a worker that died
 * says nothing of how it spent its time: that is lost. Stretches of a worker do not overlap, so
 * what no report covers, the slots were without work of this job, or their workers have yet to
 * report.
 *
 * <p>Used by one thread.
 */
final class TimeSpent {
  /** Where no worker had a second chunk: more than a warm worker takes to be given one. */
  private static final double USUAL_TRANSFER = 0.002;

  /** Beyond these, the start of a worker counts as transfer. */
  private static final int MOST_WORKERS = 10_000;

  private static final int SLOWEST = 5;

  /** Processor time is looked at once a second: it may have grown by so much since. */
  private static final double PROCESSOR_BEHIND = 1.5;

  private final int slots;
  private final Map<Long, Worker> workers = new HashMap<>();
  private final TailEnds tail;
  private final Spread sizes = new Spread();
  private final Spread micros = new Spread();
  private final PriorityQueue<SlowChunk> slowestChunks =
      new PriorityQueue<>(Comparator.comparingDouble(SlowChunk::seconds));
  private final PriorityQueue<SlowChunk> slowestItems =
      new PriorityQueue<>(Comparator.comparingDouble(SlowChunk::secondsPerItem));

  private long chunks;
  private long items;
  private long failedItems;
  private long failedChunks;
  private long retriedChunks;
  private double attemptSeconds;
  private double laterTransfer;
  private long laterChunks;
  private double read;
  private double run;
  private double write;
  private double lost;
  private @Nullable Long peakRss;

  /** Inside the function, summed over threads too: may exceed the time that passed. */
  private double work;

  /** A worker's first chunk so far, in time, and all its time in the function. */
  private static final class Worker {
    final long pid;
    Instant firstStart;
    double firstTransfer;
    double work;

    Worker(long pid, Instant firstStart, double firstTransfer) {
      this.pid = pid;
      this.firstStart = firstStart;
      this.firstTransfer = firstTransfer;
    }
  }

  /**
   * @param slots the most workers that the job had at once
   */
  TimeSpent(int slots) {
    this.slots = slots;
    this.tail = new TailEnds(Math.max(1, slots));
  }

  void add(ChunkReport report) {
    double seconds = seconds(report);
    chunks++;
    items += report.items().count();
    failedItems += report.failed();
    failedChunks += report.failed() > 0 ? 1 : 0;
    retriedChunks += report.attempt() > 1 ? 1 : 0;
    sizes.add(report.items().count());
    micros.add(Math.round(seconds * 1e6));
    tail.add(report);
    keepIfSlow(report);
    Long held = report.cost().peakRss();
    if (held != null && (peakRss == null || held > peakRss)) {
      peakRss = held;
    }
    boolean died = isOfDeadWorker(report);
    attemptSeconds += died || report.attempt() > 1 ? seconds : 0;
    if (died) {
      lost += seconds;
      return;
    }
    var cost = report.cost();
    double told = cost.read() + cost.run() + cost.write();
    // Threads of a worker run side by side, so what they add up to is scaled to what passed.
    double scale = told > seconds ? seconds / told : 1;
    read += cost.read() * scale;
    run += cost.run() * scale;
    write += cost.write() * scale;
    work += cost.run();
    addTransfer(report, seconds - told * scale);
  }

  private void addTransfer(ChunkReport report, double transfer) {
    Worker worker = workers.get(report.worker());
    if (worker != null && report.startedAt().isBefore(worker.firstStart)) {
      addLater(worker.firstTransfer);
      worker.firstStart = report.startedAt();
      worker.firstTransfer = transfer;
    } else if (worker != null || workers.size() >= MOST_WORKERS) {
      addLater(transfer);
    } else {
      worker = new Worker(report.pid(), report.startedAt(), transfer);
      workers.put(report.worker(), worker);
    }
    if (worker != null) {
      worker.work += report.cost().run();
    }
  }

  private void addLater(double transfer) {
    laterTransfer += transfer;
    laterChunks++;
  }

  private void keepIfSlow(ChunkReport report) {
    var slow = SlowChunk.of(report);
    keep(slowestChunks, slow);
    keep(slowestItems, slow);
  }

  private static void keep(PriorityQueue<SlowChunk> slowest, SlowChunk candidate) {
    slowest.add(candidate);
    if (slowest.size() > SLOWEST) {
      slowest.poll();
    }
  }

  /** The service itself made this report, and nobody knows what the worker did. */
  static boolean isOfDeadWorker(ChunkReport report) {
    var cost = report.cost();
    return report.failed() > 0 && cost.run() == 0 && cost.read() == 0 && cost.write() == 0;
  }

  static double seconds(ChunkReport report) {
    Duration taken = Duration.between(report.startedAt(), report.finishedAt());
    return Math.max(0, taken.toNanos() / 1e9);
  }

  /**
   * Where the time went.
   *
   * @param wallSeconds that the job took
   * @param unreportedSeconds for which workers have had chunks that they have not reported
   */
  SlotTime slotTime(double wallSeconds, double unreportedSeconds) {
    double usual = laterChunks == 0 ? USUAL_TRANSFER : laterTransfer / laterChunks;
    double transfer = laterTransfer;
    double startUp = 0;
    for (Worker worker : workers.values()) {
      double ordinary = Math.min(worker.firstTransfer, usual);
      transfer += ordinary;
      startUp += worker.firstTransfer - ordinary;
    }
    double busy = startUp + transfer + read + run + write + lost;
    double left = Math.max(0, slots(wallSeconds) * wallSeconds - busy);
    // A report may have come after the workers were asked.
    double unreported = Math.min(left, unreportedSeconds);
    return new SlotTime(startUp, transfer, read, run, write, lost, unreported, left - unreported);
  }

  /**
   * How many slots the time is divided by. After a clock was set, the job's own count may be too
   * low for what workers did.
   */
  int slots(double wallSeconds) {
    double covered = read + run + write + lost + laterTransfer;
    for (Worker worker : workers.values()) {
      covered += worker.firstTransfer;
    }
    int needed = wallSeconds <= 0 ? 0 : (int) Math.ceil(covered / wallSeconds - 0.01);
    return Math.max(Math.max(1, slots), needed);
  }

  /**
   * How much of the time in the function its workers were on a processor, at most; null when that
   * is not known for most of it.
   *
   * @param used processor seconds of workers that still live, over all their life
   */
  @Nullable Double processorShare(List<JobReport.Processor> used) {
    double seconds = 0;
    double known = 0;
    for (JobReport.Processor processor : used) {
      Worker worker = workers.get(processor.worker());
      if (worker != null && worker.pid == processor.pid() && processor.seconds() > 0) {
        seconds += processor.seconds() + PROCESSOR_BEHIND;
        known += worker.work;
      }
    }
    return known < work / 2 || known <= 0 ? null : Double.valueOf(seconds / known);
  }

  /** Slot seconds between each slot's last report and the last of all. */
  double tailSeconds() {
    return tail.seconds();
  }

  /** The report that came last; null before there is one. */
  @Nullable ChunkReport last() {
    return tail.last();
  }

  /** Bytes: the most that any worker was seen to hold; null if nobody looked. */
  @Nullable Long peakRss() {
    return peakRss;
  }

  double work() {
    return work;
  }

  long items() {
    return items;
  }

  JobReport.Chunks chunks(String why) {
    return new JobReport.Chunks(
        chunks, sizes.least(), sizes.median(), sizes.most(), micros.median() / 1e6, why);
  }

  JobReport.Attempts attempts() {
    return new JobReport.Attempts(
        failedItems, failedChunks, retriedChunks, JobReport.rounded(attemptSeconds));
  }

  List<SlowChunk> slowestChunks() {
    return slowestChunks.stream()
        .sorted(Comparator.comparingDouble(SlowChunk::seconds).reversed())
        .toList();
  }

  /** By the average over a chunk, which is all that is measured, or until the worker died. */
  List<SlowChunk> slowestItems() {
    return slowestItems.stream()
        .sorted(Comparator.comparingDouble(SlowChunk::secondsPerItem).reversed())
        .toList();
  }
}
