package dev.manyhands.intake;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The body of {@code POST /comparisons}. {@link ComparisonReader} keeps the bytes of the job as
 * they are.
 *
 * @param variants the ways to run the job; none for the usual ones
 * @param rounds how many times each of them runs
 */
record ComparisonRequest(
    @Nullable JobRequest job,
    @Nullable List<@Nullable VariantRequest> variants,
    @Nullable Integer rounds) {

  /** One way to run the job. A field that is absent has the value that the job gives it. */
  record VariantRequest(
      @Nullable String name,
      @Nullable Integer workers,
      @Nullable Integer threads,
      @Nullable JsonNode chunking) {}
}
