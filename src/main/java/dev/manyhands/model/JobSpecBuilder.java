package dev.manyhands.model;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects the parts of a {@link JobSpec}, which describes each of them. A part that is not set has
 * its default, or the value of the spec that the builder began with.
 *
 * <p>Used by one thread.
 */
public final class JobSpecBuilder {
  private String name = "";
  private @Nullable String description;
  private Function function;
  private Inputs inputs;
  private JobSpec.Call call = JobSpec.Call.MAP;
  private @Nullable String common;
  private @Nullable Integer workers;
  private int threads = 1;
  private JobSpec.Chunking chunking = JobSpec.Chunking.AUTO;
  private JobSpec.Reduce reduce = JobSpec.Reduce.LIST;
  private JobSpec.@Nullable StopWhen stopWhen;
  private JobSpec.NonFinite nonFinite = JobSpec.NonFinite.ERROR;
  private JobSpec.Values values = JobSpec.Values.JSON;
  private JobSpec.Retry retry = JobSpec.Retry.DEFAULT;
  private JobSpec.Timeouts timeouts = JobSpec.Timeouts.NONE;
  private @Nullable Long memory;
  private @Nullable Initializer initializer;
  private @Nullable Recycle recycle;
  private boolean fresh;
  private long maxFailures;
  private @Nullable Double maxFailuresPercent;
  private JobSpec.OnError onError = JobSpec.OnError.CONTINUE;
  private @Nullable Long seed;
  private int priority = JobSpec.DEFAULT_PRIORITY;
  private boolean paused;
  private boolean cache;
  private JobSpec.Start start = JobSpec.Start.AT_ONCE;
  private @Nullable Duration ttl;
  private @Nullable Callback callback;
  private @Nullable JobId parent;
  private Map<String, String> labels = Map.of();
  private Map<String, SharedObject> shared = Map.of();
  private @Nullable SharedSetUse sharedSet;
  private @Nullable Trace trace;

  JobSpecBuilder(Function function, Inputs inputs) {
    this.function = function;
    this.inputs = inputs;
  }

  JobSpecBuilder(JobSpec from) {
    this.name = from.name();
    this.description = from.description();
    this.function = from.function();
    this.inputs = from.inputs();
    this.call = from.call();
    this.common = from.common();
    this.workers = from.workers();
    this.threads = from.threads();
    this.chunking = from.chunking();
    this.reduce = from.reduce();
    this.stopWhen = from.stopWhen();
    this.nonFinite = from.nonFinite();
    this.values = from.values();
    this.retry = from.retry();
    this.timeouts = from.timeouts();
    this.memory = from.memory();
    this.initializer = from.initializer();
    this.recycle = from.recycle();
    this.fresh = from.fresh();
    this.maxFailures = from.maxFailures();
    this.maxFailuresPercent = from.maxFailuresPercent();
    this.onError = from.onError();
    this.seed = from.seed();
    this.priority = from.priority();
    this.paused = from.paused();
    this.cache = from.cache();
    this.start = from.start();
    this.ttl = from.ttl();
    this.callback = from.callback();
    this.parent = from.parent();
    this.labels = from.labels();
    this.shared = from.shared();
    this.sharedSet = from.sharedSet();
    this.trace = from.trace();
  }

  public JobSpecBuilder name(String newName) {
    name = newName;
    return this;
  }

  public JobSpecBuilder description(@Nullable String newDescription) {
    description = newDescription;
    return this;
  }

  public JobSpecBuilder function(Function newFunction) {
    function = newFunction;
    return this;
  }

  public JobSpecBuilder inputs(Inputs newInputs) {
    inputs = newInputs;
    return this;
  }

  public JobSpecBuilder call(JobSpec.Call newCall) {
    call = newCall;
    return this;
  }

  public JobSpecBuilder common(@Nullable String newCommon) {
    common = newCommon;
    return this;
  }

  public JobSpecBuilder workers(@Nullable Integer newWorkers) {
    workers = newWorkers;
    return this;
  }

  public JobSpecBuilder threads(int newThreads) {
    threads = newThreads;
    return this;
  }

  public JobSpecBuilder chunking(JobSpec.Chunking newChunking) {
    chunking = newChunking;
    return this;
  }

  public JobSpecBuilder reduce(JobSpec.Reduce newReduce) {
    reduce = newReduce;
    return this;
  }

  public JobSpecBuilder stopWhen(JobSpec.@Nullable StopWhen newStopWhen) {
    stopWhen = newStopWhen;
    return this;
  }

  public JobSpecBuilder nonFinite(JobSpec.NonFinite newNonFinite) {
    nonFinite = newNonFinite;
    return this;
  }

  public JobSpecBuilder values(JobSpec.Values newValues) {
    values = newValues;
    return this;
  }

  public JobSpecBuilder retry(JobSpec.Retry newRetry) {
    retry = newRetry;
    return this;
  }

  public JobSpecBuilder timeouts(JobSpec.Timeouts newTimeouts) {
    timeouts = newTimeouts;
    return this;
  }

  public JobSpecBuilder memory(@Nullable Long newMemory) {
    memory = newMemory;
    return this;
  }

  public JobSpecBuilder initializer(@Nullable Initializer newInitializer) {
    initializer = newInitializer;
    return this;
  }

  public JobSpecBuilder recycle(@Nullable Recycle newRecycle) {
    recycle = newRecycle;
    return this;
  }

  public JobSpecBuilder fresh(boolean newFresh) {
    fresh = newFresh;
    return this;
  }

  public JobSpecBuilder maxFailures(long newMaxFailures) {
    maxFailures = newMaxFailures;
    return this;
  }

  public JobSpecBuilder maxFailuresPercent(@Nullable Double newMaxFailuresPercent) {
    maxFailuresPercent = newMaxFailuresPercent;
    return this;
  }

  public JobSpecBuilder onError(JobSpec.OnError newOnError) {
    onError = newOnError;
    return this;
  }

  public JobSpecBuilder seed(@Nullable Long newSeed) {
    seed = newSeed;
    return this;
  }

  public JobSpecBuilder priority(int newPriority) {
    priority = newPriority;
    return this;
  }

  public JobSpecBuilder paused(boolean newPaused) {
    paused = newPaused;
    return this;
  }

  public JobSpecBuilder cache(boolean newCache) {
    cache = newCache;
    return this;
  }

  public JobSpecBuilder start(JobSpec.Start newStart) {
    start = newStart;
    return this;
  }

  public JobSpecBuilder ttl(@Nullable Duration newTtl) {
    ttl = newTtl;
    return this;
  }

  public JobSpecBuilder callback(@Nullable Callback newCallback) {
    callback = newCallback;
    return this;
  }

  public JobSpecBuilder parent(@Nullable JobId newParent) {
    parent = newParent;
    return this;
  }

  public JobSpecBuilder labels(Map<String, String> newLabels) {
    labels = newLabels;
    return this;
  }

  public JobSpecBuilder shared(Map<String, SharedObject> newShared) {
    shared = newShared;
    return this;
  }

  public JobSpecBuilder sharedSet(@Nullable SharedSetUse newSharedSet) {
    sharedSet = newSharedSet;
    return this;
  }

  /** Returns the form of values. */
  public JobSpec.Values values() {
    return values;
  }

  /** Returns the set of shared objects; null for none. */
  public @Nullable SharedSetUse sharedSet() {
    return sharedSet;
  }

  public JobSpecBuilder trace(@Nullable Trace newTrace) {
    trace = newTrace;
    return this;
  }

  public JobSpec build() {
    return new JobSpec(
        name,
        description,
        function,
        inputs,
        call,
        common,
        workers,
        threads,
        chunking,
        reduce,
        stopWhen,
        nonFinite,
        values,
        retry,
        timeouts,
        memory,
        initializer,
        recycle,
        fresh,
        maxFailures,
        maxFailuresPercent,
        onError,
        seed,
        priority,
        paused,
        cache,
        start,
        ttl,
        callback,
        parent,
        labels,
        shared,
        sharedSet,
        trace);
  }
}
