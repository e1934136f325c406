package dev.manyhands.store.sql;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.manyhands.model.comparison.Comparison;
import dev.manyhands.model.comparison.Run;
import dev.manyhands.model.comparison.Variant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON form of the parts of a comparison that no query looks into. As with {@link JobJson},
 * every later version must read the JSON that this version writes.
 */
final class ComparisonJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .changeDefaultPropertyInclusion(
              all -> all.withValueInclusion(JsonInclude.Include.NON_NULL))
          .disable(DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          // User text may hold halves of surrogate pairs, which have no UTF-8 form.
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();

  private ComparisonJson() {}

  /** The parts of a comparison that never change after its submission. */
  record Plan(
      String name,
      List<Variant> variants,
      @Nullable List<Variant> ifWaiting,
      int rounds,
      long items) {}

  static String ofPlan(Comparison comparison) {
    return MAPPER.writeValueAsString(
        new Plan(
            comparison.name(),
            comparison.variants(),
            comparison.ifWaiting(),
            comparison.rounds(),
            comparison.items()));
  }

  static Plan toPlan(String json) {
    return MAPPER.readValue(json, Plan.class);
  }

  static @Nullable String ofProblem(@Nullable String problem) {
    return problem == null ? null : MAPPER.writeValueAsString(problem);
  }

  static @Nullable String toProblem(@Nullable String json) {
    return json == null ? null : MAPPER.readValue(json, String.class);
  }

  static @Nullable String ofEnding(Run.@Nullable Ending ending) {
    return ending == null ? null : MAPPER.writeValueAsString(ending);
  }

  static Run.@Nullable Ending toEnding(@Nullable String json) {
    return json == null ? null : MAPPER.readValue(json, Run.Ending.class);
  }
}
