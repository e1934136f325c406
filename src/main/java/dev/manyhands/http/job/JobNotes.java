package dev.manyhands.http.job;

import dev.manyhands.engine.shared.SharedObjects;
import dev.manyhands.engine.worker.WorkerView;
import dev.manyhands.engine.worker.sandbox.WorkerLimits;
import dev.manyhands.http.result.ResultsWriter;
import dev.manyhands.model.CommandSilence;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobNote;
import dev.manyhands.model.JobSpec;
import dev.manyhands.store.JobStore;
import dev.manyhands.support.Sizes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Finds hints about one job for its user: its {@code notes}. */
public final class JobNotes {
  private static final String SEED_AND_SHARED =
      "The job has a \"seed\" and shared objects. Their content depends on the order in which"
          + " items run. The results may therefore differ from run to run.";

  private final ResultsWriter results;
  private final JobStore store;
  private final SlotHolders holders;
  private final Supplier<List<WorkerView>> workers;
  private final int slots;
  private final WorkerLimits limits;
  private final SharedObjects shared;

  /**
   * @param workers as they were about a second ago
   * @param slots how many workers may run at once
   */
  public JobNotes(
      ResultsWriter results,
      JobStore store,
      SlotHolders holders,
      Supplier<List<WorkerView>> workers,
      int slots,
      WorkerLimits limits,
      SharedObjects shared) {
    this.results = results;
    this.store = store;
    this.holders = holders;
    this.workers = workers;
    this.slots = slots;
    this.limits = limits;
    this.shared = shared;
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
    fewerWorkers(job.spec(), slots, limits).ifPresent(notes::add);
    if (!job.spec().shared().isEmpty()) {
      SharedWaitNote.of(job.id(), workers.get(), shared.waits(job)).ifPresent(notes::add);
    }
    if (job.spec().seed() != null && !job.spec().shared().isEmpty()) {
      notes.add(SEED_AND_SHARED);
    }
    if (mayBeNoted(job)) {
      store.notes(job.id()).forEach(note -> notes.add(text(note, job)));
    }
    return notes;
  }

  /** Explains why a job never has all workers that it asks for; empty if it may have them. */
  static Optional<String> fewerWorkers(JobSpec spec, int slots, WorkerLimits limits) {
    Integer wanted = spec.workers();
    if (wanted == null) {
      return Optional.empty();
    }
    long each = limits.memoryOf(spec, slots);
    long budget = limits.memoryBudgetBytes();
    // One worker always runs, also if it is larger than the budget.
    long fit = budget > 0 && each > 0 ? Math.max(1, budget / each) : slots;
    if (Math.min(wanted, slots) > fit) {
      return Optional.of(
          "The job asks for %d workers of %s each, and the memory budget of this service is %s: no more than %d run at once. A smaller \"memory\" lets more of them run."
              .formatted(wanted, Sizes.text(each), Sizes.text(budget), fit));
    }
    return wanted > slots
        ? Optional.of(
            "The job asks for %d workers, and this service has %d slots: no more than %d run at once."
                .formatted(wanted, slots, slots))
        : Optional.empty();
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
                  + " seed. Draw them from manyhands.rng(), or %s. A generator of numpy:"
                  + " numpy.random.default_rng(manyhands.rng().getrandbits(128)).")
              .formatted(note.detail(), otherRemedy(job));
      case LINE_TOO_MANY ->
          ("Do not trust the results: after the end of the job %s. Each answer may be that of another"
                  + " item. Write one line for each item and all else to stderr, or let the command"
                  + " name its items (\"indexed\": true).")
              .formatted(note.detail());
    };
  }

  private static String otherRemedy(Job job) {
    return job.spec().threads() > 1
        ? "set \"threads\" to 1: threads share random and numpy.random, which are therefore seeded"
            + " only in jobs with one thread"
        : "leave the call out: random and numpy.random are seeded for each item";
  }

  private static String remedy(Job job) {
    return job.spec().seed() == null
        ? "If it draws random numbers, give the job a \"seed\"; otherwise leave \"cache\" out."
        : "Draw random numbers from manyhands.rng() (Java: context.random()), or leave \"cache\""
            + " out.";
  }
}
