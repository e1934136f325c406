package dev.manyhands.report;

import dev.manyhands.model.ChunkSizes;
import dev.manyhands.model.ChunkSizes.Why;
import dev.manyhands.model.CommandSilence;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobSpec.Chunking;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a job's time went, and how to improve it.
 *
 * @param complete whether the job has ended. An earlier report is made as if the job had ended now,
 *     and chunks that are with workers count as unreported
 * @param wallSeconds from the start of the first chunk to the end of the job
 * @param slots the most workers that the job had at once, or more if the reported times need more
 * @param slotSeconds the available time: slots × wall time
 * @param seconds how the slot seconds were spent
 * @param shares {@code seconds} as shares of the slot seconds
 * @param speedup time inside the function, divided by wall time
 * @param efficiency speedup divided by the slots
 * @param tailSeconds slot seconds from the last report of each slot to the last report of all
 * @param peakRss bytes: the most memory that a worker held while it ran items of the job; null if
 *     it was not measured
 * @param slowestItems the chunks whose items were slowest on average. Times of single items are not
 *     used, because only jobs of few items have them. Items that timed out are among them
 */
public record JobReport(
    String id,
    String name,
    JobState state,
    boolean complete,
    double wallSeconds,
    int slots,
    double slotSeconds,
    SlotTime seconds,
    SlotTime shares,
    double speedup,
    double efficiency,
    Chunks chunks,
    Attempts attempts,
    double tailSeconds,
    @Nullable Long peakRss,
    List<SlowChunk> slowestChunks,
    List<SlowChunk> slowestItems,
    List<Advice> advice) {

  public JobReport {
    slowestChunks = List.copyOf(slowestChunks);
    slowestItems = List.copyOf(slowestItems);
    advice = List.copyOf(advice);
  }

  /**
   * How the items were grouped, as far as workers reported. A chunk that takes longer than a second
   * is reported in parts.
   *
   * @param why the reasons for the sizes
   */
  public record Chunks(
      long count,
      long leastItems,
      long medianItems,
      long mostItems,
      double medianSeconds,
      String why) {}

  /**
   * Failures and repeated attempts.
   *
   * @param retriedChunks reports on items that were tried before
   * @param seconds slot seconds of these reports, and of attempts that ended with their worker
   */
  public record Attempts(long failedItems, long failedChunks, long retriedChunks, double seconds) {}

  /**
   * Processor time of a worker over its life.
   *
   * @param seconds 0 when it was not measured
   */
  public record Processor(long worker, long pid, double seconds) {}

  /**
   * The living workers, as far as they are known.
   *
   * @param processors the processor time of each worker
   * @param unreportedSeconds slot seconds in which workers have had chunks of the job and have not
   *     reported on them
   * @param silence the longest time for which a worker with items of the job has reported nothing;
   *     zero if no worker has items of the job
   */
  public record Workers(List<Processor> processors, double unreportedSeconds, Duration silence) {
    public Workers {
      processors = List.copyOf(processors);
    }
  }

  /**
   * Reads all reports of a job.
   *
   * @param now the end of the report, if the job has not ended
   * @param workers the workers as they are now
   * @throws Refusal if no chunk of the job was ever started
   */
  public static JobReport of(Job job, JobStore store, Instant now, Workers workers) {
    JobStatus status = job.status();
    Instant start = status.startedAt();
    if (start == null) {
      throw Refusal.conflict(
          "job " + job.id() + " is " + status.state() + " and no chunk of it was started");
    }
    Instant end = status.finishedAt() == null ? now : status.finishedAt();
    double wall = Math.max(0, Duration.between(start, end).toNanos() / 1e9);
    var spent = new TimeSpent(status.workersUsed());
    store.chunkReports(
        job.id(),
        report -> {
          if (report.ran()) {
            spent.add(report);
          }
        });
    return of(job, wall, spent, workers, commandSilence(job, store, workers, now));
  }

  private static @Nullable String commandSilence(
      Job job, JobStore store, Workers workers, Instant now) {
    if (CommandSilence.isSeenIn(job, workers.silence(), now)) {
      return CommandSilence.TEXT;
    }
    return CommandSilence.mayHaveTimedOut(job) && haveAllTimedOut(job, store)
        ? CommandSilence.TIMED_OUT_TEXT
        : null;
  }

  /** Whether all failed items timed out without an answer. Reads up to the first other failure. */
  private static boolean haveAllTimedOut(Job job, JobStore store) {
    var all = new AtomicBoolean(true);
    store.failedItems(
        job.id(),
        new ItemRange(0, job.status().tally().total()),
        failed -> {
          all.set(CommandSilence.isSeenIn(failed.error()));
          return all.get();
        });
    return all.get();
  }

  private static JobReport of(
      Job job, double wall, TimeSpent spent, Workers workers, @Nullable String commandSilence) {
    int slots = spent.slots(wall);
    SlotTime time = spent.slotTime(wall, workers.unreportedSeconds());
    double speedup = wall <= 0 ? 0 : spent.work() / wall;
    Chunks chunks = spent.chunks(why(job.spec().chunking(), job.status().chunkSizes()));
    var last = spent.last();
    var facts =
        new AdviceFacts(
            job.spec().chunking(),
            job.spec().inputs() instanceof Inputs.Open,
            job.spec().workers(),
            job.spec().threads(),
            slots,
            wall,
            time,
            spent.items(),
            job.status().inputsOpen() ? Long.MAX_VALUE : job.status().tally().total(),
            spent.typicalItemSeconds(),
            chunks,
            spent.attempts(),
            spent.tailSeconds(),
            last == null ? null : SlowChunk.of(last),
            spent.processorShare(workers.processors()),
            job.spec().memory(),
            spent.peakRss(),
            commandSilence,
            job.status().state().isTerminal() && job.status().tally().skipped() > 0);
    return new JobReport(
        job.id().toString(),
        job.spec().name(),
        job.status().state(),
        job.status().state().isTerminal(),
        rounded(wall),
        slots,
        rounded(slots * wall),
        time.rounded(),
        time.shares().rounded(),
        rounded(speedup),
        rounded(speedup / slots),
        chunks,
        spent.attempts(),
        rounded(spent.tailSeconds()),
        spent.peakRss(),
        spent.slowestChunks(),
        spent.slowestItems(),
        Advice.on(facts));
  }

  private static String why(Chunking chunking, ChunkSizes sizes) {
    if (chunking.size() != null) {
      return "the job asked for chunks of %d (chunking.size)".formatted(chunking.size());
    } else if (chunking.count() != null) {
      return "the job asked for %d chunks (chunking.count)".formatted(chunking.count());
    }
    return "automatic: from single items up, at most eightfold from one chunk to the next, to about"
        + " 0.2 s of work in each (0.05 s where inputs come while it runs); smaller when results are large, and towards the end, so that all"
        + " workers finish together"
        + (sizes.chunks().isEmpty() ? "" : ". What decided: " + decided(sizes));
  }

  /** Returns the number of chunks for each reason, the most frequent first. */
  private static String decided(ChunkSizes sizes) {
    return sizes.chunks().entrySet().stream()
        .sorted(Map.Entry.<Why, Long>comparingByValue().reversed().thenComparing(Map.Entry::getKey))
        .map(why -> why.getKey() + " " + why.getValue())
        .collect(Collectors.joining(", "));
  }

  /** Rounds to six decimals, because times are measured in microseconds. */
  static double rounded(double value) {
    return Math.round(value * 1e6) / 1e6;
  }
}
