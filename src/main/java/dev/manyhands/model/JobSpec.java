package dev.manyhands.model;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The request of a user: one function over many inputs, with options. Every option has its default
 * filled in, except where null lets the service choose.
 *
 * @param name for people; may be empty
 * @param description for people, of any number of lines; null for none
 * @param function the code, resolved and pinned by digest
 * @param inputs where the items come from
 * @param call how an item becomes arguments
 * @param common a JSON object of arguments that every call gets; null when there are none
 * @param workers how many workers the job may use at once; null for all slots
 * @param threads how many items each worker runs at a time, at least 1
 * @param chunking how items are grouped, and which go first
 * @param reduce the part of the results that is kept
 * @param stopWhen results that end the job; null for none
 * @param nonFinite the JSON form of NaN and the infinities in results
 * @param values the form of items, common arguments and results
 * @param retry how many attempts an item gets
 * @param timeouts when an item or the job has taken too long
 * @param memory bytes that each of its workers may hold; null for the service's own limit
 * @param initializer prepares each worker before its first item; null for none
 * @param recycle when its workers are replaced; null for the service's own rules
 * @param fresh whether its workers run nothing before and after this job
 * @param maxFailures how many items may fail; if more fail, the job is {@code FAILED}
 * @param maxFailuresPercent the percentage of its items that may fail, in place of {@code
 *     maxFailures}; null if a number is set
 * @param onError the reaction to too many failures
 * @param seed makes random numbers reproducible; null for none
 * @param priority 0 (last) to 9 (first); each step doubles the share of the slots
 * @param paused whether the job must start no more items for now
 * @param cache whether values are stored in the memo, and used from it; {@link #remembers} has an
 *     exception
 * @param start the conditions that the job waits for
 * @param ttl how long the job is kept after its end; null to keep it until a user deletes it
 * @param callback the receiver to notify of the end; null for none
 * @param parent the job of which this job tries some items again; null for none
 * @param labels the user's own words about the job
 * @param shared the objects that its items share, by name, in the order of their declaration
 * @param sharedSet the set that these objects belong to, without their first entries; null if they
 *     belong to the job alone
 * @param trace the job's place in a distributed trace; null for none
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
    NonFinite nonFinite,
    Values values,
    Retry retry,
    Timeouts timeouts,
    @Nullable Long memory,
    @Nullable Initializer initializer,
    @Nullable Recycle recycle,
    boolean fresh,
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
    Map<String, SharedObject> shared,
    @Nullable SharedSetUse sharedSet,
    @Nullable Trace trace) {

  public static final int DEFAULT_PRIORITY = 5;
  public static final int MAX_PRIORITY = 9;

  /** Limit for {@code threads}; more are refused. A worker's control page has words for no more. */
  public static final int MAX_THREADS = 496;

  /** Sets the fields that jobs of earlier versions lack. */
  public JobSpec {
    threads = Math.max(threads, 1);
    reduce = Objects.requireNonNullElse(reduce, Reduce.LIST);
    nonFinite = Objects.requireNonNullElse(nonFinite, NonFinite.ERROR);
    values = Objects.requireNonNullElse(values, Values.JSON);
    start = Objects.requireNonNullElse(start, Start.AT_ONCE);
    labels = Map.copyOf(labels);
    shared = shared == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(shared));
  }

  /** Returns the spec of a function over inputs, with the default of every option. */
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

  /** Returns a copy with new values of the options that a user may change while the job runs. */
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

  /**
   * Returns a copy with this function. It equals the old function, or was read apart from the spec.
   */
  public JobSpec withFunction(Function newFunction) {
    return toBuilder().function(newFunction).build();
  }

  /** Returns a copy as part of a trace; null for none. */
  public JobSpec withTrace(@Nullable Trace newTrace) {
    return toBuilder().trace(newTrace).build();
  }

  /**
   * Returns a copy for a new job over other inputs. The copy is not paused, waits for nothing and
   * has no trace.
   *
   * @param newParent the job of which the new job tries some items again; null for none
   */
  public JobSpec over(Inputs newInputs, @Nullable JobId newParent) {
    return toBuilder()
        .inputs(newInputs)
        .parent(newParent)
        .paused(false)
        .start(Start.AT_ONCE)
        .trace(null)
        .build();
  }

  /** Returns the part of the spec that lists show. */
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
        inputs instanceof Inputs.Open open ? open.idle() : null,
        priority,
        seed,
        values,
        labels);
  }

  /** Returns the jobs that must have succeeded before this one runs. */
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

  /** Whether the job waits for something before it is queued. */
  public boolean waits() {
    return start.notBefore() != null || !waitsFor().isEmpty();
  }

  /**
   * Whether values are stored in the memo, and used from it. The memo is not used for a command
   * whose answers have only their order: one surplus line would leave a wrong value for ever.
   */
  public boolean remembers() {
    return cache && !function.definition().answersByOrder();
  }

  /** Whether items that a worker reports as failed may have attempts left. */
  public boolean triesReportedItemsAgain() {
    return retry.error() > 1 || triesOutOfMemoryAgain();
  }

  /**
   * Whether an item is tried again, alone, if it ran out of memory and its worker survived. With
   * threads, the memory may have been used by other items. Without threads, the item was already
   * alone.
   */
  public boolean triesOutOfMemoryAgain() {
    return threads > 1 && retry.crash() > 1;
  }

  /**
   * Whether no other job uses the workers of this one. Workers that are counted are not shared:
   * nobody could know how many items a worker has left that another job has used. Nor are workers
   * that reach shared objects of this job alone.
   */
  public boolean ownsWorkers() {
    return fresh || recycle != null || (!shared.isEmpty() && sharedSet == null);
  }

  /** Whether results can end the job before all its items have run. */
  public boolean mayStopEarly() {
    return stopWhen != null || reduce.stopsEarly();
  }

  /** Whether this many failures are too many for a job with {@code total} items. */
  public boolean isExceededBy(long failed, long total) {
    if (maxFailuresPercent == null) {
      return failed > maxFailures;
    }
    // Computed exactly: in binary, 57 of 10,000 would be more than 0.57 %.
    return BigDecimal.valueOf(failed)
            .movePointRight(2)
            .compareTo(BigDecimal.valueOf(maxFailuresPercent).multiply(BigDecimal.valueOf(total)))
        > 0;
  }

  /** How an item becomes the arguments of one call. */
  public enum Call {
    /** The item is the only argument. */
    MAP,
    /** An array becomes the positional arguments, an object the keyword arguments. */
    STARMAP
  }

  /** The reaction when more items have failed than allowed. */
  public enum OnError {
    /** The other items still run. */
    CONTINUE,
    /** The job ends at once. */
    STOP
  }

  /** The JSON form of NaN and the infinities, which JSON does not have. */
  public enum NonFinite {
    /** None: an item with such a result fails. */
    ERROR,
    /** {@code null}. */
    NULL,
    /** {@code "NaN"}, {@code "Infinity"} or {@code "-Infinity"}. */
    STRING
  }

  /** The form of items, common arguments and results. */
  public enum Values {
    /** Each is a JSON value. */
    JSON,
    /**
     * Each is an envelope: a JSON scalar, or an object with a pickle. Only the worker and the
     * client open envelopes. The service never does, because a pickle can run any code.
     */
    PYTHON
  }

  /** The part of the results that is kept. */
  public enum Reduce {
    /** All results. */
    LIST,
    SUM,
    MIN,
    MAX,
    MEAN,
    COUNT,
    /** Whether any result is truthy; a truthy result ends the job at once. */
    ANY,
    /** Whether all results are truthy; a falsy result ends the job at once. */
    ALL,
    /**
     * A truthy result and its index, the lowest among those known; a truthy result ends the job at
     * once.
     */
    FIND;

    boolean stopsEarly() {
      return this == ANY || this == ALL || this == FIND;
    }
  }

  /**
   * Ends the job as soon as a number of matching results is reached.
   *
   * @param match which results count
   * @param equals the JSON that results must equal; null unless {@code match} is {@code EQUALS}
   * @param count matching results that end the job, at least 1
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
   * How items are grouped into chunks. Size and count are both null for automatic sizes.
   *
   * @param size items in each chunk
   * @param count chunks in all
   * @param order which chunks go first
   */
  public record Chunking(@Nullable Long size, @Nullable Long count, Order order) {
    public static final Chunking AUTO = new Chunking(null, null, Order.INPUT);

    /** The order in which chunks are handed out. Results are always in input order. */
    public enum Order {
      INPUT,
      /** From the last item to the first. */
      REVERSED,
      /** In a mixed order that is equal each time. */
      SHUFFLED
    }

    public Chunking {
      order = Objects.requireNonNullElse(order, Order.INPUT);
    }
  }

  /**
   * Attempts that an item gets in all, by the kind of failure. 1 means that the item is not tried
   * again.
   *
   * @param error after an error of the item's own
   * @param backoff how long the second attempt waits after the first; each later one waits twice as
   *     long as the one before, up to a day
   */
  public record Retry(int crash, int timeout, int error, Duration backoff) {
    public static final Retry DEFAULT = new Retry(2, 1, 1, Duration.ZERO);

    public Retry {
      error = Math.max(error, 1);
      backoff = Objects.requireNonNullElse(backoff, Duration.ZERO);
    }
  }

  /**
   * Time limits; null for no limit.
   *
   * @param cpu processor time of an item, with all that it starts
   */
  public record Timeouts(@Nullable Duration item, @Nullable Duration job, @Nullable Duration cpu) {
    public static final Timeouts NONE = new Timeouts(null, null, null);
  }

  /**
   * The conditions that a job waits for before it is queued.
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
