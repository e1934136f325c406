package dev.manyhands.api;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The body of {@code POST /comparisons}. {@link ComparisonReader} leaves the job's bytes alone.
 *
 * @param variants the ways to run the job; none for the usual ones
 * @param rounds how many times each of them runs
 */
record ComparisonRequest(
    @Nullable JobRequest job,
    @Nullable List<@Nullable VariantRequest> variants,
    @Nullable Integer rounds) {

  /** What is not given is as the job says. */
  record VariantRequest(
      @Nullable String name,
      @Nullable Integer workers,
      @Nullable Integer threads,
      @Nullable JsonNode chunking) {}
}
