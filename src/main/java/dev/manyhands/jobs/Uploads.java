package dev.manyhands.jobs;

import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.intake.ApiLimits;
import dev.manyhands.intake.BodyMemory;
import dev.manyhands.intake.JobBodyReader;
import dev.manyhands.intake.RequestKey;
import dev.manyhands.intake.StagedInputs;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.InputsOwner;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.json.JsonException;
import dev.manyhands.model.json.JsonScanner;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.KeyedAppend;
import dev.manyhands.store.StoreException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Accepts inputs that arrive as lines while the job already runs. Any number of lines go to the
 * store in segments, and to the scheduler as soon as they are stored. Safe for use by any thread.
 */
public final class Uploads {
  final JobDesk jobs;
  private final Submissions submissions;
  final JobStore store;
  final Scheduler scheduler;
  final ApiLimits limits;
  private final BodyMemory memory;

  public Uploads(
      JobDesk jobs,
      Submissions submissions,
      JobStore store,
      Scheduler scheduler,
      ApiLimits limits,
      BodyMemory memory) {
    this.memory = memory;
    this.jobs = jobs;
    this.submissions = submissions;
    this.store = store;
    this.scheduler = scheduler;
    this.limits = limits;
  }

  /**
   * Accepts a job whose first line is the job without inputs and whose other lines are items.
   *
   * @param begun is called once with the job, as soon as it is durable and before its items are
   *     read
   * @throws Refusal if a line is invalid; if the job had begun, it ends as failed, and the refusal
   *     names the job
   */
  public Job submit(InputStream lines, Consumer<Job> begun) {
    try (var hold = hold()) {
      return submit(lines, hold, begun);
    }
  }

  private Job submit(InputStream lines, BodyMemory.Hold hold, Consumer<Job> begun) {
    var growth = memory.new Growth(hold);
    var scanner = new JsonScanner(lines, limits.json(), growth);
    byte[] spec;
    long line = 1;
    try {
      scanner.peek(); // skips empty lines
      line = scanner.line();
      int start = scanner.valueOfAnySize();
      spec = Arrays.copyOfRange(scanner.buffer(), start, scanner.position());
      if (!scanner.takeLineEnd()) {
        throw Refusal.malformed(
            line(line),
            "must be the job alone, with a line feed behind it; curl's -d drops line feeds, so send"
                + " a file with --data-binary @file");
      }
    } catch (JsonException e) {
      throw JobBodyReader.refusal(e, line(line));
    } catch (UncheckedIOException cut) {
      throw brokeOff(scanner.line());
    }
    growth.items(true);
    return submit(spec, scanner, hold, begun);
  }

  /**
   * Returns the share of memory of a request that arrives in parts; empty at first. The caller
   * closes the share when the request is done.
   */
  public BodyMemory.Hold hold() {
    return memory.hold();
  }

  /**
   * Accepts a job that arrived apart from its lines.
   *
   * @param hold has room for the job
   * @param begun is called once with the job, as soon as it is durable and before its items are
   *     read
   */
  public Job submit(byte[] spec, InputStream lines, BodyMemory.Hold hold, Consumer<Job> begun) {
    return submit(spec, items(lines, hold), hold, begun);
  }

  private JsonScanner items(InputStream lines, BodyMemory.Hold hold) {
    var growth = memory.new Growth(hold);
    growth.items(true);
    return new JsonScanner(lines, limits.json(), growth);
  }

  /**
   * Returns a place for inputs that come before their job.
   *
   * @throws Refusal if there is no room for a job
   */
  public StagedInputs ahead() {
    submissions.refuseWhenFull();
    return submissions.staged();
  }

  /**
   * Reads inputs that come before their job.
   *
   * @throws Refusal if a line is invalid
   */
  public void read(InputStream lines, StagedInputs ahead, BodyMemory.Hold hold) {
    var scanner = items(lines, hold);
    long line = 1;
    try {
      while (scanner.peek() != -1) {
        line = scanner.line();
        int start = scanner.valueOfLine();
        ahead.add(scanner.buffer(), start, scanner.valueEnd(), line(line));
      }
    } catch (JsonException e) {
      throw badItem(e, line);
    } catch (UncheckedIOException cut) {
      throw brokeOff(scanner.line());
    }
  }

  /** Accepts the job of inputs that came before it. */
  public Job submit(byte[] spec, StagedInputs ahead) {
    return submissions.submit(spec, ahead);
  }

  static String line(long number) {
    return "line " + number;
  }

  static Refusal badItem(JsonException e, long line) {
    Refusal refusal = JobBodyReader.refusal(e, line(line));
    return e.problem() == JsonException.Problem.SYNTAX
        ? Refusal.malformed(
            line(line),
            refusal.getMessage()
                + "; each line must be one JSON value, text in quotes ('jq -R .' puts lines of text"
                + " in quotes)")
        : refusal;
  }

  private static Refusal brokeOff(long line) {
    return Refusal.malformed(line(line), "the request broke off here");
  }

  private static Refusal storeAway(CompletionException e) {
    if (e.getCause() instanceof StoreException) {
      return Refusal.unavailable("the store is not available; try again later");
    }
    throw e;
  }

  private Job submit(byte[] spec, JsonScanner scanner, BodyMemory.Hold hold, Consumer<Job> begun) {
    if (spec.length > limits.maxSpecBytes()) {
      throw Refusal.tooLarge("", "a job may have at most " + limits.maxSpecBytes() + " bytes");
    }
    Job job = submissions.submitBeforeInputs(spec);
    // The job is accepted by now; its lines may take long.
    hold.shrinkTo(scanner.buffer().length);
    boolean whole = false;
    Refusal bad = null;
    try {
      begun.accept(job);
      new Upload(this, job, InputsOwner.UPLOAD, scanner, null, null).run();
      if (!close(job.id(), InputsOwner.UPLOAD)) {
        throw notOpen(job.id());
      }
      whole = true;
      return job;
    } catch (UncheckedIOException cut) {
      throw naming(job, brokeOff(scanner.line()));
    } catch (CompletionException e) {
      throw naming(job, storeAway(e));
    } catch (Refusal refusal) {
      Job now = refusal.reason() == Refusal.Reason.CONFLICT ? jobs.get(job.id()) : job;
      if (now.status().state().isTerminal()) {
        // The job has ended early or was cancelled, so nobody needs the other items.
        whole = true;
        return now;
      }
      bad = refusal;
      throw naming(job, refusal);
    } finally {
      if (!whole) {
        fail(job.id(), bad);
      }
    }
  }

  private static Refusal naming(Job job, Refusal refusal) {
    return refusal.with(
        "job",
        job.id().toString(),
        "job " + job.id() + " had begun; it gets no more items, and keeps the results it has");
  }

  /**
   * Ends a job whose upload has ended too early.
   *
   * @param bad why the upload was refused; null if it was cut
   */
  private void fail(JobId id, @Nullable Refusal bad) {
    if (bad == null) {
      scheduler.fail(id, "uploadCut", Scheduler.UPLOAD_CUT);
      return;
    }
    String message =
        "the request that carried the inputs was refused: "
            + bad.sentence()
            + ". Finished items keep their results. Mend the line and submit the job again, or run the"
            + " items before it by POST …/retry with {\"only\": \"unfinished\"}";
    scheduler.fail(id, "uploadRefused", new JobError("UPLOAD_REFUSED", message, null));
  }

  /**
   * Appends lines to a job with open inputs.
   *
   * @param key under which lines are appended once, even if they are sent several times; null for
   *     none
   * @param first the index of the first line among the items of the job; items that are there
   *     already are compared; null to append behind all items
   * @return whether any item was appended
   * @throws Refusal if a line is invalid; the lines before it are appended, and the refusal has
   *     their number
   */
  public boolean append(Job job, InputStream lines, @Nullable String key, @Nullable Long first) {
    if (first != null && job.spec().inputs().owner() != InputsOwner.CLIENT) {
      throw notOpen(job.id());
    }
    KeyedRequest keyed = RequestKey.ofNullable(key).map(name -> keyed(job.id(), name)).orElse(null);
    try (var hold = hold()) {
      JsonScanner scanner = items(lines, hold);
      PlacedRequest placed = first == null ? null : placed(job.id(), first);
      var upload = new Upload(this, job, InputsOwner.CLIENT, scanner, keyed, placed);
      try {
        upload.run();
        return upload.hasAppended();
      } catch (UncheckedIOException cut) {
        throw upload.counting(brokeOff(scanner.line()));
      } catch (CompletionException e) {
        throw upload.counting(storeAway(e));
      } catch (Refusal refusal) {
        boolean ofKeyOrJob =
            refusal.reason() == Refusal.Reason.INVALID
                || refusal.reason() == Refusal.Reason.CONFLICT;
        throw ofKeyOrJob && upload.stored() == 0 ? refusal : upload.counting(refusal);
      }
    }
  }

  /**
   * Makes the placed request. Called after {@link #keyed}: the number of items that is read here
   * then covers all items that are stored under the key.
   */
  private PlacedRequest placed(JobId id, long first) {
    try {
      return new PlacedRequest(store, scheduler, id, first);
    } catch (CompletionException e) {
      throw storeAway(e);
    }
  }

  private KeyedRequest keyed(JobId id, RequestKey key) {
    KeyedAppend stored = store.appended(id, key.name());
    String asSent = key.asSent();
    if (asSent != null && stored.equals(KeyedAppend.NONE)) {
      KeyedAppend earlier = store.appended(id, asSent);
      if (!earlier.equals(KeyedAppend.NONE)) {
        return new KeyedRequest(asSent, earlier);
      }
    }
    return new KeyedRequest(key.name(), stored);
  }

  /**
   * Records durably that clients append no more.
   *
   * @return false if the inputs were closed before, by a client or because the job has ended
   * @throws Refusal if clients may not close these inputs
   */
  public boolean close(Job job) {
    boolean closed = close(job.id(), InputsOwner.CLIENT);
    if (!closed && job.spec().inputs().owner() != InputsOwner.CLIENT) {
      throw notOpen(job.id());
    }
    if (!closed) {
      closeAgain(job.id());
    }
    return closed;
  }

  private boolean close(JobId id, InputsOwner by) {
    // The writer's thread notifies the scheduler before a second close is answered.
    return store
        .closeInputs(id, by)
        .whenComplete((total, failure) -> {
          if (failure == null) {
            total.ifPresent(items -> scheduler.closeInputs(id, items));
          }
        })
        .join()
        .isPresent();
  }

  /**
   * Notifies the scheduler again. It may have missed the first close, for example for lack of
   * memory.
   */
  private void closeAgain(JobId id) {
    store
        .find(id)
        .map(Job::status)
        .filter(stored -> !stored.state().isTerminal() && !stored.inputsOpen())
        .ifPresent(stored -> scheduler.closeInputs(id, stored.tally().total()));
  }

  Refusal notOpen(JobId id) {
    Job job = jobs.get(id);
    if (job.status().state().isTerminal()) {
      return Refusal.conflict(
          "job " + id + " has ended (" + job.status().state() + ") and takes no more inputs");
    }
    String why =
        switch (job.spec().inputs()) {
          case Inputs.Results results ->
              "the inputs of job " + id + " are the results of job " + results.job();
          case Inputs.Open open when open.upload() ->
              "the inputs of job " + id + " come with the request that submitted it";
          case Inputs.Open _ -> "the inputs of job " + id + " are closed";
          default -> "the inputs of job " + id + " are not open";
        };
    return Refusal.conflict(
        why + "; to append inputs, submit a job with \"inputs\": {\"open\": true}");
  }
}
