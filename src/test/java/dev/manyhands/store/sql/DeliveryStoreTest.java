package dev.manyhands.store.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.Callback;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.store.CommitListener;
import dev.manyhands.store.DeliveryStore;
import dev.manyhands.store.DeliveryStore.Attempt;
import dev.manyhands.store.DeliveryStore.Delivery;
import dev.manyhands.store.DeliveryStore.Due;
import dev.manyhands.store.DeliveryStore.Message;
import dev.manyhands.store.DeliveryStore.Owed;
import dev.manyhands.store.DeliveryStore.State;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.writer.Write.OnOutage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages about ended jobs, until they are delivered. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class DeliveryStoreTest {
  private static final Callback CALLBACK =
      new Callback("https://hooks.example/done?key=1", "whsec_c2VjcmV0");
  private static final Instant NOON = TestClock.START;

  private final TestJobs jobs = new TestJobs();
  private final TestClock clock = new TestClock();
  private final TestDatabase database;
  private Database open;
  private SqlStores stores;
  private DeliveryStore deliveries;

  DeliveryStoreTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
  }

  @BeforeEach
  void open() {
    open = Database.open(database.settings(), CommitListener.NONE);
    stores = SqlStores.of(open, clock);
    deliveries = stores.deliveries();
  }

  @AfterEach
  void close() {
    stores.close();
    database.close();
  }

  private JobId endedJob() {
    Job job = jobs.job(1);
    stores.jobs().submit(job, TestJobs.inputs(0, 1), null).join();
    end(job.id());
    return job.id();
  }

  private void end(JobId id) {
    stores
        .jobs()
        .finish(id, JobStore.FIRST_VERSION, TestJobs.ended(JobState.SUCCEEDED, 1, 1))
        .join();
  }

  private void announce(JobId id) {
    open.writer()
        .write(
            OnOutage.FAIL,
            0,
            transaction -> {
              SqlDeliveryStore.announce(transaction, id, CALLBACK);
              return null;
            })
        .join();
  }

  private static Message message(JobId id) {
    return new Message(id, CALLBACK, "{\"a\":\"ü\"}".getBytes(UTF_8));
  }

  private static Attempt attempt(int number, @Nullable Integer status, @Nullable String error) {
    return new Attempt(number, NOON.plusSeconds(number), Duration.ofMillis(250), status, error);
  }

  /** To all receivers. */
  private List<Due> due(Instant now, int limit) {
    return deliveries.receivers(now).keySet().stream()
        .flatMap(receiver -> deliveries.due(receiver, now, limit).stream())
        .toList();
  }

  @Test
  void receiversAreListedBySinceWhenSomethingIsDue() {
    var there = new Callback("https://There.example/x?y=1", null);
    var elsewhere = new Callback("https://elsewhere.example:8443/", null);
    int at = 5;
    for (Callback callback : List.of(there, elsewhere, there, elsewhere, CALLBACK)) {
      JobId id = endedJob();
      deliveries
          .add(new Message(id, callback, new byte[] {'{', '}'}), NOON.plusSeconds(at--))
          .join();
    }
    JobId done = endedJob();
    deliveries.add(new Message(done, new Callback("http://done/", null), new byte[1]), NOON).join();
    deliveries.attempted(done, attempt(1, 204, null), State.DELIVERED, null).join();

    assertThat(deliveries.receivers(NOON)).isEmpty();
    assertThat(deliveries.receivers(NOON.plusSeconds(9)))
        .isEqualTo(
            Map.of(
                "there.example:-1",
                NOON.plusSeconds(3),
                "elsewhere.example:8443",
                NOON.plusSeconds(2),
                CALLBACK.receiver(),
                NOON.plusSeconds(1)));
    assertThat(deliveries.receivers(NOON.plusSeconds(2)))
        .containsOnlyKeys("elsewhere.example:8443", CALLBACK.receiver());
    assertThat(deliveries.due("there.example:-1", NOON.plusSeconds(4), 9)).hasSize(1);
    assertThat(deliveries.due("there.example:-1", NOON.plusSeconds(9), 9)).hasSize(2);
  }

  @Test
  void aMessageIsDueUntilItIsDelivered() {
    JobId id = endedJob();
    assertThat(deliveries.add(message(id), NOON).join()).isTrue();

    assertThat(due(NOON.minusMillis(1), 9)).isEmpty();
    assertThat(due(NOON, 9))
        .singleElement()
        .satisfies(due -> {
          assertThat(due.attempts()).isZero();
          assertThat(due.message().callback()).isEqualTo(CALLBACK);
          assertThat(due.message().body()).isEqualTo(message(id).body());
        });

    Attempt first = attempt(1, 503, "the answer was 503");
    Instant later = NOON.plusSeconds(30);
    assertThat(deliveries.attempted(id, first, State.PENDING, later).join()).isTrue();
    assertThat(due(NOON, 9)).isEmpty();
    assertThat(deliveries.nextDue(NOON)).contains(later);
    assertThat(due(later, 9))
        .singleElement()
        .satisfies(due -> assertThat(due.attempts()).isEqualTo(1));

    Attempt second = attempt(2, 204, null);
    assertThat(deliveries.attempted(id, second, State.DELIVERED, null).join()).isTrue();
    assertThat(due(NOON.plusSeconds(86_400), 9)).isEmpty();
    assertThat(deliveries.nextDue(Instant.EPOCH)).isEmpty();
    assertThat(deliveries.find(id))
        .contains(new Delivery(id, CALLBACK.url(), State.DELIVERED, List.of(first, second), null));
  }

  @Test
  void whatIsDueLongestComesFirst() {
    JobId one = endedJob();
    JobId two = endedJob();
    JobId three = endedJob();
    deliveries.add(message(one), NOON.plusSeconds(3)).join();
    deliveries.add(message(two), NOON.plusSeconds(1)).join();
    deliveries.add(message(three), NOON.plusSeconds(2)).join();

    assertThat(due(NOON.plusSeconds(9), 2))
        .extracting(due -> due.message().job())
        .containsExactly(two, three);
  }

  @Test
  void anAttemptIsRecordedOnce() {
    JobId id = endedJob();
    deliveries.add(message(id), NOON).join();
    Attempt failed = attempt(1, null, "no connection");
    Instant later = NOON.plusSeconds(5);
    assertThat(deliveries.attempted(id, failed, State.PENDING, later).join()).isTrue();

    assertThat(deliveries.attempted(id, failed, State.PENDING, later).join()).isFalse();
    assertThat(deliveries.attempted(id, attempt(3, 200, null), State.DELIVERED, null).join())
        .isFalse();
    assertThat(deliveries.find(id).orElseThrow().attempts()).containsExactly(failed);
    assertThatThrownBy(() -> deliveries.attempted(id, failed, State.PENDING, null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aJobHasOneMessage() {
    JobId id = endedJob();
    deliveries.add(message(id), NOON).join();

    assertThat(deliveries.add(message(id), NOON.plusSeconds(9)).join()).isFalse();
    assertThat(due(NOON, 9)).hasSize(1);
  }

  @Test
  void theEndForgetsTheSecretAndTheBody() {
    JobId id = endedJob();
    deliveries.add(message(id), NOON).join();
    deliveries.attempted(id, attempt(1, 410, "gone"), State.FAILED, null).join();

    Integer left =
        open.read(jdbc ->
            jdbc.queryForObject(
                "SELECT COUNT(*) FROM callback_delivery WHERE secret IS NOT NULL OR body IS NOT"
                    + " NULL",
                Integer.class));
    assertThat(left).isZero();
    assertThat(deliveries.add(message(id), NOON).join()).isFalse();
  }

  @Test
  void aDeletedJobTakesItsMessageAlong() {
    JobId id = endedJob();
    deliveries.add(message(id), NOON).join();
    deliveries.attempted(id, attempt(1, 500, "the answer was 500"), State.PENDING, NOON).join();
    stores.jobs().delete(id).join();

    assertThat(deliveries.find(id)).isEmpty();
    assertThat(due(NOON, 9)).isEmpty();
    assertThat(deliveries.attempted(id, attempt(2, 200, null), State.DELIVERED, null).join())
        .isFalse();
    assertThat(deliveries.add(message(id), NOON).join()).isFalse();
    assertThat(deliveries.find(id)).isEmpty();
  }

  @Test
  void aMessageThatNeverCameIsOwedWhenItsJobHasEnded() {
    Job job = jobs.job(1);
    stores.jobs().submit(job, TestJobs.inputs(0, 1), null).join();
    announce(job.id());
    assertThat(deliveries.owed()).isEmpty();
    assertThat(deliveries.find(job.id()).orElseThrow().state()).isEqualTo(State.WAITING);

    end(job.id());
    assertThat(deliveries.owed()).containsExactly(new Owed(job.id(), CALLBACK));
    assertThat(due(NOON.plusSeconds(86_400), 9)).isEmpty();

    assertThat(deliveries.add(message(job.id()), NOON).join()).isTrue();
    assertThat(deliveries.owed()).isEmpty();
    assertThat(due(NOON, 9)).hasSize(1);
  }

  @Test
  void aCallbackWithoutASecretOfItsOwnHasNone() {
    JobId id = endedJob();
    var plain = new Callback("http://hooks.example/", null);
    deliveries.add(new Message(id, plain, new byte[] {'{', '}'}), NOON).join();

    assertThat(due(NOON, 1).getFirst().message().callback()).isEqualTo(plain);
  }

  @Test
  void deliveriesSurviveARestart() {
    JobId id = endedJob();
    deliveries.add(message(id), NOON).join();
    deliveries.attempted(id, attempt(1, 500, "the answer was 500"), State.PENDING, NOON).join();
    stores.close();
    open();

    assertThat(due(NOON, 9))
        .singleElement()
        .satisfies(due -> {
          assertThat(due.attempts()).isEqualTo(1);
          assertThat(due.message().body()).isEqualTo(message(id).body());
        });
  }
}
