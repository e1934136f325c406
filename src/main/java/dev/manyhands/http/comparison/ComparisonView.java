package dev.manyhands.http.comparison;

import dev.manyhands.http.JobPath;
import dev.manyhands.intake.BaseJob;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.comparison.Comparison;
import dev.manyhands.model.comparison.Comparison.Step;
import dev.manyhands.model.comparison.ComparisonState;
import dev.manyhands.model.comparison.Variant;
import dev.manyhands.report.comparison.ComparisonTable;
import dev.manyhands.report.comparison.ComparisonTable.Row;
import dev.manyhands.report.comparison.Verdict;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A comparison as clients see it. Times in seconds; null where nothing is known yet. */
record ComparisonView(
    String id,
    String name,
    ComparisonState state,
    String summary,
    @Nullable String best,
    @Nullable String baseline,
    @Nullable Boolean sameResults,
    List<VariantView> variants,
    Runs runs,
    long items,
    int rounds,
    Instant submittedAt,
    @Nullable Instant finishedAt,
    @Nullable String problem,
    Links links) {

  /**
   * One variant and its figures; null where they are not known yet. {@code name}, {@code workers},
   * {@code threads} and {@code chunking} have the names of the request.
   *
   * @param workers at most the number of slots
   * @param chunking as the variant or the job asked; null for automatic chunks
   */
  record VariantView(
      String name,
      int workers,
      int threads,
      @Nullable JsonNode chunking,
      JobState state,
      @Nullable Double seconds,
      @Nullable Double minSeconds,
      @Nullable Double maxSeconds,
      @Nullable Double speedup,
      @Nullable Double efficiency,
      @Nullable Double serialFraction,
      @Nullable Double itemsPerSecond,
      @Nullable Long failedItems,
      @Nullable String resultsDigest,
      @Nullable String problem,
      List<String> jobs) {

    static VariantView of(Row row) {
      var timing = row.timing();
      return new VariantView(
          row.variant().name(),
          row.variant().workers(),
          row.variant().threads(),
          chunking(row.variant()),
          row.state(),
          timing == null ? null : rounded(timing.median()),
          timing == null ? null : rounded(timing.min()),
          timing == null ? null : rounded(timing.max()),
          rounded(row.speedup()),
          rounded(row.efficiency()),
          rounded(row.serialFraction()),
          rounded(row.itemsPerSecond()),
          row.failedItems(),
          row.digest() == null ? null : "sha256:" + row.digest(),
          row.problem(),
          row.jobs().stream().map(JobId::toString).toList());
    }

    private static @Nullable JsonNode chunking(Variant variant) {
      JsonNode chunking = OPTIONS.readTree(variant.options()).get("chunking");
      return chunking == null || chunking.isNull() ? null : chunking;
    }
  }

  /**
   * @param done measured runs
   * @param planned runs in all, unless some fail or are repeated
   * @param running the id of the job that the comparison waits for now; null for none
   */
  record Runs(int done, int planned, @Nullable String running) {}

  record Links(String self, String jobs, String cancel) {}

  private static final JsonMapper OPTIONS = JsonMapper.builder().build();

  static final String COMPARISONS = "/api/v1/comparisons";

  static ComparisonView of(Comparison comparison) {
    var table = ComparisonTable.of(comparison);
    String self = COMPARISONS + "/" + comparison.id();
    boolean waits = !comparison.state().isTerminal();
    return new ComparisonView(
        comparison.id().toString(),
        comparison.name(),
        comparison.state(),
        Verdict.of(comparison, table),
        name(table.best()),
        name(table.baseline()),
        table.sameResults(),
        table.rows().stream().map(VariantView::of).toList(),
        new Runs(
            comparison.measuredRuns(),
            comparison.plannedRuns(),
            waits && comparison.next() instanceof Step.Await await
                ? await.run().job().toString()
                : null),
        comparison.items(),
        comparison.rounds(),
        comparison.submittedAt(),
        comparison.finishedAt(),
        comparison.problem(),
        new Links(
            self,
            JobPath.JOBS + "?label=" + BaseJob.LABEL + ":" + comparison.id(),
            self + "/cancel"));
  }

  private static @Nullable String name(@Nullable Row row) {
    return row == null ? null : row.variant().name();
  }

  /** Rounds to six decimals, because times are measured in microseconds. */
  private static @Nullable Double rounded(@Nullable Double value) {
    return value == null ? null : Double.valueOf(Math.round(value * 1e6) / 1e6);
  }
}
