package dev.manyhands.api;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The body of {@code POST /comparisons}, for the description; {@link ComparisonReader} reads it and
 * leaves the job's bytes alone.
 */
record ComparisonRequest(
    @Schema(description = "A job as `POST /jobs` takes it, its inputs in it")
        @Nullable JobRequest job,
    @Schema(description = "The ways to run it; none for the usual ones")
        @Nullable List<@Nullable VariantRequest> variants,
    @Schema(description = "How many times each runs, 1 to 10", defaultValue = "3")
        @Nullable Integer rounds) {

  /** What is not given is as the job says. */
  record VariantRequest(
      @Nullable String name,
      @Nullable Integer workers,
      @Nullable Integer threads,
      @Nullable JsonNode chunking) {}
}
