package dev.manyhands.store.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Job;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.JobStore.IdempotencyKey;
import dev.manyhands.store.JobStore.Submission;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A request that is sent again under its key. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class IdempotencyKeysTest {
  private static final IdempotencyKey KEY = new IdempotencyKey("key", "a body");
  private static final IdempotencyKey SAME_KEY = new IdempotencyKey("key", "another body");

  private final TestJobs jobs = new TestJobs();
  private final TestClock clock = new TestClock();
  private final TestDatabase database;
  private JobStore store;

  IdempotencyKeysTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
  }

  @BeforeEach
  void open() {
    store = database.open(clock).jobs();
  }

  @AfterEach
  void close() {
    store.close();
    database.close();
  }

  @Test
  void theSameRequestLeadsToTheSameJob() {
    Job job = jobs.job(1);
    Job again = jobs.job(1);
    var first = store.submit(job, null, KEY);
    var second = store.submit(again, null, KEY);

    assertThat(first.join()).isEqualTo(new Submission(job.id(), true, true));
    assertThat(second.join()).isEqualTo(new Submission(job.id(), false, true));
    assertThat(store.find(again.id())).isEmpty();
    assertThat(store.findByKey(KEY).join()).contains(new Submission(job.id(), false, true));
  }

  @Test
  void anotherBodyUnderTheSameKeyIsAnotherRequest() {
    Job job = jobs.job(1);
    store.submit(job, null, KEY).join();

    assertThat(store.submit(jobs.job(1), null, SAME_KEY).join())
        .isEqualTo(new Submission(job.id(), false, false));
    assertThat(store.findByKey(SAME_KEY).join()).contains(new Submission(job.id(), false, false));
  }

  @Test
  void anOldKeyDoesNotCount() {
    store.submit(jobs.job(1), null, KEY).join();

    clock.advance(IdempotencyKeys.KEPT.minusMillis(1));
    assertThat(store.findByKey(KEY).join()).isPresent();
    clock.advance(Duration.ofMillis(1));

    assertThat(store.findByKey(KEY).join()).isEmpty();
    Job job = jobs.job(1);
    assertThat(store.submit(job, null, SAME_KEY).join())
        .isEqualTo(new Submission(job.id(), true, true));
    assertThat(store.findByKey(SAME_KEY).join()).contains(new Submission(job.id(), false, true));
  }

  @Test
  void aKeyThatGrowsOldBetweenPurgesIsTakenOver() {
    clock.advance(Duration.ofMinutes(30));
    store.submit(jobs.job(1), null, KEY).join();
    clock.advance(IdempotencyKeys.KEPT.minusMinutes(10));
    store.submit(jobs.job(1), null, new IdempotencyKey("purges", "b")).join();
    clock.advance(Duration.ofMinutes(20));

    Job job = jobs.job(1);
    assertThat(store.submit(job, null, SAME_KEY).join().created()).isTrue();
    assertThat(store.findByKey(SAME_KEY).join()).contains(new Submission(job.id(), false, true));
  }

  @Test
  void keysArePurgedAlsoAfterTheClockWasFarAheadForAWhile() throws Exception {
    clock.advance(Duration.ofDays(1_000));
    store.submit(jobs.job(1), null, new IdempotencyKey("ahead", "b")).join();
    clock.advance(Duration.ofDays(-1_000));
    store.submit(jobs.job(1), null, KEY).join();
    clock.advance(IdempotencyKeys.KEPT.plusHours(2));
    store.submit(jobs.job(1), null, new IdempotencyKey("purges", "b")).join();

    assertThat(stored()).doesNotContain(KEY.key()).contains("purges");
  }

  private List<String> stored() throws SQLException {
    var settings = database.settings();
    try (var connection =
            DriverManager.getConnection(settings.jdbcUrl(), settings.user(), settings.password());
        var rows =
            connection.createStatement().executeQuery("SELECT idempotency_key FROM idempotency")) {
      var keys = new ArrayList<String>();
      while (rows.next()) {
        keys.add(rows.getString(1));
      }
      return keys;
    }
  }
}
