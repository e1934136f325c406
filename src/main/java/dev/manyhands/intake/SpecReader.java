package dev.manyhands.intake;

import dev.manyhands.function.Functions;
import dev.manyhands.model.Callback;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.FunctionRuntime;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobSpec.OnError;
import dev.manyhands.model.JobSpecBuilder;
import dev.manyhands.model.NamedSet;
import dev.manyhands.model.Refusal;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Turns a request for a job into a {@link JobSpec}, or refuses the request and names the invalid
 * field.
 */
public final class SpecReader {
  private static final int MAX_DESCRIPTION = 2_000;

  private final Functions functions;
  private final FunctionReader definitions;
  private final StrictJson json;
  private final ApiLimits limits;
  private final Consumer<Callback> callbackRule;
  private final java.util.function.Function<String, Optional<NamedSet>> sets;
  private final InputsReader inputs;

  /**
   * @param sets returns the set of shared objects with a name
   */
  public SpecReader(
      Functions functions,
      FunctionReader definitions,
      StrictJson json,
      ApiLimits limits,
      Consumer<Callback> callbackRule,
      java.util.function.Function<String, Optional<NamedSet>> sets) {
    this.callbackRule = callbackRule;
    this.sets = sets;
    this.functions = functions;
    this.definitions = definitions;
    this.json = json;
    this.limits = limits;
    this.inputs = new InputsReader(json, limits);
  }

  /**
   * @param apart inputs that are not part of the request; null when they are part of it
   * @throws Refusal if a field is invalid
   */
  public JobSpec read(byte[] request, @Nullable Inputs apart) {
    JobRequest job = json.read(request, JobRequest.class, "");
    if (apart != null && job.inputs() != null) {
      throw Refusal.malformed("/inputs", "must not be given here: the items come apart");
    }
    Function function = function(job.function());
    Inputs inputs = apart != null ? apart : this.inputs.read(job.inputs());
    boolean isUnknown = inputs instanceof Inputs.Open || inputs instanceof Inputs.Results;
    if (isUnknown && job.chunking() != null && job.chunking().count() != null) {
      throw Refusal.invalid(
          "/chunking/count", "cannot be met while the number of items is not known; give 'size'");
    }
    if (inputs.count() > limits.maxItems()) {
      throw limits.tooManyItems("/inputs");
    }
    var spec = JobSpec.builder(function, inputs);
    set(job, field -> true, spec);
    return checked(spec.build());
  }

  /**
   * Reads the body of {@code POST /jobs/{id}/retry}.
   *
   * @throws Refusal if the body has a field that a retry does not have, or if {@code only}, {@code
   *     items} or {@code group} is invalid; {@link #changed} checks the options
   */
  public RetryBody retry(byte[] body) {
    return RetryBody.read(body, json, limits);
  }

  /**
   * Reads the body of a request to retry many jobs.
   *
   * @throws Refusal if the body has a field that the request or a retry does not have
   */
  public BulkRetryRequest bulkRetry(byte[] body) {
    return BulkRetryRequest.read(body, json, limits);
  }

  /**
   * Returns a copy of the spec with the options of the retry in place of its own. A null in the
   * body restores the default of its option.
   *
   * @throws Refusal if an option is invalid
   */
  public JobSpec changed(JobSpec before, RetryBody retry) {
    JobRequest job = json.read(retry.options(), JobRequest.class, "");
    var spec = before.toBuilder();
    if (retry.given().contains("function")) {
      spec.function(function(job.function()));
    }
    set(job, retry.given()::contains, spec);
    return checked(spec.build());
  }

  /**
   * Sets all options but the function and the inputs.
   *
   * @param given whether the request decides on the option with this name; an option without a
   *     value then gets its default
   */
  private void set(JobRequest job, Predicate<String> given, JobSpecBuilder spec) {
    if (given.test("name")) {
      spec.name(JobOptions.withoutHalves(JobOptions.text(job.name(), "/name"), "/name"));
    }
    if (given.test("description")) {
      spec.description(description(job.description()));
    }
    if (given.test("call")) {
      spec.call(JobOptions.oneOf(JobSpec.Call.class, job.call(), JobSpec.Call.MAP, "/call"));
    }
    if (given.test("common")) {
      spec.common(JobOptions.common(job.common()));
    }
    if (given.test("workers")) {
      spec.workers(
          job.workers() == null ? null : JobOptions.within(job.workers(), 1, 10_000, "/workers"));
    }
    if (given.test("threads")) {
      spec.threads(
          job.threads() == null
              ? 1
              : JobOptions.within(job.threads(), 1, JobSpec.MAX_THREADS, "/threads"));
    }
    if (given.test("chunking")) {
      spec.chunking(JobOptions.chunking(job.chunking()));
    }
    if (given.test("reduce")) {
      spec.reduce(
          JobOptions.oneOf(JobSpec.Reduce.class, job.reduce(), JobSpec.Reduce.LIST, "/reduce"));
    }
    if (given.test("stopWhen")) {
      spec.stopWhen(JobOptions.stopWhen(job.stopWhen()));
    }
    if (given.test("nonFinite")) {
      spec.nonFinite(
          JobOptions.oneOf(
              JobSpec.NonFinite.class, job.nonFinite(), JobSpec.NonFinite.ERROR, "/nonFinite"));
    }
    if (given.test("values")) {
      spec.values(
          JobOptions.oneOf(JobSpec.Values.class, job.values(), JobSpec.Values.JSON, "/values"));
    }
    if (given.test("retry")) {
      spec.retry(JobOptions.retry(job.retry()));
    }
    if (given.test("timeouts")) {
      spec.timeouts(JobOptions.timeouts(job.timeouts(), limits.maxCpuTime()));
    }
    if (given.test("memory")) {
      spec.memory(JobOptions.memory(job.memory(), limits.maxMemoryBytes()));
    }
    if (given.test("initializer")) {
      spec.initializer(WorkerOptions.initializer(job.initializer()));
    }
    if (given.test("recycle")) {
      spec.recycle(WorkerOptions.recycle(job.recycle()));
    }
    if (given.test("fresh")) {
      spec.fresh(job.fresh() != null && job.fresh());
    }
    if (given.test("maxFailures")) {
      Long most = JobOptions.maxFailures(job.maxFailures());
      spec.maxFailures(most == null ? 0 : most)
          .maxFailuresPercent(JobOptions.maxFailuresPercent(job.maxFailures()));
    }
    if (given.test("onError")) {
      spec.onError(JobOptions.oneOf(OnError.class, job.onError(), OnError.CONTINUE, "/onError"));
    }
    if (given.test("seed")) {
      spec.seed(job.seed());
    }
    if (given.test("priority")) {
      spec.priority(
          job.priority() == null
              ? JobSpec.DEFAULT_PRIORITY
              : JobOptions.within(job.priority(), 0, JobSpec.MAX_PRIORITY, "/priority"));
    }
    if (given.test("paused")) {
      spec.paused(job.paused() != null && job.paused());
    }
    if (given.test("cache")) {
      spec.cache(job.cache() != null && job.cache());
    }
    if (given.test("after") || given.test("notBefore")) {
      spec.start(JobOptions.start(job.after(), job.notBefore()));
    }
    if (given.test("ttl")) {
      spec.ttl(job.ttl() == null ? limits.retention() : JobOptions.seconds(job.ttl(), "/ttl"));
    }
    if (given.test("callback")) {
      spec.callback(callback(job.callback()));
    }
    if (given.test("labels")) {
      spec.labels(JobOptions.labels(job.labels()));
    }
    if (given.test("shared") || given.test("sharedSet")) {
      SharedReader.set(job, spec, given.test("shared"), limits.maxSharedBytes(), sets);
    }
  }

  /** Refuses options that do not go together. */
  private static JobSpec checked(JobSpec spec) {
    FunctionDefinition definition = spec.function().definition();
    if (definition.speaksLines()) {
      refuseWhatLinesDoNotCarry(spec);
    }
    // Only the order assigns answers to items. A surplus line that is noticed late, or never, would
    // leave a wrong value for ever.
    if (spec.cache() && definition.answersByOrder()) {
      throw Refusal.invalid(
          "/cache",
          "must be false for a command whose answers do not name their items: set \"indexed\": true"
              + " in the function, and let each answer have the index of its item");
    }
    WorkerOptions.check(spec);
    SharedReader.check(spec);
    if (spec.call() == JobSpec.Call.STARMAP) {
      refuseStarmap(definition);
    }
    if (spec.values() == JobSpec.Values.PYTHON) {
      PythonValues.check(spec);
    }
    var start = spec.start();
    if (spec.inputs() instanceof Inputs.Open && !start.equals(JobSpec.Start.AT_ONCE)) {
      throw Refusal.invalid(
          start.after().isEmpty() ? "/notBefore" : "/after",
          "does not go with inputs that are still coming: such a job runs at once");
    }
    return spec;
  }

  /** Refuses options that a command would never see, because its lines hold items only. */
  private static void refuseWhatLinesDoNotCarry(JobSpec spec) {
    if (spec.threads() > 1) {
      throw Refusal.invalid(
          "/threads",
          "must be 1 for a command that reads a line an item; give it more 'workers' instead");
    }
    if (spec.nonFinite() != JobSpec.NonFinite.ERROR) {
      throw Refusal.invalid(
          "/nonFinite",
          "must be \"error\" for a command that writes a line an item; let it write null itself");
    }
    if (spec.common() != null) {
      throw Refusal.invalid(
          "/common",
          "must be absent for a command that reads a line an item, because no line holds it; put"
              + " the arguments into the command or into each item. A retry of a job that has them"
              + " leaves them out with \"common\": null");
    }
    if (spec.seed() != null) {
      throw Refusal.invalid(
          "/seed",
          "must be absent for a command that reads a line an item, because no line holds it; put a"
              + " seed of your own into the command or into each item. A retry of a job that has one"
              + " leaves it out with \"seed\": null");
    }
  }

  /** Refuses to spread items where nothing would be spread. */
  private static void refuseStarmap(FunctionDefinition definition) {
    if (definition.runtime() == FunctionRuntime.JAVA) {
      throw Refusal.invalid(
          "/call",
          "must be map for a Java function, which takes one item; an array or an object becomes the"
              + " record that is its item type");
    }
    if (definition.speaksLines()) {
      throw Refusal.invalid(
          "/call",
          "must be map for a command that reads a line an item; let it take the item apart");
    }
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
    return text == null ? null : JobOptions.withoutHalves(text, "/description");
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

  private Function function(@Nullable JsonNode node) {
    if (node == null || node.isNull()) {
      throw Refusal.malformed(
          "/function", "is required: the name of a function, or an object that defines one");
    }
    return node.isString()
        ? functions.resolve(node.stringValue())
        : functions.inline(definitions.read(node, "/function"));
  }
}
