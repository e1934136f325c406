package dev.manyhands.jobs.comparison;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.ProcessorShare;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.JobStore;
import dev.manyhands.support.Sha256;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Computes a digest of a job's results, so that two jobs can be compared without holding the values
 * of either. The digest covers the values one by one, or the reduced result, and does not depend on
 * their chunks. A failed item counts as failed, whatever its error. The processor time of the items
 * is summed up on the way.
 */
public final class ResultsDigest {
  /** No value: JSON has no such word. */
  private static final byte[] FAILED = "failed".getBytes(UTF_8);

  private final JobStore store;

  /**
   * Facts about all outcomes of a job.
   *
   * @param digest hex SHA-256 over the results in order
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
    boolean isList = job.spec().reduce() == JobSpec.Reduce.LIST;
    long total = job.status().tally().total();
    long[] read = {0};
    var processor = new ProcessorShare();
    try (var _ = store.keep(job.id())) {
      store.outcomes(
          job.id(),
          new ItemRange(0, total),
          report -> {
            if (isList) {
              add(report.outcomes(), sha256);
            } else {
              addErrors(report.outcomes(), sha256);
            }
            processor.add(report.outcomes().cost());
            read[0] += report.outcomes().items().count();
          });
    }
    if (read[0] != total) {
      throw new IllegalStateException(
          "job " + job.id() + " has " + total + " items, but outcomes of " + read[0]);
    }
    if (!isList) {
      sha256.update(String.valueOf(job.status().result()).getBytes(UTF_8));
    }
    return new Found(HexFormat.of().formatHex(sha256.digest()), processor.value());
  }

  private static void add(Outcomes outcomes, MessageDigest digest) {
    int count = Math.toIntExact(outcomes.items().count());
    var failed = new HashSet<Long>();
    outcomes.errors().forEach(error -> failed.add(error.index()));
    var values = JoinedValues.stored(outcomes.values(), count);
    for (int i = 0; i < count; i++) {
      if (failed.contains(outcomes.items().first() + i)) {
        digest.update(FAILED);
      } else {
        digest.update(values.bytes(), values.start(i), values.end(i) - values.start(i));
      }
      digest.update((byte) ',');
    }
  }

  private static void addErrors(Outcomes outcomes, MessageDigest digest) {
    for (ItemError error : outcomes.errors()) {
      digest.update((error.index() + " failed,").getBytes(UTF_8));
    }
  }
}
