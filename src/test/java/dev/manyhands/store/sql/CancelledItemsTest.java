package dev.manyhands.store.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import dev.manyhands.store.JobStore;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Cancelled items are stored as few ranges, by few statements. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class CancelledItemsTest {
  private static final long ITEMS = 10_000;

  private final TestJobs jobs = new TestJobs();
  private final TestDatabase database;
  private JobStore store;
  private JobId id;

  CancelledItemsTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
  }

  @BeforeEach
  void submit() {
    store = database.open(new TestClock()).jobs();
    id = jobs.nextId();
    JobSpec spec = JobSpec.of(TestJobs.GCD, new Inputs.Range(0, ITEMS, 1));
    store.submit(new Job(id, spec, TestClock.START, JobStatus.queued(ITEMS)), null, null).join();
  }

  @AfterEach
  void close() {
    store.close();
    database.close();
  }

  @Test
  void aRangeTakesThePlaceOfThoseThatItContains() {
    add(new ItemRange(5, 6), new ItemRange(7, 8), new ItemRange(20, 30));
    grow(new ItemRange(5, 8));
    add(new ItemRange(8, 9)); // as an earlier service has stored it
    assertThat(stored())
        .containsExactly(new ItemRange(5, 8), new ItemRange(8, 9), new ItemRange(20, 30));
    assertThat(store.cancelledItems().at(id, 7)).contains(new ItemRange(5, 8));
    assertThat(store.grantUnfinished().getFirst().cancelled())
        .containsExactly(new ItemRange(5, 9), new ItemRange(20, 30));
  }

  @Test
  void manyRangesAreStored() {
    var many = LongStream.range(0, 999).mapToObj(i -> ItemRange.ofCount(3 * i, 1)).toList();
    add(many.toArray(ItemRange[]::new));
    assertThat(stored()).isEqualTo(many);
    grow(new ItemRange(0, 2_995));
    assertThat(stored()).containsExactly(new ItemRange(0, 2_995));
  }

  private void add(ItemRange... items) {
    add(List.of(items), List.of());
  }

  /** Cancels the items of the range that are not cancelled yet. */
  private void grow(ItemRange range) {
    add(range.without(stored().stream().filter(range::contains).toList()), List.of(range));
  }

  private void add(List<ItemRange> items, List<ItemRange> grown) {
    var added = store.cancelledItems().add(id, JobStore.FIRST_VERSION, items, grown);
    assertThat(added.join()).isTrue();
  }

  /** Returns the ranges as they are stored. */
  private List<ItemRange> stored() {
    var all = new ArrayList<ItemRange>();
    for (var next = store.cancelledItems().from(id, 0); next.isPresent(); ) {
      all.add(next.get());
      next = store.cancelledItems().from(id, next.get().end());
    }
    return all;
  }
}
