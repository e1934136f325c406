package dev.manyhands.store.sql;

import static dev.manyhands.store.JobStore.FIRST_VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Grant;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobState;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.store.JobStore;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random reports against an oracle that is a set of bits. Reports overlap and come late, under old
 * and new versions and after the end, in groups of any size. A failure names the seed that repeats
 * it.
 */
class ExactlyOncePropertyTest {
  private static final int ROUNDS = 100;
  private static final int ITEMS = 200;

  @ParameterizedTest
  @EnumSource(DatabaseKind.class)
  void everyItemGetsAtMostOneOutcomeUnderTheVersionInForce(DatabaseKind kind) {
    try (TestDatabase database = TestDatabase.fresh(kind);
        SqlStores stores = database.open(new TestClock())) {
      for (long seed = 0; seed < ROUNDS; seed++) {
        new Round(stores.jobs(), seed).play();
      }
    }
  }

  /** The life of one job and what should come of it. */
  private static final class Round {
    private final JobStore store;
    private final long seed;
    private final Random random;
    private final Job job;
    private final BitSet done = new BitSet();
    private final List<OutcomeReport> recorded = new ArrayList<>();
    private final List<CompletableFuture<Boolean>> answers = new ArrayList<>();
    private final List<Boolean> expected = new ArrayList<>();
    private long version = FIRST_VERSION;
    private boolean open = true;

    Round(JobStore store, long seed) {
      this.store = store;
      this.seed = seed;
      this.random = new Random(seed);
      var jobs = new TestJobs();
      for (long i = 0; i < seed; i++) {
        jobs.nextId(); // another id than the rounds before
      }
      this.job = jobs.job(ITEMS);
    }

    void play() {
      store.submit(job, null, null).join();
      int steps = 50 + random.nextInt(150);
      for (int i = 0; i < steps; i++) {
        step(random.nextInt(100));
      }
      assertThat(answers.stream().map(CompletableFuture::join))
          .as("seed %d", seed)
          .isEqualTo(expected);
      checkOutcomes();
      if (open) {
        checkGrant();
        expect(
            store
                .finish(job.id(), version, TestJobs.ended(JobState.CANCELLED, 0, ITEMS))
                .thenApply(Optional::isPresent),
            true);
        assertThat(answers.getLast().join()).as("seed %d", seed).isTrue();
      }
    }

    private void step(int die) {
      if (die < 90) {
        record();
      } else if (die < 96) {
        answers.forEach(CompletableFuture::join); // lets the next ones start a new group
      } else if (die < 98) {
        checkGrant();
      } else {
        long under = someVersion();
        var end = TestJobs.ended(JobState.CANCELLED, 0, ITEMS);
        boolean ends = open && under == version && random.nextInt(4) == 0;
        expect(
            store
                .finish(job.id(), ends || under != version ? under : version + 1, end)
                .thenApply(Optional::isPresent),
            ends);
        open &= !ends;
      }
    }

    private void record() {
      int first = random.nextInt(ITEMS);
      int end = Math.min(ITEMS, first + 1 + random.nextInt(random.nextBoolean() ? 3 : 40));
      long under = someVersion();
      boolean free = done.nextSetBit(first) < 0 || done.nextSetBit(first) >= end;
      boolean taken = open && under == version && free;
      OutcomeReport report = TestJobs.report(first, end);
      expect(store.record(job.id(), under, report), taken);
      if (taken) {
        done.set(first, end);
        recorded.add(report);
      }
    }

    private long someVersion() {
      return random.nextInt(5) == 0 ? version - 1 + random.nextInt(3) : version;
    }

    private void expect(CompletableFuture<Boolean> answer, boolean should) {
      answers.add(answer);
      expected.add(should);
    }

    private void checkGrant() {
      List<Grant> grants =
          store.grantUnfinished().stream()
              .filter(grant -> grant.job().id().equals(job.id()))
              .toList();
      if (!open) {
        assertThat(grants).as("seed %d", seed).isEmpty();
        return;
      }
      version++;
      Grant grant = grants.getFirst();
      var granted = new BitSet();
      grant.done().forEach(range -> granted.set((int) range.first(), (int) range.end()));
      assertThat(grant.version()).as("seed %d", seed).isEqualTo(version);
      assertThat(granted).as("seed %d", seed).isEqualTo(done);
      assertThat(grant.tally().succeeded()).as("seed %d", seed).isEqualTo(done.cardinality());
      assertThat(grant.tally().chunks()).as("seed %d", seed).isEqualTo(recorded.size());
    }

    private void checkOutcomes() {
      var found = new ArrayList<ItemRange>();
      store.outcomes(
          job.id(), new ItemRange(0, ITEMS), report -> found.add(report.outcomes().items()));
      assertThat(found)
          .as("seed %d", seed)
          .isEqualTo(
              recorded.stream()
                  .map(report -> report.outcomes().items())
                  .sorted((a, b) -> Long.compare(a.first(), b.first()))
                  .toList());
    }
  }
}
