package dev.manyhands.http.job;

import dev.manyhands.http.ItemInputs;
import dev.manyhands.intake.ApiLimits;
import dev.manyhands.model.Callback;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.FunctionDefinition.Command;
import dev.manyhands.model.FunctionDefinition.JavaClass;
import dev.manyhands.model.FunctionDefinition.Protocol;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Initializer;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobSpec.Chunking;
import dev.manyhands.model.JobSpec.Retry;
import dev.manyhands.model.JobSpec.StopWhen;
import dev.manyhands.model.JobSpec.Timeouts;
import dev.manyhands.model.Recycle;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.SharedObject;
import dev.manyhands.support.Word;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes jobs as requests that submit an equal job. Options that have their default are left out,
 * and secrets too. Items are copied from the store as bytes, piece by piece.
 */
public final class JobRequestWriter {
  private static final long NANOS = 1_000_000_000;

  private final ItemInputs items;
  private final Predicate<Function> registered;
  private final ApiLimits limits;
  private final JsonMapper json;

  /**
   * @param registered whether the function is a registered version of its name
   */
  public JobRequestWriter(
      ItemInputs items, Predicate<Function> registered, ApiLimits limits, JsonMapper json) {
    this.items = items;
    this.registered = registered;
    this.limits = limits;
    this.json = json;
  }

  /**
   * Writes the request of a job.
   *
   * @throws Refusal before the first byte, if items of the request may be missing
   * @throws dev.manyhands.store.JobGoneException when the job is deleted before all is written
   */
  void write(Job job, OutputStream out) throws IOException {
    JobSpec spec = job.spec();
    check(job);
    try {
      // Closed only at the end: closing also writes brackets that are missing.
      JsonGenerator text = json.createGenerator(new JsonUtf8(out));
      text.writeStartObject();
      plain(spec).forEach(text::writePOJOProperty);
      raw("common", spec.common(), text);
      raw("stopWhen", stopWhen(spec.stopWhen()), text);
      raw("initializer", initializer(spec.initializer()), text);
      raw("shared", spec.sharedSet() == null ? shared(spec.shared()) : null, text);
      text.writeName("inputs");
      inputs(job, text, out);
      text.writeEndObject();
      text.close();
    } catch (JacksonIOException e) {
      throw e.getCause();
    }
  }

  /** Refuses a job that may lack items which were to come with its request. */
  private static void check(Job job) {
    if (!(job.spec().inputs() instanceof Inputs.Open open) || !open.upload()) {
      return;
    }
    if (job.status().inputsOpen()) {
      throw Refusal.conflict(
          "the items of job %s are still arriving; ask again when its 'inputsOpen' is false"
              .formatted(job.id()));
    }
    // The store does not know whether the upload went on after such an end.
    if (job.status().stopReason() != null) {
      throw Refusal.conflict(
          "job %s ended early (%s), perhaps before all of its items had arrived; the items that it"
                  .formatted(job.id(), job.status().stopReason())
              + " has are at .../results?include=input, and POST .../retry runs those without a"
              + " value");
    }
  }

  /** Writes a member whose value is the user's JSON. Writes nothing if the JSON is null. */
  private static void raw(String name, @Nullable String json, JsonGenerator text) {
    if (json != null) {
      text.writeName(name);
      text.writeRawValue(json);
    }
  }

  /** Returns the members that are not copied from the user's JSON. The function is always there. */
  private Map<String, Object> plain(JobSpec spec) {
    var members = new LinkedHashMap<String, Object>();
    put(members, "name", spec.name(), "");
    put(members, "description", spec.description(), null);
    members.put("function", function(spec.function()));
    putWord(members, "call", spec.call(), JobSpec.Call.MAP);
    put(members, "workers", spec.workers(), null);
    put(members, "threads", spec.threads(), 1);
    put(members, "chunking", chunking(spec.chunking()), Map.of());
    putWord(members, "reduce", spec.reduce(), JobSpec.Reduce.LIST);
    putWord(members, "nonFinite", spec.nonFinite(), JobSpec.NonFinite.ERROR);
    putWord(members, "values", spec.values(), JobSpec.Values.JSON);
    put(members, "maxFailures", maxFailures(spec), 0L);
    putWord(members, "onError", spec.onError(), JobSpec.OnError.CONTINUE);
    put(members, "retry", retry(spec.retry()), Map.of());
    put(members, "timeouts", timeouts(spec.timeouts()), Map.of());
    put(members, "memory", spec.memory(), null);
    put(members, "recycle", recycle(spec.recycle()), null);
    put(members, "fresh", spec.fresh(), false);
    put(members, "seed", spec.seed(), null);
    put(members, "priority", spec.priority(), JobSpec.DEFAULT_PRIORITY);
    put(members, "paused", spec.paused(), false);
    put(members, "cache", spec.cache(), false);
    var after = spec.start().after().stream().map(JobId::toString).toList();
    put(members, "after", after, List.of());
    if (spec.sharedSet() != null) {
      members.put("sharedSet", spec.sharedSet().name());
    }
    put(members, "notBefore", spec.start().notBefore(), null);
    put(members, "ttl", seconds(spec.ttl()), seconds(limits.retention()));
    if (spec.callback() != null) {
      // The part of the URL after '?' may be secret too.
      members.put("callback", Map.of("url", Callback.shown(spec.callback().url())));
    }
    put(members, "labels", spec.labels(), Map.of());
    return members;
  }

  /** Adds a member, unless it is null or has its default. */
  private static void put(
      Map<String, Object> members, String name, @Nullable Object value, @Nullable Object preset) {
    if (value != null && !value.equals(preset)) {
      members.put(name, value);
    }
  }

  private static void putWord(
      Map<String, Object> members, String name, Enum<?> value, Enum<?> preset) {
    put(members, name, Word.of(value), Word.of(preset));
  }

  /**
   * Returns a reference to the version of a registered function, or else the definition. A function
   * whose code is in a file has no other name than its reference.
   */
  private Object function(Function function) {
    Object definition = registered.test(function) ? null : definition(function.definition());
    return definition == null ? function.name() + "@" + function.digest() : definition;
  }

  /** Returns the definition as a user writes it; null if it is not complete without a file. */
  private static @Nullable Object definition(FunctionDefinition definition) {
    if (definition.bundle() != null) {
      return null;
    }
    var members = new LinkedHashMap<String, Object>();
    members.put("runtime", definition.runtime().label());
    switch (definition) {
      case Python python -> {
        if (python.pickle() == null) {
          members.put("code", python.code());
          members.put("entry", python.entry());
        } else {
          members.put("pickle", python.pickle());
          members.put("label", python.entry());
        }
        put(members, "modules", python.modules(), Map.of());
      }
      case JavaClass java -> {
        if (java.jar() == null) {
          return null;
        }
        members.put("class", java.className());
        members.put("jar", java.jar());
      }
      case Command command -> {
        members.put("command", command.argv());
        putWord(members, "protocol", command.protocol(), Protocol.LINES);
        put(members, "indexed", command.indexed(), false);
      }
    }
    return members;
  }

  private static Map<String, Object> chunking(Chunking chunking) {
    var members = new LinkedHashMap<String, Object>();
    put(members, "size", chunking.size(), null);
    put(members, "count", chunking.count(), null);
    putWord(members, "order", chunking.order(), Chunking.Order.INPUT);
    return members;
  }

  private static Object maxFailures(JobSpec spec) {
    return spec.maxFailuresPercent() == null
        ? (Object) spec.maxFailures()
        : BigDecimal.valueOf(spec.maxFailuresPercent()).stripTrailingZeros().toPlainString() + "%";
  }

  private static @Nullable Object recycle(@Nullable Recycle recycle) {
    return recycle == null ? null : Map.of("items", recycle.items());
  }

  private static Map<String, Object> retry(Retry retry) {
    var members = new LinkedHashMap<String, Object>();
    put(members, "crash", retry.crash(), Retry.DEFAULT.crash());
    put(members, "timeout", retry.timeout(), Retry.DEFAULT.timeout());
    put(members, "error", retry.error(), Retry.DEFAULT.error());
    put(members, "backoff", seconds(retry.backoff()), seconds(Retry.DEFAULT.backoff()));
    return members;
  }

  private static Map<String, Object> timeouts(Timeouts timeouts) {
    var members = new LinkedHashMap<String, Object>();
    put(members, "item", seconds(timeouts.item()), null);
    put(members, "job", seconds(timeouts.job()), null);
    put(members, "cpu", seconds(timeouts.cpu()), null);
    return members;
  }

  /** Returns the time in seconds: a whole number where possible, as most users write it. */
  private static @Nullable Object seconds(@Nullable Duration time) {
    if (time == null) {
      return null;
    }
    long nanos = time.toNanos();
    return nanos % NANOS == 0 ? (Object) (nanos / NANOS) : (Object) (nanos / 1e9);
  }

  private static @Nullable String stopWhen(@Nullable StopWhen stop) {
    if (stop == null) {
      return null;
    }
    String value =
        stop.match() == StopWhen.Match.EQUALS ? stop.equals() : Long.toString(stop.count());
    return "{\"" + Word.of(stop.match()) + "\":" + value + "}";
  }

  /** Returns the initializer as JSON. Its name is an identifier, which needs no escapes. */
  private static @Nullable String initializer(@Nullable Initializer initializer) {
    return initializer == null
        ? null
        : "{\"entry\":\"%s\",\"args\":%s}".formatted(initializer.entry(), initializer.args());
  }

  /** Returns the declaration of shared objects as JSON. Their names need no escapes. */
  private static @Nullable String shared(Map<String, SharedObject> shared) {
    if (shared.isEmpty()) {
      return null;
    }
    return shared.entrySet().stream()
        .map(object ->
            "\"%s\":{\"%s\":%s}"
                .formatted(
                    object.getKey(),
                    Word.of(object.getValue().kind()),
                    declaration(object.getValue())))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String declaration(SharedObject object) {
    return switch (object.kind()) {
      case LOCK -> "{}";
      case QUEUE -> object.size() == null ? "{}" : "{\"size\":" + object.size() + "}";
      case VALUE, DICT, LIST, SEMAPHORE -> object.initial();
    };
  }

  private void inputs(Job job, JsonGenerator text, OutputStream out) throws IOException {
    switch (job.spec().inputs()) {
      case Inputs.Range range ->
          text.writeRawValue(
              "{\"range\":{\"start\":%d,\"stop\":%d,\"step\":%d}}"
                  .formatted(range.start(), range.stop(), range.step()));
      case Inputs.Repeat repeat -> {
        text.writeStartObject();
        text.writeObjectPropertyStart("repeat");
        raw("value", repeat.value(), text);
        text.writeNumberProperty("times", repeat.times());
        text.writeEndObject();
        text.writeEndObject();
      }
      case Inputs.Results results -> text.writeRawValue("{\"results\":\"" + results.job() + "\"}");
      case Inputs.Open open when !open.upload() -> {
        text.writeStartObject();
        text.writeBooleanProperty("open", true);
        if (open.idle() != null) {
          text.writeNumberProperty("idle", open.idle().toNanos() / 1e9);
        }
        text.writeEndObject();
      }
      case Inputs.Open _, Inputs.Listed _ -> {
        long total = job.status().tally().total();
        text.writeStartArray();
        if (total > 0) {
          text.flush();
          items.copy(job, new ItemRange(0, total), out);
        }
        text.writeEndArray();
      }
    }
  }
}
