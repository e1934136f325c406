package dev.manyhands.store.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.NamedSet;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.SharedKind;
import dev.manyhands.model.SharedObject;
import dev.manyhands.model.SharedSetId;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.JobStore.IdempotencyKey;
import dev.manyhands.store.NamedSetStore;
import dev.manyhands.store.SharedStore.Change;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sets of shared objects stay as long as unfinished jobs use them, and as their time to live. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class NamedSetStoreTest {
  private static final Instant NOON = TestClock.START;
  private static final Duration TTL = Duration.ofHours(1);
  private static final List<Change> FIRST =
      List.of(
          new Change("", "", 0, "1".getBytes(UTF_8)),
          new Change("seen", "\"a\"", 0, "2".getBytes(UTF_8)));

  private final TestJobs jobs = new TestJobs();
  private final TestDatabase database;
  private SqlStores stores;
  private NamedSetStore sets;

  NamedSetStoreTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
    open();
  }

  private void open() {
    stores = database.open(new TestClock());
    sets = stores.sharedSets();
  }

  @AfterEach
  void close() {
    stores.close();
    database.close();
  }

  private static NamedSet set(int number, String name) {
    var objects =
        Map.of(
            "seen", new SharedObject(SharedKind.DICT, "{}", null),
            "few", new SharedObject(SharedKind.QUEUE, "[]", 3L));
    var id = new SharedSetId(new UUID(9, number));
    return new NamedSet(id, name, "d", objects, JobSpec.Values.PYTHON, TTL, NOON, NOON);
  }

  private NamedSet created(int number, String name) {
    NamedSet set = set(number, name);
    assertThat(sets.create(set, FIRST, 9).join().created()).isTrue();
    return set;
  }

  private Job submitted(NamedSet set, boolean waits) {
    return submitted(set, waits, null);
  }

  private Job submitted(NamedSet set, boolean waits, IdempotencyKey key) {
    var spec =
        TestJobs.spec(TestJobs.GCD, 4, Map.of()).toBuilder()
            .shared(set.objects())
            .sharedSet(set.use())
            .build();
    JobStatus status = JobStatus.queued(4);
    var job = new Job(jobs.nextId(), spec, NOON, waits ? status.waiting() : status);
    stores.jobs().submit(job, null, key).join();
    return job;
  }

  private void end(JobId job) {
    stores
        .jobs()
        .finish(job, JobStore.FIRST_VERSION, TestJobs.ended(JobState.CANCELLED, 0, 4))
        .join();
  }

  @Test
  void aSetIsReadAsItWasWritten() {
    NamedSet one = created(1, "one");
    NamedSet other = created(2, "a.other");
    stores.close();
    open();
    assertThat(sets.find("one")).contains(one);
    assertThat(sets.find(one.id())).contains(one);
    assertThat(sets.list()).containsExactly(other, one);
    assertThat(sets.find("none")).isEmpty();
    assertThat(stores.shared().read(one.id())).hasSize(2);
  }

  @Test
  void aNameIsTakenOnce() {
    NamedSet one = created(1, "one");
    NamedSet again = set(2, "one").withTtl(TTL.multipliedBy(2)).withUse(NOON.plusSeconds(5));
    var renewed = sets.create(again, FIRST, 9).join();
    assertThat(renewed.created()).isFalse();
    assertThat(renewed.set())
        .isEqualTo(one.withTtl(TTL.multipliedBy(2)).withUse(NOON.plusSeconds(5)));
    assertThat(sets.find("one")).contains(renewed.set());
    NamedSet different =
        new NamedSet(again.id(), "one", "e", Map.of(), again.values(), TTL, NOON, NOON);
    assertThat(sets.create(different, FIRST, 9).join().set()).isEqualTo(renewed.set());
    assertThat(sets.create(set(3, "more"), FIRST, 1).join().set()).isNull();
    assertThat(sets.list()).containsExactly(renewed.set());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anUnfinishedJobKeepsItsSet(boolean waits) {
    NamedSet set = created(1, "one");
    Job job = submitted(set, waits);
    Instant later = NOON.plus(Duration.ofDays(9));
    assertThat(sets.expired(later)).isEmpty();
    assertThat(sets.delete(set.id()).join()).isFalse();
    assertThat(sets.deleteExpired(set.id(), later).join()).isFalse();
    stores.close();
    open();
    stores.jobs().grantUnfinished();
    assertThat(sets.delete(set.id()).join()).isFalse();
    assertThat(sets.users(set.id(), 9)).containsExactly(job.id());
    assertThat(sets.useCounts()).isEqualTo(Map.of(set.id(), 1L));
  }

  /** The end of a job is a use of its set, in one commit. */
  @Test
  void theTimeToLiveBeginsWithTheEndOfTheLastJob() {
    NamedSet set = created(1, "one");
    Job job = submitted(set, false);
    end(job.id());
    Instant ended = NOON.plusSeconds(60);
    assertThat(sets.find(set.id())).contains(set.withUse(ended));
    assertThat(sets.users(set.id(), 9)).isEmpty();
    assertThat(sets.expired(ended.plus(TTL).minusMillis(1))).isEmpty();
    assertThat(sets.expired(ended.plus(TTL))).containsExactly(set.withUse(ended));

    sets.used(set.id(), ended.plusSeconds(9)).join();
    sets.used(set.id(), ended).join(); // too late
    assertThat(sets.deleteExpired(set.id(), ended.plus(TTL)).join()).isFalse();
    assertThat(sets.deleteExpired(set.id(), ended.plus(TTL).plusSeconds(9)).join()).isTrue();
    assertThat(stores.jobs().find(job.id())).isPresent();
    assertThat(stores.jobs().delete(job.id()).join()).isTrue();
  }

  /** Nothing is left of such a job: its key may be used again. */
  @Test
  void aJobWhoseSetIsGoneIsRefused() {
    NamedSet set = created(1, "one");
    assertThat(sets.delete(set.id()).join()).isTrue();
    assertThat(sets.delete(set.id()).join()).isFalse();
    created(2, "one"); // is another set
    var key = new IdempotencyKey("key", "print");
    assertThatThrownBy(() -> submitted(set, false, key))
        .hasCauseInstanceOf(Refusal.class)
        .hasMessageContaining("is gone");
    assertThat(stores.jobs().findByKey(key).join()).isEmpty();
    assertThat(sets.useCounts()).isEmpty();
  }

  @Test
  void theObjectsGoWithTheSet() throws SQLException {
    NamedSet one = created(1, "one");
    NamedSet other = created(2, "other");
    assertThat(sets.delete(one.id()).join()).isTrue();
    assertThat(stores.shared().read(one.id())).isEmpty();
    stores.shared().write(one.id(), 1, () -> FIRST).join();
    stores.jobs().dropInputs(jobs.nextId()).join(); // ends after the sweep
    assertThat(database.number("SELECT COUNT(*) FROM shared_entry")).isEqualTo(2);

    database.execute("DELETE FROM shared_set WHERE id = ?", one.id().toString());
    created(3, "third");
    database.execute("DELETE FROM shared_set WHERE id = ?", set(3, "third").id().toString());
    stores.close();
    open();
    stores.jobs().grantUnfinished(); // sweeps what an earlier service has left
    stores.jobs().dropInputs(jobs.nextId()).join();
    assertThat(database.number("SELECT COUNT(*) FROM shared_entry")).isEqualTo(2);
    assertThat(stores.shared().read(other.id())).hasSize(2);
  }
}
