package dev.manyhands.worker;

import dev.manyhands.job.Chunk;
import dev.manyhands.job.FunctionDefinition;
import dev.manyhands.job.ItemRange;
import dev.manyhands.job.Job;
import dev.manyhands.job.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A worker as the {@link WorkerPool} knows it. All fields belong to the pool's thread, but for
 * {@code orders}, which the worker's own threads empty.
 */
final class Worker {
  final long id;

  /**
   * What it can run: a worker never changes its function, so that one user's code does not meet
   * another's.
   */
  final String functionDigest;

  /** What it may hold; 0 for no limit. */
  final long memoryBytes;

  /** Of the one job that it runs; null if it may run others, and is told of each in a frame. */
  final @Nullable String traceparent;

  final Job firstJob;
  final Instant startedAt;
  final long launchedNanos;
  final BlockingQueue<Order> orders = new LinkedBlockingQueue<>();

  /** Chunks it has, in the order it was given them. */
  final ArrayDeque<Sent> sent = new ArrayDeque<>();

  /** The running process; null until it was launched. */
  @Nullable RunningWorker process;

  boolean loaded;

  /** The slot whose chunks it has; -1 when it has none. */
  int slot = -1;

  /** The job it was told of last. */
  @Nullable JobId job;

  /** Why it was ended by us; null if it was not. */
  @Nullable Ending ending;

  /** When it is to be killed, if it is still there or busy; by the monotonic clock. */
  @Nullable Long killAtNanos;

  /** Chunks with this number or a higher one were asked back; 0 for none. */
  long recalledFrom;

  /** Chunks up to this number were to be stopped; 0 for none. */
  long stoppedThrough;

  long idleSinceNanos;
  long lastReportNanos;

  final ItemWatch watch;
  final ProcessorWatch processorWatch = new ProcessorWatch();

  /** The item it was killed for, because it took too long; null if it was not. */
  @Nullable Long overdueItem;

  long itemsDone;
  long chunksDone;
  String runtime = "";

  /** Why it could not go on in its directory; empty if it could. */
  String scratchDetail = "";

  /** Processor time that the item it was killed for might have used. */
  Duration cpuTime = Duration.ZERO;

  /** Whether it was reported that it has answered nothing for long. */
  boolean saidSilent;

  /** How it broke the protocol; null if it did not. */
  @Nullable String brokenDetail;

  long rssBytes;

  /** The most that it was seen to hold since its last report; null if nobody looked since. */
  @Nullable Long seenRssBytes;

  double cpuSeconds;

  Worker(long id, Job firstJob, long memoryBytes, Instant startedAt, long launchedNanos) {
    this.memoryBytes = memoryBytes;
    this.id = id;
    this.functionDigest = firstJob.spec().function().digest();
    this.traceparent = traceparent(firstJob);
    this.firstJob = firstJob;
    this.startedAt = startedAt;
    this.launchedNanos = launchedNanos;
    this.idleSinceNanos = launchedNanos;
    this.watch = new ItemWatch(namesItems(firstJob), launchedNanos);
  }

  Launch launch() {
    return new Launch(id, firstJob, memoryBytes, traceparent, orders);
  }

  /** Ours do, or the service does it for them; of programs by other people nobody knows. */
  private static boolean namesItems(Job job) {
    return !(job.spec().function().definition() instanceof FunctionDefinition.Command command)
        || command.speaksLines();
  }

  /**
   * What must be in the environment of a worker for this job: a program that only reads lines
   * cannot be told of the next job's trace. Null if there is nothing to tell, or frames tell it.
   */
  static @Nullable String traceparent(Job job) {
    var trace = job.spec().trace();
    return trace != null && trace.sampled() && job.spec().function().definition().speaksLines()
        ? trace.traceparent()
        : null;
  }

  /**
   * Whether no late answer to an item of another job can be taken for an answer to one of this job.
   * Indexes of items repeat from job to job.
   */
  boolean mayServe(Job job) {
    return firstJob.id().equals(job.id())
        || !firstJob.spec().function().definition().answersByIndex();
  }

  WorkerState state() {
    if (ending != null) {
      return WorkerState.STOPPING;
    }
    if (!loaded) {
      return WorkerState.STARTING;
    }
    return sent.isEmpty() ? WorkerState.IDLE : WorkerState.BUSY;
  }

  @Nullable Sent sent(long chunk) {
    for (Sent one : sent) {
      if (one.chunk.number() == chunk) {
        return one;
      }
    }
    return null;
  }

  /** Items that it has and has not reported. */
  long itemsSent() {
    long items = 0;
    for (Sent one : sent) {
      items += one.end - one.next;
    }
    return items;
  }

  /** A chunk that it has, and how far it is with it. */
  static final class Sent {
    final Chunk chunk;
    final Job job;

    /** The first item without an outcome. */
    long next;

    /** Where the chunk ends, for this worker. */
    long end;

    Sent(Chunk chunk, Job job) {
      this.chunk = chunk;
      this.job = job;
      this.next = chunk.items().first();
      this.end = chunk.items().end();
    }

    boolean expects(ItemRange items) {
      return items.first() == next && items.end() <= end;
    }
  }

  /** Why we ended it. */
  enum Ending {
    /** It had been idle for long, or made room for another function. */
    IDLE,
    /** It had run as many items as a worker may. */
    ITEMS,
    /** It held more memory than is good for one that is used again. */
    RSS,
    /** It held more memory than it may. */
    OOM,
    /** An item took too long. */
    TIMEOUT,
    /** An item used more processor time than it may. */
    CPU,
    /** It filled its directory with more than it may. */
    SCRATCH,
    /** It was asked to stop and did not. */
    STOPPED,
    /** It broke the protocol. */
    BROKEN,
    /** It wrote more lines than it was given items; its job has failed for that. */
    EXCESS,
    /** The service failed at something that it did for this worker. */
    FAULT,
    /** It could not load its function. */
    NOT_LOADED,
    /** The service ends. */
    SHUTDOWN
  }
}
