package dev.manyhands.intake;

import dev.manyhands.model.Inputs;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Refusal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the inputs of a job that are no array. */
final class InputsReader {
  private static final String FORMS =
      "an array, {\"range\": {\"start\", \"stop\", \"step\"}},"
          + " {\"repeat\": {\"value\", \"times\"}}, {\"open\": true} or {\"results\": job id}";

  /**
   * The least {@code idle} time. A shorter time is refused: it could end a job between two requests
   * of a client that works well.
   */
  private static final long LEAST_IDLE_SECONDS = 1;

  private static final long MOST_IDLE_SECONDS = 7 * 86_400;

  private final StrictJson json;
  private final ApiLimits limits;

  InputsReader(StrictJson json, ApiLimits limits) {
    this.json = json;
    this.limits = limits;
  }

  private record InputsRequest(
      @Nullable RangeRequest range,
      @Nullable RepeatRequest repeat,
      @Nullable Boolean open,
      @Nullable Double idle,
      @Nullable String results) {}

  private record RangeRequest(@Nullable Long start, @Nullable Long stop, @Nullable Long step) {}

  private record RepeatRequest(@Nullable Verbatim value, @Nullable Long times) {}

  /**
   * @throws Refusal if these are no inputs
   */
  Inputs read(@Nullable Verbatim node) {
    if (node == null || !node.isObject()) {
      throw Refusal.malformed("/inputs", "is required: " + FORMS);
    }
    var inputs =
        json.read(node.json().getBytes(StandardCharsets.UTF_8), InputsRequest.class, "/inputs");
    boolean open = inputs.open() != null && inputs.open();
    if (Stream.of(inputs.range() != null, inputs.repeat() != null, open, inputs.results() != null)
            .filter(given -> given)
            .count()
        != 1) {
      throw Refusal.malformed("/inputs", "must be " + FORMS);
    }
    if (inputs.idle() != null && !open) {
      throw Refusal.malformed("/inputs/idle", "only goes with \"open\": true");
    }
    if (open) {
      return new Inputs.Open(false, idle(inputs.idle()));
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

  private static @Nullable Duration idle(@Nullable Double seconds) {
    if (seconds == null) {
      return null;
    }
    if (seconds < LEAST_IDLE_SECONDS || seconds > MOST_IDLE_SECONDS) {
      throw Refusal.invalid(
          "/inputs/idle",
          "must be between %d and %d seconds".formatted(LEAST_IDLE_SECONDS, MOST_IDLE_SECONDS));
    }
    return Duration.ofNanos(Math.round(seconds * 1e9));
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
