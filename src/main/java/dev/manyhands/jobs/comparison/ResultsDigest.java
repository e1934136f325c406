package dev.manyhands.jobs.comparison;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.ProcessorShare;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.JobStore;
import dev.manyhands.support.Sha256;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Computes a digest of a job's values, so that two jobs can be compared without holding the values
 * of either. The digest covers the values one by one and does not depend on their chunks. A failed
 * item counts as null. The processor time of the items is summed up on the way.
 */
public final class ResultsDigest {
  private final JobStore store;

  /**
   * Facts about all outcomes of a job.
   *
   * @param digest hex SHA-256 over the values in order
   * @param processorShare the share of the time in the function for which a worker had a processor;
   *     null if the workers did not report it for most of the time
   */
  public record Found(String digest, @Nullable Double processorShare) {}

  public ResultsDigest(JobStore store) {
    this.store = store;
  }

  /**
   * Reads all values of a job whose items all have an outcome.
   *
   * @throws JobGoneException when the job is deleted before all were read
   */
  public Found of(Job job) {
    MessageDigest sha256 = Sha256.digest();
    long total = job.status().tally().total();
    long[] read = {0};
    var processor = new ProcessorShare();
    try (var _ = store.keep(job.id())) {
      store.outcomes(
          job.id(),
          new ItemRange(0, total),
          report -> {
            add(report, sha256);
            processor.add(report.outcomes().cost());
            read[0] += report.outcomes().items().count();
          });
    }
    if (read[0] != total) {
      throw new IllegalStateException(
          "job " + job.id() + " has " + total + " items, but outcomes of " + read[0]);
    }
    return new Found(HexFormat.of().formatHex(sha256.digest()), processor.value());
  }

  private static void add(OutcomeReport report, MessageDigest digest) {
    var outcomes = report.outcomes();
    int count = Math.toIntExact(outcomes.items().count());
    var values = JoinedValues.stored(outcomes.values(), count);
    for (int i = 0; i < count; i++) {
      digest.update(values.bytes(), values.start(i), values.end(i) - values.start(i));
      digest.update((byte) ',');
    }
  }
}
