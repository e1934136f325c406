package dev.manyhands.outside;

import static dev.manyhands.outside.Service.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.RandomFunction.Fate;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The right outcome of each item of a job and of the job, computed without any of the service's
 * code.
 */
final class Oracle {
  static final List<String> REDUCTIONS =
      List.of("sum", "mean", "min", "max", "count", "any", "all", "find");

  /**
   * The options of a job that decide its outcome.
   *
   * @param stopWhen {@code truthy}, {@code falsy}, {@code equals} or null
   * @param matches how many such results end the job
   * @param equal the JSON that they must equal
   * @param attempts an item gets
   * @param percent instead of {@code maxFailures}, if not null
   */
  record Rules(
      String reduce,
      @Nullable String stopWhen,
      int matches,
      @Nullable String equal,
      Attempts attempts,
      long maxFailures,
      @Nullable Double percent,
      boolean stopsOnError) {

    Rules withAttempts(Attempts others) {
      return new Rules(
          reduce, stopWhen, matches, equal, others, maxFailures, percent, stopsOnError);
    }

    boolean mayEndEarly() {
      return match() != null || stopsOnError;
    }

    /** Returns how many of these results count towards the end of the job. */
    long matching(List<JsonNode> values) {
      String match = match();
      return values.stream()
          .filter(value ->
              switch (match == null ? "" : match) {
                case "truthy" -> OracleValues.isTruthy(value);
                case "falsy" -> !OracleValues.isTruthy(value);
                case "equals" -> OracleValues.same(value, json(equal));
                default -> false;
              })
          .count();
    }

    /** Which results count towards the end of the job. */
    @Nullable String match() {
      return stopWhen != null
          ? stopWhen
          : switch (reduce) {
            case "any", "find" -> "truthy";
            case "all" -> "falsy";
            default -> null;
          };
    }

    boolean isExceededBy(long failed, long total) {
      return percent == null
          ? failed > maxFailures
          : BigDecimal.valueOf(failed * 100)
                  .compareTo(BigDecimal.valueOf(percent).multiply(BigDecimal.valueOf(total)))
              > 0;
    }
  }

  /** Events that happen to jobs from outside. */
  enum World {
    QUIET,
    /** The service is restarted, which forgets attempts. */
    RESTARTS,
    /** Workers are killed and stopped as well, so any attempt may end in that way. */
    FAULTS
  }

  /** How often an item is tried in all, by what goes wrong. */
  record Attempts(int error, int crash, int timeout) {}

  /** The right outcome of an item that is run: a value, or an error of this kind. */
  record Expected(
      @Nullable JsonNode value, @Nullable String kind, @Nullable String type, int attempts) {
    /** The kind of an item that has no outcome while its job has time. */
    static final String NEVER = "none";

    boolean fails() {
      return kind != null && !neverEnds();
    }

    boolean neverEnds() {
      return NEVER.equals(kind);
    }
  }

  private final Rules rules;
  final World world;

  /** The {@code stopReason} of a job that must fail as a whole. */
  private final @Nullable String doom;

  private final boolean isCached;

  private final List<Expected> items = new ArrayList<>();

  /**
   * @param drawn the results of a job that was run serially; empty if nothing is drawn
   */
  Oracle(RandomJob job, List<JsonNode> drawn, World world) {
    rules = job.rules();
    this.world = world;
    doom = job.doom();
    isCached = job.isCached();
    for (int i = 0; i < job.function().items().size(); i++) {
      JsonNode draw = i < drawn.size() ? drawn.get(i) : null;
      items.add(combinable(expected(job.function().items().get(i).fate(), draw)));
    }
  }

  private Expected expected(Fate fate, @Nullable JsonNode draw) {
    return switch (fate) {
      case Fate.Returns returns -> new Expected(json(returns.json()), null, null, 1);
      case Fate.Draws _ -> new Expected(draw, null, null, 1);
      case Fate.Raises raises ->
          new Expected(null, "ERROR", raises.type(), rules.attempts().error());
      case Fate.HasNoJson _ -> new Expected(null, "UNSERIALIZABLE", null, 1);
      case Fate.Dies dies -> new Expected(null, "CRASH", dies.type(), rules.attempts().crash());
      case Fate.Hangs _ -> new Expected(null, "TIMEOUT", "Timeout", rules.attempts().timeout());
      case Fate.Spins _ -> new Expected(null, "TIMEOUT", "CpuTimeout", rules.attempts().timeout());
      case Fate.Eats _ -> new Expected(null, "OOM", "OutOfMemory", rules.attempts().crash());
      case Fate.NeverEnds _ -> new Expected(null, Expected.NEVER, null, 0);
      case Fate.Recovers recovers -> {
        int allowed = recovers.dies() ? rules.attempts().crash() : rules.attempts().error();
        if (recovers.failures() < allowed) {
          yield new Expected(json(recovers.json()), null, null, recovers.failures() + 1);
        }
        yield recovers.dies()
            ? new Expected(null, "CRASH", "exit 5", allowed)
            : new Expected(null, "ERROR", "OSError", allowed);
      }
    };
  }

  /** A result that is no number is an error of the item where numbers are wanted. */
  private Expected combinable(Expected item) {
    JsonNode value = item.value();
    return value == null || OracleValues.isCombinable(rules.reduce(), value)
        ? item
        : new Expected(
            null, "ERROR", "NotCombinable", Math.max(item.attempts(), rules.attempts().error()));
  }

  /** Checks the number of attempts of an item that has run. */
  void checkAttempts(int index, JsonNode told) {
    int most = items.get(index).attempts();
    if (world == World.FAULTS) {
      most = Math.max(most, rules.attempts().crash());
    }
    // A restart forgets what was lost before it.
    assertThat(told.get("attempts").intValue())
        .as("%s", told)
        .isBetween(leastAttempts(items.get(index)), most);
  }

  private int leastAttempts(Expected item) {
    // An item that is out of memory is tried again only if its worker has died of that.
    boolean isCertain = world == World.QUIET && !"OOM".equals(item.kind());
    return item.value() != null && isCached ? 0 : isCertain ? item.attempts() : 1;
  }

  // ---- checks

  /**
   * Checks the job as it is shown at its end, and its results.
   *
   * @param deeds what its user did meanwhile
   */
  void check(JsonNode job, Told told, Deeds deeds) {
    JsonNode tally = job.get("items");
    int total = tally.get("total").intValue();
    boolean isAbandoned = deeds.sentUntilAbandoned >= 0;
    int most = isAbandoned ? deeds.sentUntilAbandoned : items.size();
    var left = those(most, index -> !deeds.cancelled.contains(index));
    var ends = new OracleEnds(rules, left, most, isAbandoned, doom);

    assertThat(told.skipped()).as("skipped").containsAll(deeds.cancelled);
    assertThat(told.skipped()).as("skipped, and done").noneMatch(deeds.done::contains);
    if (ends.areAllCounted()) {
      assertThat(total).as("total").isEqualTo(most);
    } else {
      assertThat(total).as("total").isLessThanOrEqualTo(most);
    }
    if (!ends.mayBeEarly()) {
      assertThat(told.skipped())
          .as("skipped though nothing ended it early")
          .isEqualTo(deeds.cancelled);
    }
    checkItems(total, told);

    var finished = those(total, index -> !told.skipped().contains(index));
    long failed = finished.stream().filter(item -> item.value() == null).count();
    assertThat(tally.get("failed").longValue()).as("failed").isEqualTo(failed);
    assertThat(tally.get("succeeded").longValue())
        .as("succeeded")
        .isEqualTo(finished.size() - failed);
    assertThat(tally.get("skipped").longValue()).as("skipped").isEqualTo(told.skipped().size());
    assertThat(tally.get("done").longValue()).as("done").isEqualTo(total);
    assertThat(tally.get("cached").longValue())
        .as("cached")
        .isBetween(0L, isCached ? finished.size() - failed : 0);
    ends.check(job, finished, deeds.cancelled.size());
    checkResult(job, told, total);
    checkFigures(job);
  }

  private List<Expected> those(int end, LongPredicate which) {
    return IntStream.range(0, end).filter(which::test).mapToObj(items::get).toList();
  }

  /** Checks the figures of a job as far as they can be known beforehand. */
  private static void checkFigures(JsonNode job) {
    assertThat(job.get("chunks").get("running").intValue()).as("chunks running").isZero();
    assertThat(job.get("inputsOpen").booleanValue()).as("inputsOpen").isFalse();
    boolean hasStarted =
        !job.get("startedAt").isNull() || "SUCCEEDED".equals(job.get("state").stringValue());
    JsonNode fraction = job.get("progress").get("fraction");
    if (hasStarted) {
      assertThat(fraction.doubleValue()).as("fraction").isEqualTo(1);
    } else {
      assertThat(fraction.isNull()).as("no fraction").isTrue();
    }
    assertThat(job.get("workSeconds").doubleValue()).as("workSeconds").isNotNegative();
  }

  private void checkItems(int total, Told told) {
    boolean isList = rules.reduce().equals("list");
    for (int index = 0; index < total; index++) {
      long at = index;
      Expected item = items.get(index);
      boolean skipped = told.skipped().contains(at);
      JsonNode error = told.errors().get(at);
      JsonNode value = told.values().get(at);
      if (skipped || (item.value() != null)) {
        assertThat(error).as("error of item %d", index).isNull();
      } else {
        checkError(index, error);
      }
      if (isList && !skipped && item.value() != null) {
        assertThat(value).as("value of item %d", index).isEqualTo(item.value());
      } else {
        assertThat(value == null || value.isNull()).as("no value of item %d", index).isTrue();
      }
    }
    assertThat(told.errors().keySet()).allMatch(index -> index < total);
  }

  private void checkError(int index, @Nullable JsonNode error) {
    Expected item = items.get(index);
    assertThat(error).as("error of item %d, to be %s", index, item).isNotNull();
    assertThat(error.get("index").intValue()).isEqualTo(index);
    if (world == World.FAULTS && wasEndedFromOutside(item, error)) {
      checkAttempts(index, error);
      return;
    }
    assertThat(error.get("kind").stringValue()).as("%s", error).isEqualTo(item.kind());
    String type = error.get("type").stringValue();
    if (item.type() != null) {
      // Python itself may refuse the memory; the item's worker then lives on.
      boolean isRefused = item.type().equals("OutOfMemory") && type.equals("MemoryError");
      assertThat(type).as("%s", error).isEqualTo(isRefused ? "MemoryError" : item.type());
    }
    checkAttempts(index, error);
  }

  /**
   * The item would have ended its worker in its own way, but the worker or the service was killed
   * or stopped before.
   */
  private static boolean wasEndedFromOutside(Expected item, JsonNode error) {
    boolean endsWorkers = List.of("CRASH", "TIMEOUT", "OOM").contains(item.kind());
    return endsWorkers
        && List.of("SIGKILL", "Timeout", "ServiceDeath").contains(error.get("type").stringValue());
  }

  private void checkResult(JsonNode job, Told told, int total) {
    if (!rules.reduce().equals("list")) {
      if ("dependency".equals(doom)) {
        assertThat(job.hasNonNull("result")).as("a result of nothing").isFalse();
      } else {
        assertThat(job.get("result")).as("result").isEqualTo(reduced(told, total));
      }
    } else if (job.has("result")) {
      JsonNode values = job.get("result");
      assertThat(values.size()).isEqualTo(total);
      told.values()
          .forEach((index, value) -> assertThat(values.get(index.intValue())).isEqualTo(value));
    }
  }

  private JsonNode reduced(Told told, int total) {
    var values = new TreeMap<Integer, JsonNode>();
    for (int i = 0; i < total; i++) {
      JsonNode value = items.get(i).value();
      if (value != null && !told.skipped().contains((long) i)) {
        values.put(i, value);
      }
    }
    return OracleValues.reduced(rules.reduce(), values);
  }
}
