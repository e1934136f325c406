package dev.manyhands.http.job;

import dev.manyhands.http.result.ResultsWriter;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Makes the view of one job for clients, with its results if they are few. */
public final class JobViews {
  private static final long FEW_RESULTS = 100;
  private static final int SMALL_RESULTS = 16 << 10;

  private static final String UNREAD =
      "The request took effect. The results and notes of the job could not be read: the database"
          + " does not answer. Ask for the job again.";

  private final ResultsWriter results;
  private final JsonMapper json;
  private final JobNotes notes;
  private final Clock clock;

  public JobViews(ResultsWriter results, JsonMapper json, JobNotes notes, Clock clock) {
    this.results = results;
    this.json = json;
    this.notes = notes;
    this.clock = clock;
  }

  public byte[] of(Job job) throws IOException {
    Instant now = clock.instant();
    return json.writeValueAsBytes(
        JobView.of(job.summary(), now, fewResults(job), notes.of(job, now)));
  }

  /**
   * Returns the view of a job as the answer to a request that took effect. The view has no results
   * if the job has been deleted since. The view has only the status if the store cannot be read: a
   * refusal would say that nothing was changed.
   */
  byte[] afterwards(Job job) throws IOException {
    try {
      return of(job);
    } catch (JobGoneException deleted) {
      return bare(job, List.of());
    } catch (StoreException away) {
      return bare(job, List.of(UNREAD));
    }
  }

  private byte[] bare(Job job, List<String> facts) throws IOException {
    return json.writeValueAsBytes(JobView.of(job.summary(), clock.instant(), null, facts));
  }

  /**
   * Returns the reduced result, if the job reduces its results. Otherwise returns all results as an
   * array, if the job has ended and its results are few enough for the view. An outcome that is
   * missing in the store is not passed off as null.
   */
  private @Nullable String fewResults(Job job) throws IOException {
    if (job.spec().reduce() != Reduce.LIST) {
      return job.status().result();
    }
    long total = job.status().tally().total();
    if (!job.status().state().isTerminal() || total > FEW_RESULTS) {
      return null;
    }
    if (total == 0) {
      return "[]";
    }
    var out = new ByteArrayOutputStream();
    boolean whole = results.array(job, new ItemRange(0, total), out, SMALL_RESULTS);
    return whole ? out.toString(StandardCharsets.UTF_8) : null;
  }
}
