package dev.manyhands.store.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Inputs;
import dev.manyhands.model.InputsOwner;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.KeyedAppend;
import dev.manyhands.store.KeyedAppend.Part;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Appends under an idempotency key: of two that go on from one place, one is stored. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class AppendKeysTest {
  private final TestJobs jobs = new TestJobs();
  private final TestDatabase database;
  private JobStore store;
  private Job job;

  AppendKeysTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
  }

  @BeforeEach
  void open() {
    store = database.open(new TestClock()).jobs();
    JobSpec spec = JobSpec.of(TestJobs.GCD, new Inputs.Open(false));
    job = new Job(jobs.nextId(), spec, TestClock.START, JobStatus.queued(0, true));
    store.submit(job, null, null).join();
  }

  @AfterEach
  void close() {
    store.close();
    database.close();
  }

  private boolean append(String key, KeyedAppend before, String digest) {
    var part = new Part(key, before, before.items() + 2, digest);
    return store.append(job.id(), part, TestJobs.values(0, 2), 2).join().isPresent();
  }

  @Test
  void partsFollowEachOther() {
    assertThat(store.appended(job.id(), "a")).isEqualTo(KeyedAppend.NONE);
    var first = new Part("a", KeyedAppend.NONE, 2, "one");
    assertThat(store.append(job.id(), first, TestJobs.values(0, 2), 2).join())
        .contains(new ItemRange(0, 2));
    var two = new KeyedAppend(2, "one", false);
    assertThat(store.appended(job.id(), "a")).isEqualTo(two);

    assertThat(append("a", KeyedAppend.NONE, "other")).as("begun again").isFalse();
    assertThat(append("a", two, "two")).isTrue();
    assertThat(append("a", two, "three")).as("from the same place").isFalse();
    assertThat(append("b", KeyedAppend.NONE, "one")).as("another key").isTrue();
    assertThat(store.appended(job.id(), "a")).isEqualTo(new KeyedAppend(4, "two", false));
    assertThat(store.find(job.id()).orElseThrow().status().tally().total()).isEqualTo(6);
  }

  @Test
  void aWholeRequestTakesNothingMore() {
    assertThat(append("a", KeyedAppend.NONE, "one")).isTrue();
    var two = new KeyedAppend(2, "one", false);
    var tooFew = new Part("a", new KeyedAppend(1, "", false), 1, "");
    assertThat(store.completeAppend(job.id(), tooFew).join()).isFalse();
    assertThat(store.completeAppend(job.id(), new Part("a", two, 2, "one")).join()).isTrue();
    assertThat(store.completeAppend(job.id(), new Part("a", two, 2, "one")).join()).isFalse();
    assertThat(append("a", two, "two")).isFalse();
    assertThat(store.appended(job.id(), "a")).isEqualTo(new KeyedAppend(2, "one", true));
  }

  @Test
  void aRequestWithoutItemsIsWholeAtOnce() {
    var nothing = new Part("a", KeyedAppend.NONE, 0, "");
    assertThat(store.completeAppend(job.id(), nothing).join()).isTrue();
    assertThat(append("a", KeyedAppend.NONE, "one")).isFalse();
    assertThat(store.appended(job.id(), "a").isComplete()).isTrue();
  }

  @Test
  void whatIsNotAppendedLeavesNoKey() {
    store.closeInputs(job.id(), InputsOwner.CLIENT).join();
    assertThat(append("a", KeyedAppend.NONE, "one")).isFalse();
    assertThat(store.appended(job.id(), "a")).isEqualTo(KeyedAppend.NONE);
  }

  @Test
  void anAppendAtAnIndexIsForAJobWithExactlyTheItemsBefore() {
    byte[] two = TestJobs.values(0, 2);
    assertThat(store.appendAt(job.id(), 1, null, two, 2).join()).as("a gap").isEmpty();
    assertThat(store.appendAt(job.id(), 0, null, two, 2).join()).contains(new ItemRange(0, 2));
    assertThat(store.appendAt(job.id(), 0, null, two, 2).join()).as("taken").isEmpty();
    assertThat(store.itemsOf(job.id()).join()).contains(2L);

    // The first item of the request is there, the second is appended.
    var second = new Part("a", KeyedAppend.NONE, 2, "both");
    byte[] one = TestJobs.values(2, 3);
    assertThat(store.appendAt(job.id(), 1, second, one, 1).join()).isEmpty();
    assertThat(store.appended(job.id(), "a")).isEqualTo(KeyedAppend.NONE);
    assertThat(store.appendAt(job.id(), 2, second, one, 1).join()).contains(new ItemRange(2, 3));
    assertThat(store.appended(job.id(), "a")).isEqualTo(new KeyedAppend(2, "both", false));
    assertThat(store.appendAt(job.id(), 3, second, one, 1).join()).as("key gone on").isEmpty();

    // The third and last item of the request is there, too.
    var end = new Part("a", new KeyedAppend(2, "both", false), 3, "all");
    assertThat(store.completeAppend(job.id(), end).join()).isTrue();
    assertThat(store.appended(job.id(), "a")).isEqualTo(new KeyedAppend(3, "all", true));
    store.closeInputs(job.id(), InputsOwner.CLIENT).join();
    assertThat(store.appendAt(job.id(), 3, null, one, 1).join()).as("closed").isEmpty();
    assertThat(store.itemsOf(job.id()).join()).contains(3L);
  }

  @Test
  void keysGoWithTheirJob() {
    assertThat(append("a", KeyedAppend.NONE, "one")).isTrue();
    var end = TestJobs.ended(JobState.CANCELLED, 0, 2);
    store.finish(job.id(), JobStore.FIRST_VERSION, end).join();
    store.delete(job.id()).join();
    assertThat(store.appended(job.id(), "a")).isEqualTo(KeyedAppend.NONE);
    var nothing = new Part("b", KeyedAppend.NONE, 0, "");
    assertThat(store.completeAppend(job.id(), nothing).join()).isFalse();
  }
}
