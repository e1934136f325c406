package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.Oracle.Expected;
import dev.manyhands.outside.Oracle.Rules;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reasons for which a job may end, and its state then. */
final class OracleEnds {
  private final Rules rules;
  private final boolean isAbandoned;

  /** The reasons of which one must end the job; none if it ends when all is done. */
  private final List<String> reasons = new ArrayList<>();

  /**
   * @param items those that no user has cancelled
   * @param total the number of items that the job gets if it does not end before
   * @param doom the {@code stopReason} of a job that must fail as a whole; null for none
   */
  OracleEnds(
      Rules rules, List<Expected> items, int total, boolean isAbandoned, @Nullable String doom) {
    this.rules = rules;
    this.isAbandoned = isAbandoned;
    if (rules.match() != null && rules.matching(values(items)) >= rules.matches()) {
      reasons.add(rules.stopWhen() == null ? rules.reduce() : "stopWhen");
    }
    if (rules.stopsOnError() && rules.isExceededBy(failed(items), total)) {
      reasons.add("maxFailures");
    }
    if (isAbandoned) {
      reasons.add("abandoned");
    }
    if (doom != null) {
      reasons.add(doom);
      boolean isIdle = doom.equals("functionNotLoaded") && items.isEmpty();
      boolean hasTime = doom.equals("timeout") && items.stream().noneMatch(Expected::neverEnds);
      if (isIdle || hasTime) {
        reasons.add("none");
      }
    }
  }

  private static List<JsonNode> values(List<Expected> items) {
    return items.stream().filter(item -> item.value() != null).map(Expected::value).toList();
  }

  private static long failed(List<Expected> items) {
    return items.stream().filter(Expected::fails).count();
  }

  /** Whether the job may end before all items have an outcome. */
  boolean mayBeEarly() {
    return !reasons.isEmpty();
  }

  /**
   * Checks why the job has ended, and its state.
   *
   * @param finished the items with an outcome
   * @param wereCancelled the number of items that users have cancelled
   */
  void check(JsonNode job, List<Expected> finished, int wereCancelled) {
    String reason = job.get("stopReason").isNull() ? "none" : job.get("stopReason").stringValue();
    assertThat(reason).as("stopReason").isIn(mayBeEarly() ? reasons : List.of("none"));
    assertThat(finished).as("items that never end").noneMatch(Expected::neverEnds);
    int total = job.get("items").get("total").intValue();
    boolean isOver = rules.isExceededBy(failed(finished), total);
    boolean isWhole = finished.size() + wereCancelled == total;
    String state = isOver ? "FAILED" : "SUCCEEDED";
    switch (reason) {
      case "none" -> {}
      case "maxFailures" -> assertThat(isOver).as("too many have failed").isTrue();
      case "abandoned" -> state = isWhole ? state : "CANCELLED";
      case "functionNotLoaded", "dependency" -> {
        assertThat(finished).as("items that have run").isEmpty();
        state = "FAILED";
      }
      case "timeout" -> state = "FAILED";
      default ->
          assertThat(rules.matching(values(finished)))
              .as("matches")
              .isGreaterThanOrEqualTo(rules.matches());
    }
    assertThat(job.get("state").stringValue()).as("state").isEqualTo(state);
    assertThat(job.get("error").isObject())
        .as("error of the job: %s", job.get("error"))
        .isEqualTo(List.of("functionNotLoaded", "dependency", "timeout").contains(reason));
  }

  /** Whether all items that were sent are counted, although the job may have ended before. */
  boolean areAllCounted() {
    return isAbandoned || !mayBeEarly();
  }
}
