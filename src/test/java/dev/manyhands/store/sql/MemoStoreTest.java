package dev.manyhands.store.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobNote;
import dev.manyhands.model.JobNote.Kind;
import dev.manyhands.model.JobState;
import dev.manyhands.store.MemoKey;
import dev.manyhands.store.MemoStore;
import dev.manyhands.store.MemoStore.Total;
import dev.manyhands.store.MemoStore.Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Values by their keys, and the bound on them. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class MemoStoreTest {
  private static final Instant NOON = TestClock.START;
  private static final JobId NOBODY = new JobId(new UUID(0, 0));

  private final TestJobs jobs = new TestJobs();

  private final TestDatabase database;
  private SqlStores stores;
  private MemoStore memo;

  MemoStoreTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
  }

  @BeforeEach
  void open() {
    stores = database.open(new TestClock());
    memo = stores.memo();
  }

  @AfterEach
  void close() {
    stores.close();
    database.close();
  }

  private static MemoKey key(long number) {
    return new MemoKey(number, -number, Long.MIN_VALUE + number, 7);
  }

  private static Value value(long number) {
    return new Value(key(number), ("\"value " + number + "\"").getBytes(UTF_8), number);
  }

  private static List<Value> values(long from, long to) {
    return LongStream.range(from, to).mapToObj(MemoStoreTest::value).toList();
  }

  private static List<MemoKey> keys(long from, long to) {
    return LongStream.range(from, to).mapToObj(MemoStoreTest::key).toList();
  }

  @Test
  void whatWasAddedIsFoundAndNothingElse() {
    // More than fills whole statements, on both ways.
    memo.add(NOBODY, values(0, 300), NOON).join();
    var found = memo.find(keys(250, 600));
    assertThat(found).hasSize(50);
    assertThat(found.get(key(299)).value()).isEqualTo(value(299).value());
    assertThat(found.get(key(299)).usedAt()).isEqualTo(NOON);
    assertThat(memo.find(List.of())).isEmpty();
    assertThat(memo.value(key(12)))
        .hasValueSatisfying(one -> assertThat(one).isEqualTo(value(12).value()));
    assertThat(memo.value(key(999))).isEmpty();
  }

  @Test
  void aKeyIsAddedOnceAndCountedOnce() {
    Total first = memo.add(NOBODY, values(0, 40), NOON).join();
    assertThat(first.entries()).isEqualTo(40);
    assertThat(first.bytes())
        .isEqualTo(values(0, 40).stream().mapToLong(one -> 32 + one.value().length).sum());
    assertThat(memo.add(NOBODY, values(0, 40), NOON.plusSeconds(1)).join()).isEqualTo(first);
    assertThat(memo.add(NOBODY, Collections.nCopies(50, value(41)), NOON).join().entries())
        .isEqualTo(41);
    assertThat(memo.find(keys(0, 1)).get(key(0)).usedAt()).isEqualTo(NOON);
  }

  @Test
  void aLargeValueIsReadByItself() {
    var large = new Value(key(1), new byte[MemoStore.MAX_INLINE_BYTES + 1], 1);
    var largest = new Value(key(2), new byte[MemoStore.MAX_INLINE_BYTES], 2);
    memo.add(NOBODY, List.of(large, largest), NOON).join();
    var found = memo.find(keys(0, 9));
    assertThat(found.get(key(1)).value()).isNull();
    assertThat(found.get(key(2)).value()).isEqualTo(largest.value());
    assertThat(memo.value(key(1)).orElseThrow()).hasSize(MemoStore.MAX_INLINE_BYTES + 1);
  }

  @Test
  void whatWasOfNoUseForTheLongestTimeGoesFirst() {
    memo.add(NOBODY, values(0, 100), NOON).join();
    memo.add(NOBODY, values(100, 200), NOON.plusSeconds(10)).join();
    memo.touch(keys(0, 30), NOON.plusSeconds(20)).join();
    Total left = memo.evict(70).join();
    assertThat(left).isEqualTo(memo.total());
    assertThat(left.entries()).isEqualTo(130);
    assertThat(memo.find(keys(0, 200)).keySet())
        .containsAll(keys(0, 30))
        .containsAll(keys(100, 200));
    assertThat(memo.evict(1_000).join()).isEqualTo(new Total(0, 0));
  }

  @Test
  void itIsThereAfterARestart() {
    Total before = memo.add(NOBODY, values(0, 10), NOON).join();
    stores.close();
    open();
    assertThat(memo.total()).isEqualTo(before);
    assertThat(memo.find(keys(0, 10))).hasSize(10);
  }

  private Job submitted() {
    Job job = jobs.job(3);
    stores.jobs().submit(job, TestJobs.inputs(0, 3), null).join();
    return job;
  }

  private static Value other(long number, long item) {
    return new Value(key(number), "\"another\"".getBytes(UTF_8), item);
  }

  @Test
  void aJobWithOtherValuesThanTheStoredOnesGetsANote() {
    memo.add(NOBODY, values(0, 100), NOON).join();
    Job same = submitted();
    Job different = submitted();
    memo.add(same.id(), values(50, 150), NOON).join();
    memo.add(different.id(), List.of(value(7), other(60, 1), other(61, 2)), NOON).join();
    memo.add(different.id(), List.of(other(62, 0)), NOON).join();

    assertThat(stores.jobs().notes(same.id())).isEmpty();
    assertThat(stores.jobs().notes(different.id()))
        .containsExactly(new JobNote(Kind.CACHE_DIFFERS, "1"));
    assertThat(memo.value(key(60)).orElseThrow()).isEqualTo(value(60).value());
  }

  @Test
  void aNoteIsFoundAmongManyValues() {
    memo.add(NOBODY, values(0, 64), NOON).join();
    Job job = submitted();
    var mixed = new ArrayList<>(values(0, 64));
    mixed.set(40, other(40, 2));
    memo.add(job.id(), mixed, NOON).join();

    assertThat(stores.jobs().notes(job.id())).containsExactly(new JobNote(Kind.CACHE_DIFFERS, "2"));
  }

  @Test
  void equalKeysWithDifferentValuesInOneReportGiveANoteThatGoesWithItsJob() throws Exception {
    Job job = submitted();
    memo.add(job.id(), List.of(value(1), value(1), other(1, 2)), NOON).join();

    assertThat(stores.jobs().notes(job.id())).containsExactly(new JobNote(Kind.CACHE_DIFFERS, "2"));
    assertThat(memo.total().entries()).isEqualTo(1);

    stores.jobs().finish(job.id(), 1, TestJobs.ended(JobState.SUCCEEDED, 3, 3)).join();
    assertThat(stores.jobs().delete(job.id()).join()).isTrue();
    assertThat(database.number("SELECT COUNT(*) FROM job_note")).isZero();
    memo.add(job.id(), List.of(other(1, 2)), NOON).join();
    assertThat(database.number("SELECT COUNT(*) FROM job_note")).isZero();
  }
}
