package dev.manyhands.jobs.comparison;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.JobStore;
import dev.manyhands.support.Sha256;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Computes a digest of a job's values, so that two jobs can be compared without holding the values
 * of either. The digest covers the values one by one and does not depend on their chunks. A failed
 * item counts as null.
 */
public final class ResultsDigest {
  private final JobStore store;

  public ResultsDigest(JobStore store) {
    this.store = store;
  }

  /**
   * Reads all values of a job whose items all have an outcome.
   *
   * @throws JobGoneException when the job is deleted before all were read
   */
  String of(Job job) {
    MessageDigest sha256 = Sha256.digest();
    long total = job.status().tally().total();
    long[] read = {0};
    try (var _ = store.keep(job.id())) {
      store.outcomes(
          job.id(),
          new ItemRange(0, total),
          report -> {
            add(report, sha256);
            read[0] += report.outcomes().items().count();
          });
    }
    if (read[0] != total) {
      throw new IllegalStateException(
          "job " + job.id() + " has " + total + " items, but outcomes of " + read[0]);
    }
    return HexFormat.of().formatHex(sha256.digest());
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
