package dev.manyhands.intake;

import dev.manyhands.model.FunctionRuntime;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobSpec.NonFinite;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * The rules for jobs with {@code "values": "python"}, whose values the service cannot look into.
 */
final class PythonValues {
  private PythonValues() {}

  /**
   * @throws Refusal if the job has options that need values which the service can read
   */
  static void check(JobSpec spec) {
    FunctionRuntime runtime = spec.function().definition().runtime();
    if (runtime != FunctionRuntime.PYTHON) {
      throw Refusal.invalid(
          "/values",
          "must be json for a %s function; only Python functions take Python values"
              .formatted(runtime.label()));
    }
    if (spec.nonFinite() != NonFinite.ERROR) {
      throw Refusal.invalid(
          "/nonFinite", "must be \"error\" for Python values, which have NaN and infinities");
    }
    // The service would have to decide which of the stored values match, or to combine them.
    if (spec.cache() && (spec.reduce() != Reduce.LIST || spec.stopWhen() != null)) {
      throw Refusal.invalid(
          "/cache",
          "must be false for Python values if the job has 'reduce' or 'stopWhen', because the"
              + " service does not look into stored Python values");
    }
    checkWanted(spec.stopWhen());
  }

  private static void checkWanted(JobSpec.@Nullable StopWhen stop) {
    String wanted = stop == null ? null : stop.equals();
    if (wanted != null && (wanted.startsWith("[") || isOtherObject(wanted))) {
      throw Refusal.invalid(
          "/stopWhen/equals",
          "must be a scalar or {\"p\": the Base64 of a pickle}, as each Python value is");
    }
  }

  private static boolean isOtherObject(String json) {
    return json.startsWith("{") && !json.startsWith("{\"p\":\"");
  }
}
