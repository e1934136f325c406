package dev.manyhands.api;

import dev.manyhands.api.JobRequest.ChunkingRequest;
import dev.manyhands.api.JobRequest.RetryRequest;
import dev.manyhands.api.JobRequest.TimeoutsRequest;
import dev.manyhands.function.Functions;
import dev.manyhands.job.Function;
import dev.manyhands.job.Inputs;
import dev.manyhands.job.JobSpec;
import dev.manyhands.job.JobSpec.Chunking;
import dev.manyhands.job.JobSpec.OnError;
import dev.manyhands.job.JobSpec.Retry;
import dev.manyhands.job.JobSpec.Timeouts;
import dev.manyhands.job.Refusal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Turns a request for a job into what the service will do, or says which field makes no sense. */
final class SpecReader {
  private static final int MAX_TEXT = 200;
  private static final int MAX_LABELS = 32;
  private static final double MAX_SECONDS = 365 * 24 * 3600.0;

  private final Functions functions;
  private final FunctionReader definitions;
  private final StrictJson json;
  private final ApiLimits limits;

  SpecReader(Functions functions, FunctionReader definitions, StrictJson json, ApiLimits limits) {
    this.functions = functions;
    this.definitions = definitions;
    this.json = json;
    this.limits = limits;
  }

  /**
   * @param apart inputs that did not come in the request; null when they did
   * @throws Refusal if a field makes no sense
   */
  JobSpec read(byte[] request, @Nullable Inputs apart) {
    JobRequest job = json.read(request, JobRequest.class, "");
    refuseWhatIsNotThere(job);
    if (apart instanceof Inputs.Open && job.inputs() != null) {
      throw Refusal.malformed("/inputs", "must not be given here: the items follow");
    }
    Inputs inputs = apart != null ? apart : inputs(job.inputs());
    if (inputs instanceof Inputs.Open && job.chunking() != null && job.chunking().count() != null) {
      throw Refusal.invalid(
          "/chunking/count", "cannot be met while the number of items is not known; give 'size'");
    }
    if (inputs.count() > limits.maxItems()) {
      throw Refusal.tooLarge(
          "/inputs",
          "a job may have at most "
              + limits.maxItems()
              + " items (manyhands.limits.items); split it into several jobs");
    }
    return new JobSpec(
        text(job.name(), "/name"),
        function(job.function()),
        inputs,
        call(job.call()),
        common(job.common()),
        job.workers() == null ? null : within(job.workers(), 1, 10_000, "/workers"),
        chunking(job.chunking()),
        retry(job.retry()),
        timeouts(job.timeouts()),
        job.maxFailures() == null
            ? 0
            : within(job.maxFailures(), 0, Long.MAX_VALUE, "/maxFailures"),
        onError(job.onError()),
        job.seed(),
        job.priority() == null
            ? JobSpec.DEFAULT_PRIORITY
            : within(job.priority(), 0, JobSpec.MAX_PRIORITY, "/priority"),
        labels(job.labels()));
  }

  /**
   * Fields that are part of the contract and have just one meaning so far: that one passes, so that
   * a whole example does.
   */
  private static void refuseWhatIsNotThere(JobRequest job) {
    only(job.threads() == null || job.threads() == 1, "/threads", "1");
    only(job.reduce() == null || job.reduce().equals("list"), "/reduce", "list");
    only(job.stopWhen() == null || job.stopWhen().isNull(), "/stopWhen", "null");
    only(job.cache() == null || !job.cache(), "/cache", "false");
    var chunking = job.chunking();
    if (chunking != null) {
      boolean inOrder = chunking.order() == null || chunking.order().equals("input");
      only(inOrder, "/chunking/order", "input");
    }
    var retry = job.retry();
    if (retry != null) {
      only(retry.error() == null || retry.error() == 1, "/retry/error", "1");
      only(retry.backoff() == null || retry.backoff() == 0, "/retry/backoff", "0");
    }
  }

  private static void only(boolean is, String pointer, String value) {
    if (!is) {
      throw Refusal.invalid(pointer, "can only be " + value + " in this version");
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
      @Nullable RangeRequest range, @Nullable RepeatRequest repeat, @Nullable Boolean open) {}

  private record RangeRequest(@Nullable Long start, @Nullable Long stop, @Nullable Long step) {}

  private record RepeatRequest(@Nullable JsonNode value, @Nullable Long times) {}

  private Inputs inputs(@Nullable JsonNode node) {
    String forms =
        "an array, {\"range\": {\"start\", \"stop\", \"step\"}},"
            + " {\"repeat\": {\"value\", \"times\"}} or {\"open\": true}";
    if (node == null || !node.isObject()) {
      throw Refusal.malformed("/inputs", "is required: " + forms);
    }
    var inputs =
        json.read(node.toString().getBytes(StandardCharsets.UTF_8), InputsRequest.class, "/inputs");
    boolean open = inputs.open() != null && inputs.open();
    if (Stream.of(inputs.range() != null, inputs.repeat() != null, open)
            .filter(given -> given)
            .count()
        != 1) {
      throw Refusal.malformed("/inputs", "must be " + forms);
    }
    if (open) {
      return new Inputs.Open(false);
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

  private static Inputs repeat(RepeatRequest repeat) {
    if (repeat.times() == null) {
      throw Refusal.malformed("/inputs/repeat/times", "is required");
    }
    long times = within(repeat.times(), 0, Long.MAX_VALUE, "/inputs/repeat/times");
    String value = repeat.value() == null ? "null" : repeat.value().toString();
    return new Inputs.Repeat(value, times);
  }

  private static JobSpec.Call call(@Nullable String call) {
    return switch (call) {
      case "map" -> JobSpec.Call.MAP;
      case "starmap" -> JobSpec.Call.STARMAP;
      case null -> JobSpec.Call.MAP;
      default -> throw Refusal.invalid("/call", "must be map or starmap");
    };
  }

  private static @Nullable String common(@Nullable JsonNode common) {
    if (common == null || common.isNull() || (common.isObject() && common.isEmpty())) {
      return null;
    }
    if (!common.isObject()) {
      throw Refusal.malformed("/common", "must be an object of arguments by name");
    }
    return common.toString();
  }

  private static Chunking chunking(@Nullable ChunkingRequest chunking) {
    if (chunking == null) {
      return Chunking.AUTO;
    }
    Long size = null;
    JsonNode node = chunking.size();
    if (node != null && !node.isNull() && !(node.isString() && node.stringValue().equals("auto"))) {
      if (!node.canConvertToLong() || !node.isIntegralNumber()) {
        throw Refusal.malformed("/chunking/size", "must be \"auto\" or a whole number");
      }
      size = within(node.longValue(), 1, Long.MAX_VALUE, "/chunking/size");
    }
    Long count =
        chunking.count() == null
            ? null
            : (Long) within(chunking.count(), 1, Long.MAX_VALUE, "/chunking/count");
    if (size != null && count != null) {
      throw Refusal.invalid("/chunking", "give either 'size' or 'count', not both");
    }
    return new Chunking(size, count);
  }

  private static Retry retry(@Nullable RetryRequest retry) {
    if (retry == null) {
      return Retry.DEFAULT;
    }
    return new Retry(
        retry.crash() == null
            ? Retry.DEFAULT.crash()
            : within(retry.crash(), 1, 100, "/retry/crash"),
        retry.timeout() == null
            ? Retry.DEFAULT.timeout()
            : within(retry.timeout(), 1, 100, "/retry/timeout"));
  }

  private static Timeouts timeouts(@Nullable TimeoutsRequest timeouts) {
    return timeouts == null
        ? Timeouts.NONE
        : new Timeouts(
            seconds(timeouts.item(), "/timeouts/item"), seconds(timeouts.job(), "/timeouts/job"));
  }

  private static @Nullable Duration seconds(@Nullable Double seconds, String pointer) {
    if (seconds == null) {
      return null;
    }
    if (!(seconds >= 0.001 && seconds <= MAX_SECONDS)) {
      throw Refusal.invalid(
          pointer, "must be between 0.001 and " + (long) MAX_SECONDS + " seconds");
    }
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  private static OnError onError(@Nullable String onError) {
    return switch (onError) {
      case "continue" -> OnError.CONTINUE;
      case "stop" -> OnError.STOP;
      case null -> OnError.CONTINUE;
      default -> throw Refusal.invalid("/onError", "must be continue or stop");
    };
  }

  private static Map<String, String> labels(@Nullable Map<String, String> labels) {
    if (labels == null) {
      return Map.of();
    }
    if (labels.size() > MAX_LABELS) {
      throw Refusal.invalid("/labels", "may be at most " + MAX_LABELS);
    }
    labels.forEach((key, value) -> {
      if (key.isBlank() || value == null) {
        throw Refusal.malformed("/labels/" + key, "must be a string with a name");
      }
      text(key, "/labels/" + key);
      text(value, "/labels/" + key);
    });
    return labels;
  }

  private static String text(@Nullable String text, String pointer) {
    if (text == null) {
      return "";
    }
    if (text.length() > MAX_TEXT || text.chars().anyMatch(Character::isISOControl)) {
      throw Refusal.invalid(
          pointer, "must have at most " + MAX_TEXT + " characters and no control characters");
    }
    return text;
  }

  private static int within(int value, int least, int most, String pointer) {
    return (int) within((long) value, least, most, pointer);
  }

  private static long within(long value, long least, long most, String pointer) {
    if (value < least || value > most) {
      throw Refusal.invalid(
          pointer,
          most == Long.MAX_VALUE
              ? "must be at least " + least
              : "must be between " + least + " and " + most);
    }
    return value;
  }
}
