package dev.manyhands.job;

import dev.manyhands.support.TextBytes;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a user asked for: one function over many inputs, with options. Everything has its default
 * filled in, except where null says that the service chooses.
 *
 * @param name for people; may be empty
 * @param description for people, of any number of lines; null for none
 * @param function the code, resolved and pinned by digest
 * @param inputs where the items come from
 * @param call how an item becomes arguments
 * @param common a JSON object of arguments that every call gets; null when there are none
 * @param workers how many workers it may use at once; null for all slots
 * @param threads how many items each worker runs at a time, at least 1
 * @param chunking how items are grouped, and which go first
 * @param reduce what is kept of the results
 * @param stopWhen results that end the job; null for none
 * @param retry how many attempts an item gets
 * @param timeouts when an item or the job has taken too long
 * @param memory bytes that each of its workers may hold; null for what the service allows any
 * @param maxFailures how many items may fail before the job is {@code FAILED}
 * @param maxFailuresPercent the same in percent of its items, instead; null for a number
 * @param onError what to do then
 * @param seed makes random numbers reproducible; null for none
 * @param priority 0 (last) to 9 (first); each step doubles the share of the slots
 * @param paused whether it is to start nothing more for now
 * @param cache whether outcomes are remembered, and remembered ones taken
 * @param start what it waits for
 * @param ttl how long it is kept after its end; null for as long as the service keeps jobs
 * @param callback who is told of its end; null for nobody
 * @param parent the job whose failed items it tries again; null for none
 * @param labels the user's own words about the job
 * @param trace where it stands in a distributed trace; null for nowhere
 */
public record JobSpec(
    String name,
    @Nullable String description,
    Function function,
    Inputs inputs,
    Call call,
    @Nullable String common,
    @Nullable Integer workers,
    int threads,
    Chunking chunking,
    Reduce reduce,
    @Nullable StopWhen stopWhen,
    Retry retry,
    Timeouts timeouts,
    @Nullable Long memory,
    long maxFailures,
    @Nullable Double maxFailuresPercent,
    OnError onError,
    @Nullable Long seed,
    int priority,
    boolean paused,
    boolean cache,
    Start start,
    @Nullable Duration ttl,
    @Nullable Callback callback,
    @Nullable JobId parent,
    Map<String, String> labels,
    @Nullable Trace trace) {

  public static final int DEFAULT_PRIORITY = 5;
  public static final int MAX_PRIORITY = 9;

  /** What a worker's control page has words for. */
  public static final int MAX_THREADS = 496;

  /** Fills in what jobs of earlier versions do not have. */
  public JobSpec {
    threads = Math.max(threads, 1);
    reduce = Objects.requireNonNullElse(reduce, Reduce.LIST);
    start = Objects.requireNonNullElse(start, Start.AT_ONCE);
    labels = Map.copyOf(labels);
  }

  /** A function over inputs, with the default of everything else. */
  public static JobSpec of(Function function, Inputs inputs) {
    return builder(function, inputs).build();
  }

  public static JobSpecBuilder builder(Function function, Inputs inputs) {
    return new JobSpecBuilder(function, inputs);
  }

  /** Returns a builder that begins with the parts of this spec. */
  public JobSpecBuilder toBuilder() {
    return new JobSpecBuilder(this);
  }

  /** Returns a copy with what a user may change while the job runs. */
  public JobSpec withControls(
      @Nullable Integer newWorkers,
      int newPriority,
      long newMaxFailures,
      @Nullable Double newMaxFailuresPercent,
      boolean newPaused) {
    return toBuilder()
        .workers(newWorkers)
        .priority(newPriority)
        .maxFailures(newMaxFailures)
        .maxFailuresPercent(newMaxFailuresPercent)
        .paused(newPaused)
        .build();
  }

  /** Returns a copy with this function, which is equal, or was read apart from the spec. */
  public JobSpec withFunction(Function newFunction) {
    return toBuilder().function(newFunction).build();
  }

  /** Returns a copy as part of a trace; null for none. */
  public JobSpec withTrace(@Nullable Trace newTrace) {
    return toBuilder().trace(newTrace).build();
  }

  /** Returns a copy over other inputs, on behalf of another job. The copy waits for nothing. */
  public JobSpec over(Inputs newInputs, @Nullable JobId newParent) {
    return toBuilder()
        .inputs(newInputs)
        .parent(newParent)
        .paused(false)
        .start(Start.AT_ONCE)
        .trace(null)
        .build();
  }

  /** The bytes of memory that its text takes, besides that of the function. */
  public long textBytes() {
    long bytes = TextBytes.of(name) + TextBytes.of(description) + TextBytes.of(common);
    bytes += stopWhen == null ? 0 : TextBytes.of(stopWhen.equals());
    bytes += inputs instanceof Inputs.Repeat repeat ? TextBytes.of(repeat.value()) : 0;
    bytes += callback == null ? 0 : TextBytes.of(callback.url()) + TextBytes.of(callback.secret());
    for (Map.Entry<String, String> label : labels.entrySet()) {
      bytes += TextBytes.of(label.getKey()) + TextBytes.of(label.getValue());
    }
    return bytes;
  }

  /** What lists show of it. */
  public JobOutline outline() {
    return new JobOutline(
        name,
        description,
        workers,
        threads,
        memory,
        maxFailures,
        maxFailuresPercent,
        paused,
        parent,
        List.copyOf(waitsFor()),
        start.notBefore(),
        ttl,
        priority,
        seed,
        labels);
  }

  /** The jobs that must have succeeded before this one runs. */
  public Set<JobId> waitsFor() {
    if (start.after().isEmpty() && !(inputs instanceof Inputs.Results)) {
      return Set.of();
    }
    var jobs = new LinkedHashSet<>(start.after());
    if (inputs instanceof Inputs.Results results) {
      jobs.add(results.job());
    }
    return jobs;
  }

  /** Whether there is anything that it waits for before it is queued. */
  public boolean waits() {
    return start.notBefore() != null || !waitsFor().isEmpty();
  }

  /**
   * Whether values are remembered, and remembered ones taken. Not those of a command whose answers
   * have nothing but their order: a line too many would be a wrong value for ever.
   */
  public boolean remembers() {
    return cache && !function.definition().answersByOrder();
  }

  /** Whether items that a worker reports as failed may have attempts left. */
  public boolean triesReportedItemsAgain() {
    return retry.error() > 1 || triesOutOfMemoryAgain();
  }

  /**
   * Whether an item that its worker had no memory for, and survived, is tried again, alone: with
   * threads it may have been its neighbours' want that struck it. Without, it was alone.
   */
  public boolean triesOutOfMemoryAgain() {
    return threads > 1 && retry.crash() > 1;
  }

  /** Whether the job may end before all its items have run because of what they return. */
  public boolean mayStopEarly() {
    return stopWhen != null || reduce.stopsEarly();
  }

  /** Whether so many failures are too many for a job of so many items. */
  public boolean isExceededBy(long failed, long total) {
    if (maxFailuresPercent == null) {
      return failed > maxFailures;
    }
    // Exactly: in binary 57 of 10,000 would be more than 0.57 %.
    return BigDecimal.valueOf(failed)
            .movePointRight(2)
            .compareTo(BigDecimal.valueOf(maxFailuresPercent).multiply(BigDecimal.valueOf(total)))
        > 0;
  }

  /** How an item becomes the arguments of one call. */
  public enum Call {
    /** The item is the one argument. */
    MAP,
    /** An array is spread over the parameters, an object over the keyword parameters. */
    STARMAP
  }

  /** What happens when more items have failed than may. */
  public enum OnError {
    /** The other items run all the same. */
    CONTINUE,
    /** The job ends at once. */
    STOP
  }

  /** What is kept of the results. */
  public enum Reduce {
    /** All of them. */
    LIST,
    SUM,
    MIN,
    MAX,
    MEAN,
    COUNT,
    /** Whether any of them is truthy; the first such ends the job. */
    ANY,
    /** Whether all of them are truthy; the first that is not ends the job. */
    ALL,
    /** A truthy one and its index; it ends the job. */
    FIND;

    boolean stopsEarly() {
      return this == ANY || this == ALL || this == FIND;
    }
  }

  /**
   * Results that end the job, as soon as there are so many of them.
   *
   * @param match which results count
   * @param equals the JSON they must equal; null unless {@code match} is {@code EQUALS}
   * @param count at least 1
   */
  public record StopWhen(Match match, @Nullable String equals, long count) {
    /** Which results count. */
    public enum Match {
      TRUTHY,
      FALSY,
      EQUALS
    }
  }

  /**
   * How items are grouped into chunks; size and count both null for automatic.
   *
   * @param size so many items in each
   * @param count so many chunks in all
   * @param order which go first
   */
  public record Chunking(@Nullable Long size, @Nullable Long count, Order order) {
    public static final Chunking AUTO = new Chunking(null, null, Order.INPUT);

    /** In which order chunks are handed out; results are in input order always. */
    public enum Order {
      INPUT,
      /** From the last item to the first. */
      REVERSED,
      /** From here and there, the same way each time. */
      SHUFFLED
    }

    public Chunking {
      order = Objects.requireNonNullElse(order, Order.INPUT);
    }
  }

  /**
   * Attempts an item gets in all, by what went wrong: 1 means that it is not tried again.
   *
   * @param error after an error of its own
   * @param backoff how long the second attempt waits after the first; each later one waits twice as
   *     long
   */
  public record Retry(int crash, int timeout, int error, Duration backoff) {
    public static final Retry DEFAULT = new Retry(2, 1, 1, Duration.ZERO);

    public Retry {
      error = Math.max(error, 1);
      backoff = Objects.requireNonNullElse(backoff, Duration.ZERO);
    }
  }

  /**
   * Null for no limit.
   *
   * @param cpu processor time of an item, with all that it starts
   */
  public record Timeouts(@Nullable Duration item, @Nullable Duration job, @Nullable Duration cpu) {
    public static final Timeouts NONE = new Timeouts(null, null, null);
  }

  /**
   * What a job waits for before it is queued.
   *
   * @param after jobs that must have succeeded
   * @param notBefore a time that must have come; null for none
   */
  public record Start(List<JobId> after, @Nullable Instant notBefore) {
    public static final Start AT_ONCE = new Start(List.of(), null);

    public Start {
      after = List.copyOf(after);
    }
  }
}
