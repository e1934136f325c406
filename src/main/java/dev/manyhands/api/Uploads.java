package dev.manyhands.api;

import dev.manyhands.job.Inputs;
import dev.manyhands.job.InputsOwner;
import dev.manyhands.job.ItemRange;
import dev.manyhands.job.Job;
import dev.manyhands.job.JobId;
import dev.manyhands.job.Refusal;
import dev.manyhands.json.JsonException;
import dev.manyhands.json.JsonScanner;
import dev.manyhands.scheduler.Scheduler;
import dev.manyhands.store.JobStore;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Inputs that come in as lines while the job is already running: whatever their number, they go to
 * the store in segments, and to the scheduler as soon as they are there. Safe for use by any
 * thread.
 */
final class Uploads {
  private static final int SEGMENT_BYTES = 256 << 10;

  private final Jobs jobs;
  private final JobStore store;
  private final Scheduler scheduler;
  private final ApiLimits limits;
  private final BodyMemory memory;

  Uploads(Jobs jobs, JobStore store, Scheduler scheduler, ApiLimits limits, BodyMemory memory) {
    this.memory = memory;
    this.jobs = jobs;
    this.store = store;
    this.scheduler = scheduler;
    this.limits = limits;
  }

  /**
   * Takes in a job: on the first line itself without inputs, on each other an item.
   *
   * @throws Refusal if a line is not as it must be; if the job had begun, it ends as failed
   */
  Job submit(InputStream lines) {
    try (var hold = hold()) {
      return submit(lines, hold);
    }
  }

  private Job submit(InputStream lines, BodyMemory.Hold hold) {
    var growth = memory.new Growth(hold);
    var scanner = new JsonScanner(lines, limits.json(), growth);
    byte[] spec;
    try {
      int start = scanner.value();
      spec = Arrays.copyOfRange(scanner.buffer(), start, scanner.position());
      if (!scanner.takeLineEnd()) {
        throw Refusal.malformed(
            line(1),
            "must be the job alone, with a line feed behind it; curl's -d drops line feeds, so send"
                + " a file with --data-binary @file");
      }
    } catch (JsonException e) {
      throw Submission.refusal(e, line(1));
    } catch (UncheckedIOException cut) {
      throw brokeOff(1);
    }
    growth.items(true);
    return submit(spec, scanner, 2, hold);
  }

  /** Room for a request that comes in parts; to be closed when it is done. */
  BodyMemory.Hold hold() {
    return memory.hold();
  }

  /**
   * Takes in a job that came apart from its lines.
   *
   * @param hold has room for the job
   */
  Job submit(byte[] spec, InputStream lines, BodyMemory.Hold hold) {
    return submit(spec, items(lines, hold), 1, hold);
  }

  private JsonScanner items(InputStream lines, BodyMemory.Hold hold) {
    var growth = memory.new Growth(hold);
    growth.items(true);
    return new JsonScanner(lines, limits.json(), growth);
  }

  /**
   * For inputs that come before their job.
   *
   * @throws Refusal if there is no room for a job
   */
  InputsAhead ahead() {
    jobs.refuseWhenFull();
    return new InputsAhead(jobs.nextId(), store, limits.maxItems());
  }

  /**
   * Reads such inputs.
   *
   * @throws Refusal if a line is not as it must be
   */
  void read(InputStream lines, InputsAhead ahead, BodyMemory.Hold hold) {
    var scanner = items(lines, hold);
    try {
      while (scanner.peek() != -1) {
        int start = scanner.value();
        ahead.add(scanner.buffer(), start, scanner.position(), line(ahead.count() + 1));
      }
    } catch (JsonException e) {
      throw Submission.refusal(e, line(ahead.count() + 1));
    } catch (UncheckedIOException cut) {
      throw brokeOff(ahead.count() + 1);
    }
  }

  /** Takes in the job of such inputs. */
  Job submit(byte[] spec, InputsAhead ahead) {
    return jobs.submit(spec, ahead);
  }

  private static String line(long number) {
    return "line " + number;
  }

  private static Refusal brokeOff(long line) {
    return Refusal.malformed(line(line), "the request broke off here");
  }

  private Job submit(byte[] spec, JsonScanner scanner, int firstLine, BodyMemory.Hold hold) {
    if (spec.length > limits.maxSpecBytes()) {
      throw Refusal.tooLarge("", "a job may have at most " + limits.maxSpecBytes() + " bytes");
    }
    Job job = jobs.submitBeforeInputs(spec);
    // The job is held by now; its lines may take long.
    hold.shrinkTo(scanner.buffer().length);
    boolean whole = false;
    try {
      new Upload(job.id(), InputsOwner.UPLOAD, scanner, firstLine, null).run();
      if (!close(job.id(), InputsOwner.UPLOAD)) {
        throw notOpen(job.id());
      }
      whole = true;
      return job;
    } catch (Refusal refusal) {
      if (refusal.reason() != Refusal.Reason.CONFLICT) {
        throw refusal;
      }
      Job now = jobs.get(job.id());
      if (!now.status().state().isTerminal()) {
        throw refusal;
      }
      // Its first items have decided it, or it was cancelled: nobody needs the other items.
      whole = true;
      return now;
    } finally {
      if (!whole) {
        scheduler.fail(job.id(), "uploadCut", Scheduler.UPLOAD_CUT);
      }
    }
  }

  /**
   * Appends lines to a job with open inputs.
   *
   * @param key under which lines are appended once, however often they are sent; null for none
   * @throws Refusal if a line is not as it must be; those before it are taken
   */
  void append(JobId id, InputStream lines, @Nullable String key) {
    var keyed = key == null ? null : new KeyedRequest(key, store.appended(id, key));
    try (var hold = hold()) {
      new Upload(id, InputsOwner.CLIENT, items(lines, hold), 1, keyed).run();
    }
  }

  /**
   * Notes that clients append no more, durably.
   *
   * @return false if the inputs were closed before, by a client or because the job has ended
   * @throws Refusal if the inputs are not theirs to close
   */
  boolean close(Job job) {
    boolean closed = close(job.id(), InputsOwner.CLIENT);
    if (!closed && job.spec().inputs().owner() != InputsOwner.CLIENT) {
      throw notOpen(job.id());
    }
    return closed;
  }

  private boolean close(JobId id, InputsOwner by) {
    Optional<Long> total = store.closeInputs(id, by).join();
    total.ifPresent(items -> scheduler.closeInputs(id, items));
    return total.isPresent();
  }

  private Refusal notOpen(JobId id) {
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

  /** One request's lines on their way. */
  private final class Upload {
    private final JobId id;
    private final InputsOwner by;
    private final JsonScanner scanner;
    private final @Nullable KeyedRequest keyed;
    private long line;
    private int count;
    private ByteArrayOutputStream segment = new ByteArrayOutputStream();

    /**
     * The append before: the next one waits for it, which keeps the order and bounds the memory.
     */
    private @Nullable CompletableFuture<Optional<ItemRange>> before;

    Upload(
        JobId id,
        InputsOwner by,
        JsonScanner scanner,
        int firstLine,
        @Nullable KeyedRequest keyed) {
      this.id = id;
      this.by = by;
      this.scanner = scanner;
      this.keyed = keyed;
      this.line = firstLine;
    }

    void run() {
      try {
        while (scanner.peek() != -1) {
          add(scanner.value());
        }
      } catch (JsonException e) {
        throw Submission.refusal(e, line(line));
      } catch (UncheckedIOException cut) {
        throw brokeOff(line);
      } finally {
        flush();
        awaitBefore();
      }
      if (keyed != null) {
        complete(keyed);
      }
    }

    private void complete(KeyedRequest keyed) {
      keyed.end();
      if (!keyed.isRepeated() && !store.completeAppend(id, keyed.nextPart()).join()) {
        throw refused();
      }
    }

    private void add(int start) {
      if (keyed != null && keyed.isStored(scanner.buffer(), start, scanner.position())) {
        line++;
        return;
      }
      if (count > 0) {
        segment.write(',');
      }
      segment.write(scanner.buffer(), start, scanner.position() - start);
      count++;
      line++;
      boolean full = segment.size() >= SEGMENT_BYTES;
      boolean idle = scanner.isDrained() && (before == null || before.isDone());
      if (full || idle) {
        flush();
      }
    }

    private void flush() {
      if (count == 0) {
        return;
      }
      awaitBefore();
      before =
          append()
              .whenComplete((taken, failure) -> {
                if (failure == null) {
                  taken.ifPresent(items -> scheduler.append(id, items));
                }
              });
      segment = new ByteArrayOutputStream();
      count = 0;
    }

    private CompletableFuture<Optional<ItemRange>> append() {
      byte[] joined = segment.toByteArray();
      return keyed == null
          ? store.append(id, by, joined, count)
          : store.append(id, keyed.nextPart(), joined, count);
    }

    private Refusal refused() {
      return keyed != null && jobs.get(id).status().inputsOpen()
          ? Refusal.conflict(
              "another request appends to job "
                  + id
                  + " under the same Idempotency-Key; send this one again when that has ended")
          : notOpen(id);
    }

    private void awaitBefore() {
      if (before == null) {
        return;
      }
      ItemRange taken = before.join().orElseThrow(this::refused);
      before = null;
      if (taken.end() > limits.maxItems()) {
        throw Refusal.tooLarge(
            line(line),
            "a job may have at most " + limits.maxItems() + " items (manyhands.limits.items)");
      }
    }
  }
}
