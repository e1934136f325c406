package dev.manyhands.report;

import dev.manyhands.model.ChunkReport;
import dev.manyhands.model.ItemTimes;
import dev.manyhands.model.ProcessorShare;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Computes how the slots spent their time from chunk reports, which arrive in any order of time.
 * Its memory grows with the workers, up to a limit, and not with the reports.
 *
 * <p>A report covers a stretch of its worker's time. The worker reports how long it read, ran and
 * wrote. The rest of the stretch is transfer. In a worker's first stretch, the excess over the
 * usual transfer is its start. A report of a worker that died contains no times, so its stretch
 * counts as lost. Stretches of a worker do not overlap. In time without a report, the slots had no
 * work of this job, or their workers have yet to report.
 *
 * <p>Used by one thread.
 */
final class TimeSpent {
  /**
   * Seconds of the usual transfer if no worker had a second chunk: more than a warm worker needs.
   */
  private static final double USUAL_TRANSFER = 0.002;

  /** The most workers that are tracked. The start of any other worker counts as transfer. */
  private static final int MOST_WORKERS = 10_000;

  private static final int SLOWEST = 5;

  /**
   * Seconds that are added to the processor time of each worker. The last look at the worker is up
   * to a second old. The sum is an upper bound for a worker on one processor.
   */
  private static final double PROCESSOR_BEHIND = 1.5;

  private final int slots;
  private final Map<Long, Worker> workers = new HashMap<>();
  private final TailEnds tail;
  private final Spread sizes = new Spread();
  private final Spread micros = new Spread();
  private final Spread itemMicros = new Spread();
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

  /** Seconds inside the function, summed over threads, so they may exceed the time that passed. */
  private double work;

  private final ProcessorShare reported = new ProcessorShare();

  /** A worker: its earliest chunk so far, and its time in the function over all chunks. */
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
    addItems(SlowChunk.of(report));
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
    double inFunction = Math.max(cost.run(), coveredByThreads(cost.times(), seconds));
    double told = cost.read() + inFunction + cost.write();
    // Threads of a worker run in parallel, so the sum of their times is scaled to the time that
    // passed.
    double scale = told > seconds ? seconds / told : 1;
    read += cost.read() * scale;
    run += inFunction * scale;
    write += cost.write() * scale;
    work += cost.run();
    reported.add(cost);
    addTransfer(report, seconds - told * scale);
  }

  /**
   * Returns the seconds in which a thread of a worker had an item; 0 for a worker with one thread.
   * The time in the function that threads report is a lower bound, and far too low on a busy
   * machine. The rest would count as transfer, or as the start of the worker.
   *
   * @param seconds of the report; a worker may claim any time, and none before is believed
   */
  private static double coveredByThreads(@Nullable ItemTimes times, double seconds) {
    if (times == null || times.runs().stream().allMatch(run -> run.thread() == 0)) {
      return 0;
    }
    long covered = 0;
    long reached = Math.round(seconds * 1e6);
    var inOrder = Comparator.comparingLong(ItemTimes.Run::began).reversed();
    for (ItemTimes.Run item : times.runs().stream().sorted(inOrder).toList()) {
      long from = Math.min(item.began(), reached);
      if (from > item.ended()) {
        covered += from - item.ended();
        reached = item.ended();
      }
    }
    return covered / 1e6;
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

  private void addItems(SlowChunk chunk) {
    itemMicros.add(Math.round(chunk.secondsPerItem() * 1e6));
    keep(slowestChunks, chunk);
    keep(slowestItems, chunk);
  }

  private static void keep(PriorityQueue<SlowChunk> slowest, SlowChunk candidate) {
    slowest.add(candidate);
    if (slowest.size() > SLOWEST) {
      slowest.poll();
    }
  }

  /**
   * Whether the report has a failure and no times. The service makes reports of this kind for
   * workers that died or were stopped.
   */
  static boolean isOfDeadWorker(ChunkReport report) {
    var cost = report.cost();
    return report.failed() > 0 && cost.run() == 0 && cost.read() == 0 && cost.write() == 0;
  }

  static double seconds(ChunkReport report) {
    Duration taken = Duration.between(report.startedAt(), report.finishedAt());
    return Math.max(0, taken.toNanos() / 1e9);
  }

  /**
   * Returns how the time was spent.
   *
   * @param wallSeconds the duration of the job
   * @param unreportedSeconds for which workers have had chunks without a report
   */
  SlotTime slotTime(double wallSeconds, double unreportedSeconds) {
    double transfer = laterTransfer;
    double startUp = 0;
    for (Worker worker : workers.values()) {
      double start = startUp(worker);
      transfer += worker.firstTransfer - start;
      startUp += start;
    }
    double busy = startUp + transfer + read + run + write + lost;
    double left = Math.max(0, slots(wallSeconds) * wallSeconds - busy);
    // A report may have arrived after the workers were asked.
    double unreported = Math.min(left, unreportedSeconds);
    return new SlotTime(startUp, transfer, read, run, write, lost, unreported, left - unreported);
  }

  /**
   * Returns the seconds in which a worker started, if its first stretch began at this time; 0 for
   * any other stretch, and where the start is not known.
   */
  double startUp(long number, Instant startedAt) {
    Worker worker = workers.get(number);
    return worker == null || !worker.firstStart.equals(startedAt) ? 0 : startUp(worker);
  }

  private double startUp(Worker worker) {
    double usual = laterChunks == 0 ? USUAL_TRANSFER : laterTransfer / laterChunks;
    return Math.max(0, worker.firstTransfer - usual);
  }

  /**
   * Returns the number of slots that the time is divided by. The job's own count may be too low for
   * the reported times if a clock was set.
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
   * Returns the share of the time in the function that the workers spent on a processor, at most;
   * null when it is not known for most of the time. Python and Java workers report their processor
   * time. The time of any other worker is known from a look at the worker once a second.
   *
   * @param used processor seconds of workers that still live, over all their life
   */
  @Nullable Double processorShare(List<JobReport.Processor> used) {
    Double share = reported.value();
    if (share != null) {
      return share;
    }
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

  /** Returns the slot seconds between each slot's last report and the last report of all. */
  double tailSeconds() {
    return tail.seconds();
  }

  /** Returns the report that arrived last; null before the first. */
  @Nullable ChunkReport last() {
    return tail.last();
  }

  /**
   * Returns bytes: the most memory that any worker was seen to hold; null if it was not measured.
   */
  @Nullable Long peakRss() {
    return peakRss;
  }

  double work() {
    return work;
  }

  long items() {
    return items;
  }

  /** Returns the median over all reports of the average time of their items. */
  double typicalItemSeconds() {
    return itemMicros.median() / 1e6;
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

  /**
   * Returns the chunks whose items were slowest on average, the slowest first. For an item whose
   * worker died, the time until then counts.
   */
  List<SlowChunk> slowestItems() {
    return slowestItems.stream()
        .sorted(Comparator.comparingDouble(SlowChunk::secondsPerItem).reversed())
        .toList();
  }
}
