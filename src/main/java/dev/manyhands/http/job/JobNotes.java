package dev.manyhands.http.job;

import dev.manyhands.engine.worker.WorkerView;
import dev.manyhands.http.result.ResultsWriter;
import dev.manyhands.model.CommandSilence;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobNote;
import dev.manyhands.store.JobStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Finds hints about one job for its user: its {@code notes}. */
public final class JobNotes {
  private final ResultsWriter results;
  private final JobStore store;
  private final SlotHolders holders;
  private final Supplier<List<WorkerView>> workers;
  private final int slots;

  /**
   * @param workers as they were about a second ago
   * @param slots how many workers may run at once
   */
  public JobNotes(
      ResultsWriter results,
      JobStore store,
      SlotHolders holders,
      Supplier<List<WorkerView>> workers,
      int slots) {
    this.results = results;
    this.store = store;
    this.holders = holders;
    this.workers = workers;
    this.slots = slots;
  }

  List<String> of(Job job, Instant now) {
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
    if (mayBeNoted(job)) {
      store.notes(job.id()).forEach(note -> notes.add(text(note, job)));
    }
    return notes;
  }

  /** Whether the store may have notes on the job. Most jobs thus cost no query. */
  private static boolean mayBeNoted(Job job) {
    return job.spec().remembers()
        || job.spec().seed() != null
        || job.spec().function().definition().answersByOrder();
  }

  private static String text(JobNote note, Job job) {
    return switch (note.kind()) {
      case CACHE_DIFFERS ->
          ("The cache may answer wrongly: item %s had another result than an item with an equal key"
                  + " of the cache. The function depends on more than its item. %s")
              .formatted(note.detail(), remedy(job));
      case SEEDS_ITSELF ->
          ("The job has a \"seed\", but the code has %s: these random numbers do not come from the"
                  + " seed. Draw them from manyhands.rng(), or leave the call out: random and"
                  + " numpy.random are seeded for each item%s. A generator of numpy:"
                  + " numpy.random.default_rng(manyhands.rng().getrandbits(128)).")
              .formatted(note.detail(), job.spec().threads() > 1 ? " if \"threads\" is 1" : "");
      case LINE_TOO_MANY ->
          ("Do not trust the results: after the end of the job %s. Each answer may be that of another"
                  + " item. Write one line for each item and all else to stderr, or let the command"
                  + " name its items (\"indexed\": true).")
              .formatted(note.detail());
    };
  }

  private static String remedy(Job job) {
    return job.spec().seed() == null
        ? "If it draws random numbers, give the job a \"seed\"; otherwise leave \"cache\" out."
        : "Draw random numbers from manyhands.rng() (Java: context.random()), or leave \"cache\""
            + " out.";
  }
}
