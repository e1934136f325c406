package dev.manyhands.intake;

import dev.manyhands.model.JobSpec;
import dev.manyhands.model.Refusal;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The body of {@code PATCH /jobs/{id}}, a merge patch (RFC 7396): an absent field stays as it is,
 * and null restores the default.
 */
public record JobChange(
    @Nullable JsonNode priority,
    @Nullable JsonNode workers,
    @Nullable JsonNode maxFailures,
    @Nullable JsonNode paused) {

  public JobSpec applyTo(JobSpec spec) {
    Long failures = JobOptions.maxFailures(maxFailures);
    boolean newBudget = maxFailures != null;
    return spec.withControls(
        workers == null ? spec.workers() : whole(workers, 1, 10_000, "/workers"),
        priority == null ? spec.priority() : priority(priority),
        newBudget ? (failures == null ? 0 : failures) : spec.maxFailures(),
        newBudget ? JobOptions.maxFailuresPercent(maxFailures) : spec.maxFailuresPercent(),
        paused == null ? spec.paused() : wantsPause(paused));
  }

  private static int priority(JsonNode priority) {
    Integer given = whole(priority, 0, JobSpec.MAX_PRIORITY, "/priority");
    return given == null ? JobSpec.DEFAULT_PRIORITY : given;
  }

  private static boolean wantsPause(JsonNode paused) {
    if (paused.isNull()) {
      return false;
    }
    if (!paused.isBoolean()) {
      throw Refusal.malformed("/paused", "must be true or false");
    }
    return paused.booleanValue();
  }

  /** Reads an integer; null stays null. */
  private static @Nullable Integer whole(JsonNode node, int least, int most, String pointer) {
    if (node.isNull()) {
      return null;
    }
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw Refusal.malformed(pointer, "must be a whole number");
    }
    return (int) JobOptions.within(node.longValue(), least, most, pointer);
  }
}
