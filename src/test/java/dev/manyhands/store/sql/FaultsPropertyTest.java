package dev.manyhands.store.sql;

import static dev.manyhands.store.JobStore.FIRST_VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.InputSegment;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.InputsOwner;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.store.CommitListener;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.JobStore.IdempotencyKey;
import dev.manyhands.store.KeyedAppend;
import dev.manyhands.store.StoreException;
import dev.manyhands.store.sql.FaultyDataSource.Fault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A random history of writes, while commits fail, succeed without an answer or find no database:
 * what was acknowledged is there, once; of what was refused nothing is there. A failure names the
 * seed that repeats the history, if not the race.
 */
class FaultsPropertyTest {
  private static final int ROUNDS = 30;
  private static final int STEPS = 150;

  @ParameterizedTest
  @EnumSource(DatabaseKind.class)
  void whatWasAcknowledgedIsThereOnceAndWhatWasRefusedIsNot(DatabaseKind kind) {
    try (var database = TestDatabase.fresh(kind)) {
      var sources = DataSources.of(database.settings());
      var faulty = new FaultyDataSource(sources.writer());
      var open =
          Database.open(
              kind.dialect(),
              new DataSources(faulty, sources.reader()),
              2,
              duration -> Thread.sleep(1), // as long as a database is away at least
              CommitListener.NONE);
      try (var stores = SqlStores.of(open, new TestClock())) {
        var jobs = new TestJobs();
        int refused = 0;
        for (long seed = 0; seed < ROUNDS; seed++) {
          refused += new Round(kind, stores.jobs(), faulty, jobs, seed).play();
        }
        assertThat(refused).as("there were faults enough").isGreaterThan(ROUNDS);
      }
    }
  }

  /** The expected final state of a job. */
  private static final class Expected {
    final List<byte[]> segments = new ArrayList<>();
    final List<ItemRange> outcomes = new ArrayList<>();
    long total;

    /** The items that were appended under a key. */
    KeyedAppend keyed = KeyedAppend.NONE;

    boolean open = true;
    int priority = JobSpec.DEFAULT_PRIORITY;
    boolean ended;

    /** The writing of its end; null before. */
    @Nullable CompletableFuture<Boolean> end;

    /** It was deleted, or may have been: that was refused, but cannot be taken back. */
    boolean mayBeGone;

    boolean mustBeGone;
  }

  private static final class Round {
    private final DatabaseKind kind;
    private final JobStore store;
    private final FaultyDataSource faulty;
    private final TestJobs jobs;
    private final long seed;
    private final Random random;
    private final Map<JobId, Expected> expected = new HashMap<>();
    private final List<Job> accepted = new ArrayList<>();
    private final List<Job> refusedJobs = new ArrayList<>();
    private final List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
    private final List<Boolean> answers = new ArrayList<>();
    private int refused;

    Round(DatabaseKind kind, JobStore store, FaultyDataSource faulty, TestJobs jobs, long seed) {
      this.kind = kind;
      this.store = store;
      this.faulty = faulty;
      this.jobs = jobs;
      this.seed = seed;
      this.random = new Random(seed);
    }

    int play() {
      for (int i = 0; i < STEPS; i++) {
        if (random.nextInt(8) == 0) {
          faulty.set(anyFault());
        } else if (random.nextInt(3) == 0) {
          faulty.set(Fault.NONE);
        }
        step();
      }
      faulty.set(Fault.NONE);
      assertThat(waiting.stream().map(CompletableFuture::join))
          .as("seed %d", seed)
          .isEqualTo(answers);
      // The undoing of what was in doubt has its turn before this.
      store.dropInputs(jobs.nextId()).join();
      check();
      return refused;
    }

    private Fault anyFault() {
      return switch (random.nextInt(5)) {
        case 0 -> Fault.GONE;
        case 1 -> Fault.COMMIT_LOST;
        case 2 -> Fault.CONFLICT;
        // On SQLite there is no network to lose an answer on.
        default -> kind == DatabaseKind.SQLITE ? Fault.COMMIT_LOST : Fault.COMMIT_ANSWER_LOST;
      };
    }

    private void step() {
      if (accepted.isEmpty() || random.nextInt(6) == 0) {
        submit();
        return;
      }
      Job job = accepted.get(random.nextInt(accepted.size()));
      Expected known = expected.get(job.id());
      if (known.mayBeGone) {
        return;
      }
      switch (random.nextInt(12)) {
        case 0 -> delete(job, known);
        case 1 -> finish(job, known);
        case 2 -> close(job, known);
        case 3 -> change(job, known);
        case 4, 5, 6 -> append(job, known);
        default -> record(job, known);
      }
    }

    private void submit() {
      JobId id = jobs.nextId();
      JobSpec spec = JobSpec.of(TestJobs.GCD, new Inputs.Open(false));
      var job = new Job(id, spec, TestClock.START, JobStatus.queued(0, true));
      var key = new IdempotencyKey("key of " + id, "print");
      // A client that was refused sends the submission again at once. The job counts as accepted if
      // its key is known then.
      if (taken(store.submit(job, null, key)) || isKnown(key)) {
        accepted.add(job);
        expected.put(id, new Expected());
      } else {
        refusedJobs.add(job);
      }
    }

    private boolean isKnown(IdempotencyKey key) {
      var answer = store.findByKey(key);
      return taken(answer) && answer.join().isPresent();
    }

    private void append(Job job, Expected known) {
      int count = 1 + random.nextInt(3);
      byte[] joined = TestJobs.values(known.total, known.total + count);
      boolean isKeyed = random.nextBoolean();
      var after = new KeyedAppend(known.keyed.items() + count, "d" + random.nextInt(), false);
      var part = new KeyedAppend.Part("k", known.keyed, after.items(), after.digest());
      var answer =
          isKeyed
              ? store.append(job.id(), part, joined, count)
              : store.append(job.id(), InputsOwner.CLIENT, joined, count);
      if (taken(answer)) {
        boolean should = known.open && !known.ended;
        if (isKeyed && should) {
          known.keyed = after;
        }
        assertThat(answer.join().isPresent()).as("seed %d", seed).isEqualTo(should);
        if (should) {
          assertThat(answer.join()).hasValue(ItemRange.ofCount(known.total, count));
          known.segments.add(joined);
          known.total += count;
        }
      }
    }

    private void close(Job job, Expected known) {
      var answer = store.closeInputs(job.id(), InputsOwner.CLIENT);
      if (taken(answer)) {
        assertThat(answer.join().isPresent())
            .as("seed %d", seed)
            .isEqualTo(known.open && !known.ended);
        known.open = false;
      }
    }

    private void change(Job job, Expected known) {
      int priority = 1 + random.nextInt(9);
      var answer = store.change(job.id(), job.spec().withControls(null, priority, 0, null, false));
      if (taken(answer) && answer.join()) {
        known.priority = priority;
      }
    }

    private void record(Job job, Expected known) {
      if (known.total == 0) {
        return;
      }
      long first = random.nextInt((int) known.total);
      long end = Math.min(known.total, first + 1 + random.nextInt(3));
      var items = new ItemRange(first, end);
      boolean free =
          known.outcomes.stream().allMatch(one -> one.end() <= first || one.first() >= end);
      waiting.add(store.record(job.id(), FIRST_VERSION, TestJobs.report(first, end)));
      answers.add(free && !known.ended);
      if (free && !known.ended) {
        known.outcomes.add(items);
      }
    }

    private void finish(Job job, Expected known) {
      var end = TestJobs.ended(JobState.CANCELLED, 0, known.total);
      var written = store.finish(job.id(), FIRST_VERSION, end).thenApply(Optional::isPresent);
      waiting.add(written);
      answers.add(!known.ended);
      known.end = known.end == null ? written : known.end;
      known.ended = true;
      known.open = false;
    }

    private void delete(Job job, Expected known) {
      boolean endIsStored = known.end != null && known.end.isDone();
      var answer = store.delete(job.id());
      if (taken(answer)) {
        // On a full disk it goes ahead of an end that waits to be stored.
        if (endIsStored || !known.ended) {
          assertThat(answer.join()).as("seed %d", seed).isEqualTo(known.ended);
        }
        known.mustBeGone = answer.join();
        known.mayBeGone = answer.join();
      } else {
        known.mayBeGone = known.ended;
      }
    }

    private boolean taken(CompletableFuture<?> answer) {
      try {
        answer.join();
        return true;
      } catch (CompletionException failure) {
        assertThat(failure).hasCauseInstanceOf(StoreException.class);
        refused++;
        return false;
      }
    }

    private void check() {
      for (Job job : refusedJobs) {
        assertThat(store.find(job.id())).as("seed %d: a refused job", seed).isEmpty();
        assertThat(store.findByKey(new IdempotencyKey("key of " + job.id(), "print")).join())
            .isEmpty();
      }
      for (Job job : accepted) {
        Expected known = expected.get(job.id());
        var found = store.find(job.id());
        if (known.mayBeGone) {
          assertThat(known.mustBeGone && found.isPresent()).as("seed %d", seed).isFalse();
          continue;
        }
        check(found.orElseThrow(() -> new AssertionError("lost, seed " + seed)), known);
      }
    }

    private void check(Job found, Expected known) {
      assertThat(store.appended(found.id(), "k")).as("seed %d", seed).isEqualTo(known.keyed);
      assertThat(found.status().state().isTerminal()).as("seed %d", seed).isEqualTo(known.ended);
      assertThat(found.spec().priority()).as("seed %d", seed).isEqualTo(known.priority);
      if (!known.ended) {
        assertThat(found.status().tally().total()).as("seed %d", seed).isEqualTo(known.total);
        assertThat(found.status().inputsOpen()).as("seed %d", seed).isEqualTo(known.open);
      }
      long next = 0;
      for (byte[] segment : known.segments) {
        InputSegment stored = store.inputsAt(found.id(), next);
        assertThat(new String(stored.bytes(), StandardCharsets.UTF_8))
            .as("seed %d", seed)
            .isEqualTo(new String(segment, StandardCharsets.UTF_8));
        next = stored.items().end();
      }
      assertThat(next).as("seed %d", seed).isEqualTo(known.total);
      var ranges = new ArrayList<ItemRange>();
      store.outcomes(
          found.id(),
          new ItemRange(0, Math.max(1, known.total)),
          report -> ranges.add(report.outcomes().items()));
      assertThat(ranges).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(known.outcomes);
    }
  }
}
