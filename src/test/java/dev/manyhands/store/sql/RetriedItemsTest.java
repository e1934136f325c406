package dev.manyhands.store.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.InputSegment;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.ParentItems;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.JobStore;
import java.sql.SQLException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The items of a retry know the items of its parent, for as long as the retry exists. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class RetriedItemsTest {
  private final TestJobs jobs = new TestJobs();
  private final TestDatabase database;
  private JobStore store;
  private JobId id;

  RetriedItemsTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
  }

  @BeforeEach
  void aRetryOfFourItemsInTwoSegments() {
    store = database.open(new TestClock()).jobs();
    id = jobs.nextId();
    store.addInputs(id, segment(0, 10, 20)).join();
    JobSpec spec = JobSpec.of(TestJobs.GCD, new Inputs.Listed(4));
    var job = new Job(id, spec, TestClock.START, JobStatus.queued(4, false));
    store.submit(job, segment(2, 30, 40), null).join();
  }

  @AfterEach
  void close() {
    store.close();
    database.close();
  }

  /** Returns two items with these origins. */
  private static InputSegment segment(long first, long parent, long next) {
    var origins = new ParentItems.Builder();
    origins.add(ItemRange.ofCount(parent, 1));
    origins.add(ItemRange.ofCount(next, 1));
    byte[] values = TestJobs.values(first, first + 2);
    return new InputSegment(ItemRange.ofCount(first, 2), values, origins.build(first));
  }

  @Test
  void eachItemAndEachPlaceIsFound() {
    var items = store.retriedItems();
    for (int index = 0; index < 4; index++) {
      long parent = 10L * (index + 1);
      assertThat(items.at(id, index).orElseThrow().parentOf(index)).isEqualTo(parent);
      assertThat(items.from(id, parent - 9).orElseThrow().firstFrom(parent - 9)).isEqualTo(index);
      assertThat(items.from(id, parent).orElseThrow().firstFrom(parent)).isEqualTo(index);
    }
    assertThat(items.from(id, 41)).isEmpty();
    assertThat(items.at(id, 4)).isEmpty();
  }

  @Test
  void theyGoWithTheJob() throws SQLException {
    var end = TestJobs.ended(JobState.CANCELLED, 0, 4);
    store.finish(id, JobStore.FIRST_VERSION, end).join();
    assertThat(store.delete(id).join()).isTrue();

    assertThatThrownBy(() -> store.retriedItems().at(id, 0)).isInstanceOf(JobGoneException.class);
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(database.number("SELECT COUNT(*) FROM retried_items")).isZero());
  }
}
