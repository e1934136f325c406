package dev.manyhands.http.job;

import dev.manyhands.engine.worker.WorkerView;
import dev.manyhands.http.result.ResultsWriter;
import dev.manyhands.model.CommandSilence;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.store.JobGoneException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Makes the view of one job for clients, with its results if they are few. */
public final class JobViews {
  private static final long FEW_RESULTS = 100;
  private static final int SMALL_RESULTS = 16 << 10;

  private final ResultsWriter results;
  private final JsonMapper json;
  private final int slots;
  private final SlotHolders holders;
  private final Supplier<List<WorkerView>> workers;
  private final Clock clock;

  /**
   * @param slots how many workers may run at once
   * @param workers as they were about a second ago
   */
  public JobViews(
      ResultsWriter results,
      JsonMapper json,
      int slots,
      SlotHolders holders,
      Supplier<List<WorkerView>> workers,
      Clock clock) {
    this.results = results;
    this.json = json;
    this.slots = slots;
    this.holders = holders;
    this.workers = workers;
    this.clock = clock;
  }

  public byte[] of(Job job) throws IOException {
    Instant now = clock.instant();
    return json.writeValueAsBytes(JobView.of(job.summary(), now, fewResults(job), notes(job, now)));
  }

  /**
   * Returns the view of a job as the answer to a request that took effect. The view has no results
   * if the job has been deleted since.
   */
  byte[] afterwards(Job job) throws IOException {
    try {
      return of(job);
    } catch (JobGoneException deleted) {
      var view = JobView.of(job.summary(), clock.instant(), null, List.of());
      return json.writeValueAsBytes(view);
    }
  }

  private List<String> notes(Job job, Instant now) {
    var notes = new ArrayList<String>();
    if (CommandSilence.isSeenIn(job, WorkerView.silenceOf(job.id(), workers.get()), now)) {
      notes.add(CommandSilence.TEXT);
    } else if (AlikeFailures.mayBeIn(job)) {
      List<ItemError> first = results.firstErrors(job, AlikeFailures.SAMPLE);
      AlikeFailures.note(job, first).ifPresent(notes::add);
    }
    holders.noteFor(job, now).ifPresent(notes::add);
    Integer wanted = job.spec().workers();
    if (wanted != null && wanted > slots) {
      notes.add(
          "The job asks for %d workers, and this service has %d slots: no more than %d run at once."
              .formatted(wanted, slots, slots));
    }
    return notes;
  }

  /**
   * Returns all results as an array, if the job has ended and its results are few enough for the
   * view.
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
    results.array(job, new ItemRange(0, total), out, SMALL_RESULTS);
    return out.size() > SMALL_RESULTS ? null : out.toString(StandardCharsets.UTF_8);
  }
}
