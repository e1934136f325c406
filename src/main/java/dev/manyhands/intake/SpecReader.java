package dev.manyhands.intake;

import dev.manyhands.function.Functions;
import dev.manyhands.model.Callback;
import dev.manyhands.model.Function;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobSpec.OnError;
import dev.manyhands.model.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Turns a request for a job into a {@link JobSpec}, or reports which field makes no sense. */
public final class SpecReader {
  private static final int MAX_DESCRIPTION = 2_000;

  private final Functions functions;
  private final FunctionReader definitions;
  private final StrictJson json;
  private final ApiLimits limits;
  private final Consumer<Callback> callbackRule;

  public SpecReader(
      Functions functions,
      FunctionReader definitions,
      StrictJson json,
      ApiLimits limits,
      Consumer<Callback> callbackRule) {
    this.callbackRule = callbackRule;
    this.functions = functions;
    this.definitions = definitions;
    this.json = json;
    this.limits = limits;
  }

  /**
   * @param apart inputs that are not part of the request; null when they are part of it
   * @throws Refusal if a field makes no sense
   */
  public JobSpec read(byte[] request, @Nullable Inputs apart) {
    JobRequest job = json.read(request, JobRequest.class, "");
    if (apart != null && job.inputs() != null) {
      throw Refusal.malformed("/inputs", "must not be given here: the items come apart");
    }
    Function function = function(job.function());
    Inputs inputs = apart != null ? apart : inputs(job.inputs());
    boolean isUnknown = inputs instanceof Inputs.Open || inputs instanceof Inputs.Results;
    if (isUnknown && job.chunking() != null && job.chunking().count() != null) {
      throw Refusal.invalid(
          "/chunking/count", "cannot be met while the number of items is not known; give 'size'");
    }
    if (inputs.count() > limits.maxItems()) {
      throw limits.tooManyItems("/inputs");
    }
    if (job.threads() != null && job.threads() > 1) {
      refuseThreadsOfLines(function);
    }
    boolean cache = job.cache() != null && job.cache();
    if (cache) {
      refuseCacheByOrder(function);
    }
    Long maxFailures = JobOptions.maxFailures(job.maxFailures());
    return JobSpec.builder(function, inputs)
        .name(JobOptions.text(job.name(), "/name"))
        .description(description(job.description()))
        .call(JobOptions.oneOf(JobSpec.Call.class, job.call(), JobSpec.Call.MAP, "/call"))
        .common(JobOptions.common(job.common()))
        .workers(
            job.workers() == null ? null : JobOptions.within(job.workers(), 1, 10_000, "/workers"))
        .threads(
            job.threads() == null
                ? 1
                : JobOptions.within(job.threads(), 1, JobSpec.MAX_THREADS, "/threads"))
        .chunking(JobOptions.chunking(job.chunking()))
        .reduce(
            JobOptions.oneOf(JobSpec.Reduce.class, job.reduce(), JobSpec.Reduce.LIST, "/reduce"))
        .stopWhen(JobOptions.stopWhen(job.stopWhen()))
        .nonFinite(nonFinite(job.nonFinite(), function))
        .retry(JobOptions.retry(job.retry()))
        .timeouts(JobOptions.timeouts(job.timeouts(), limits.maxCpuTime()))
        .memory(JobOptions.memory(job.memory(), limits.maxMemoryBytes()))
        .maxFailures(maxFailures == null ? 0 : maxFailures)
        .maxFailuresPercent(JobOptions.maxFailuresPercent(job.maxFailures()))
        .onError(JobOptions.oneOf(OnError.class, job.onError(), OnError.CONTINUE, "/onError"))
        .seed(job.seed())
        .priority(
            job.priority() == null
                ? JobSpec.DEFAULT_PRIORITY
                : JobOptions.within(job.priority(), 0, JobSpec.MAX_PRIORITY, "/priority"))
        .paused(job.paused() != null && job.paused())
        .cache(cache)
        .start(start(job, inputs))
        .ttl(job.ttl() == null ? limits.retention() : JobOptions.seconds(job.ttl(), "/ttl"))
        .callback(callback(job.callback()))
        .labels(JobOptions.labels(job.labels()))
        .build();
  }

  private static @Nullable String description(@Nullable String text) {
    boolean isText =
        text == null
            || (text.length() <= MAX_DESCRIPTION
                && text.chars()
                    .noneMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t'));
    if (!isText) {
      throw Refusal.invalid(
          "/description",
          "must have at most "
              + MAX_DESCRIPTION
              + " characters, and no control characters but line feeds and tabs");
    }
    return text;
  }

  private static JobSpec.Start start(JobRequest job, Inputs inputs) {
    var start = JobOptions.start(job.after(), job.notBefore());
    if (inputs instanceof Inputs.Open && !start.equals(JobSpec.Start.AT_ONCE)) {
      throw Refusal.invalid(
          start.after().isEmpty() ? "/notBefore" : "/after",
          "does not go with inputs that are still coming: such a job runs at once");
    }
    return start;
  }

  private @Nullable Callback callback(JobRequest.@Nullable CallbackRequest request) {
    if (request == null) {
      return null;
    }
    if (request.url() == null) {
      throw Refusal.malformed("/callback/url", "is required: where the end of the job is posted");
    }
    var callback = new Callback(request.url(), request.secret());
    callbackRule.accept(callback);
    return callback;
  }

  /**
   * Refuses a cache where only the order assigns answers to items. A surplus line that is noticed
   * late, or never, would leave a wrong value for ever.
   */
  private static void refuseCacheByOrder(Function function) {
    if (function.definition().answersByOrder()) {
      throw Refusal.invalid(
          "/cache",
          "must be false for a command whose answers do not name their items: set \"indexed\": true"
              + " in the function, and let each answer have the index of its item");
    }
  }

  private static JobSpec.NonFinite nonFinite(@Nullable String word, Function function) {
    var nonFinite =
        JobOptions.oneOf(JobSpec.NonFinite.class, word, JobSpec.NonFinite.ERROR, "/nonFinite");
    if (nonFinite != JobSpec.NonFinite.ERROR && function.definition().speaksLines()) {
      throw Refusal.invalid(
          "/nonFinite",
          "must be \"error\" for a command that writes a line an item; let it write null itself");
    }
    return nonFinite;
  }

  /** Refuses threads: a program that answers line by line cannot be given several items at once. */
  private static void refuseThreadsOfLines(Function function) {
    if (function.definition().speaksLines()) {
      throw Refusal.invalid(
          "/threads",
          "must be 1 for a command that reads a line an item; give it more 'workers' instead");
    }
  }

  private Function function(@Nullable JsonNode node) {
    if (node == null || node.isNull()) {
      throw Refusal.malformed(
          "/function", "is required: the name of a function, or an object that defines one");
    }
    return node.isString()
        ? functions.resolve(node.stringValue())
        : functions.inline(definitions.read(node, "/function"));
  }

  private record InputsRequest(
      @Nullable RangeRequest range,
      @Nullable RepeatRequest repeat,
      @Nullable Boolean open,
      @Nullable String results) {}

  private record RangeRequest(@Nullable Long start, @Nullable Long stop, @Nullable Long step) {}

  private record RepeatRequest(@Nullable Verbatim value, @Nullable Long times) {}

  private Inputs inputs(@Nullable Verbatim node) {
    String forms =
        "an array, {\"range\": {\"start\", \"stop\", \"step\"}},"
            + " {\"repeat\": {\"value\", \"times\"}}, {\"open\": true} or {\"results\": job id}";
    if (node == null || !node.isObject()) {
      throw Refusal.malformed("/inputs", "is required: " + forms);
    }
    var inputs =
        json.read(node.json().getBytes(StandardCharsets.UTF_8), InputsRequest.class, "/inputs");
    boolean open = inputs.open() != null && inputs.open();
    if (Stream.of(inputs.range() != null, inputs.repeat() != null, open, inputs.results() != null)
            .filter(given -> given)
            .count()
        != 1) {
      throw Refusal.malformed("/inputs", "must be " + forms);
    }
    if (open) {
      return new Inputs.Open(false);
    }
    if (inputs.results() != null) {
      return new Inputs.Results(
          JobId.parse(inputs.results())
              .orElseThrow(() -> Refusal.malformed("/inputs/results", "must be the id of a job")));
    }
    return inputs.range() != null
        ? range(inputs.range())
        : repeat(Objects.requireNonNull(inputs.repeat()));
  }

  private static Inputs range(RangeRequest range) {
    if (range.stop() == null) {
      throw Refusal.malformed("/inputs/range/stop", "is required");
    }
    long start = range.start() == null ? 0 : range.start();
    long step = range.step() == null ? 1 : range.step();
    if (step == 0) {
      throw Refusal.invalid("/inputs/range/step", "must not be 0");
    }
    var inputs = new Inputs.Range(start, range.stop(), step);
    if (inputs.count() == 0 && start != range.stop()) {
      throw Refusal.invalid(
          "/inputs/range",
          "has no items: from %d to %d with steps of %d goes the wrong way"
              .formatted(start, range.stop(), step));
    }
    return inputs;
  }

  private Inputs repeat(RepeatRequest repeat) {
    if (repeat.times() == null) {
      throw Refusal.malformed("/inputs/repeat/times", "is required");
    }
    long times = JobOptions.within(repeat.times(), 0, Long.MAX_VALUE, "/inputs/repeat/times");
    String value = repeat.value() == null ? "null" : repeat.value().json();
    int most = limits.json().maxValueBytes();
    if (value.getBytes(StandardCharsets.UTF_8).length > most) {
      throw Refusal.tooLarge(
          "/inputs/repeat/value", "has more than " + most + " bytes (manyhands.limits.item)");
    }
    return new Inputs.Repeat(value, times);
  }
}
