package dev.manyhands.jobs.callback;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.manyhands.jobs.callback.Sender.Answer;
import dev.manyhands.model.Callback;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.store.CommitListener;
import dev.manyhands.store.DeliveryStore;
import dev.manyhands.store.DeliveryStore.Attempt;
import dev.manyhands.store.DeliveryStore.State;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.StoreException;
import dev.manyhands.store.sql.SqlStores;
import dev.manyhands.store.sql.StoreSettings;
import dev.manyhands.store.sql.TestClock;
import dev.manyhands.store.sql.TestJobs;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** From the end of a job to the receiver, over real HTTP and a real store, at a time of our own. */
class CallbacksTest {
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String OWN_SECRET = "whsec_" + "QUJD".repeat(8);
  private static final byte[] JOB = "{\"name\":\"squäres\"}".getBytes(UTF_8);

  @TempDir private Path directory;

  private record Delivered(String id, long timestamp, String signature, byte[] body) {}

  private final TestClock clock = new TestClock();
  private final TestJobs jobs = new TestJobs();
  private final BlockingQueue<Delivered> delivered = new LinkedBlockingQueue<>();
  private final BlockingQueue<Attempt> recorded = new LinkedBlockingQueue<>();
  private HttpServer receiver;
  private SqlStores stores;
  private Callbacks callbacks;
  private volatile int status = 204;

  private final AtomicInteger sent = new AtomicInteger();

  /** Errors that the next records of attempts meet, before they are made and after. */
  private final AtomicInteger errorsBefore = new AtomicInteger();

  private final AtomicInteger errorsAfter = new AtomicInteger();

  /** The process dies before the next attempt is recorded. */
  private volatile boolean losesAttempts;

  @BeforeEach
  void start() throws Exception {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          var headers = exchange.getRequestHeaders();
          delivered.add(
              new Delivered(
                  headers.getFirst("webhook-id"),
                  Long.parseLong(headers.getFirst("webhook-timestamp")),
                  headers.getFirst("webhook-signature"),
                  exchange.getRequestBody().readAllBytes()));
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    receiver.start();
    openStores();
    callbacks = overHttp();
    callbacks.start();
  }

  @AfterEach
  void stop() {
    callbacks.close();
    stores.close();
    receiver.stop(0);
  }

  private void openStores() {
    stores = SqlStores.open(StoreSettings.embedded(directory), clock, CommitListener.NONE);
  }

  private static CallbackSettings settings(int concurrency) {
    return new CallbackSettings(
        OWN_SECRET, AllowedReceivers.of(true, List.of()), 3, Duration.ofSeconds(15), concurrency);
  }

  private Callbacks overHttp() throws Exception {
    return with(new HttpSender(settings(4), Names.SYSTEM, SSLContext.getDefault()), settings(4));
  }

  private Callbacks with(Sender sender, CallbackSettings settings) {
    return new Callbacks(
        settings, new Overheard(stores.deliveries()), sender, clock, new Random(1));
  }

  private JobId endedJob() {
    Job job = jobs.job(1);
    stores.jobs().submit(job, TestJobs.inputs(0, 1), null).join();
    stores
        .jobs()
        .finish(job.id(), JobStore.FIRST_VERSION, TestJobs.ended(JobState.SUCCEEDED, 1, 1))
        .join();
    return job.id();
  }

  private Callback callback(@Nullable String secret) {
    return new Callback("http://127.0.0.1:" + receiver.getAddress().getPort() + "/", secret);
  }

  private Attempt nextAttempt() throws InterruptedException {
    Attempt attempt = recorded.poll(30, TimeUnit.SECONDS);
    assertThat(attempt).as("an attempt within 30 s").isNotNull();
    return attempt;
  }

  private void later(Duration wait) {
    clock.advance(wait);
    callbacks.wake();
  }

  /** Computed here, not by the code that is tested. */
  private static String signature(Delivered message, String secret) throws Exception {
    var mac = Mac.getInstance("HmacSHA256");
    byte[] key = Base64.getDecoder().decode(secret.split("_", 2)[1]);
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    String signed =
        message.id() + "." + message.timestamp() + "." + new String(message.body(), UTF_8);
    return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(UTF_8)));
  }

  @Test
  void theReceiverHearsOfTheEndOnce() throws Exception {
    JobId id = endedJob();
    assertThat(callbacks.ended(callback(SECRET), id, JOB).join()).isTrue();
    assertThat(callbacks.ended(callback(SECRET), id, JOB).join()).isFalse();

    assertThat(nextAttempt().status()).isEqualTo(204);
    Delivered message = delivered.remove();
    assertThat(message.signature()).isEqualTo(signature(message, SECRET));
    assertThat(message.timestamp()).isEqualTo(clock.instant().getEpochSecond());
    var body = new JsonMapper().readTree(message.body());
    assertThat(body.get("type").stringValue()).isEqualTo("job.finished");
    assertThat(Instant.parse(body.get("timestamp").stringValue())).isEqualTo(clock.instant());
    assertThat(body.get("data")).isEqualTo(new JsonMapper().readTree(JOB));
    assertThat(delivered).isEmpty();
    assertThat(stores.deliveries().find(id).orElseThrow().state()).isEqualTo(State.DELIVERED);
  }

  @Test
  void theServicesOwnSecretSignsForJobsThatBringNone() throws Exception {
    callbacks.ended(callback(null), endedJob(), JOB).join();

    nextAttempt();
    Delivered message = delivered.remove();
    assertThat(message.signature()).isEqualTo(signature(message, OWN_SECRET));
  }

  @Test
  void itIsTriedAgainUnderTheSameIdWithANewTime() throws Exception {
    status = 500;
    JobId id = endedJob();
    callbacks.ended(callback(SECRET), id, JOB).join();
    Attempt first = nextAttempt();
    assertThat(first.error()).isEqualTo("the answer was 500");

    status = 200;
    later(Duration.ofSeconds(7));
    assertThat(nextAttempt().number()).isEqualTo(2);
    Delivered one = delivered.remove();
    Delivered two = delivered.remove();
    assertThat(two.id()).isEqualTo(one.id());
    assertThat(two.body()).isEqualTo(one.body());
    assertThat(two.timestamp()).isEqualTo(one.timestamp() + 7);
    assertThat(two.signature()).isEqualTo(signature(two, SECRET)).isNotEqualTo(one.signature());
  }

  @Test
  void afterTheLastAttemptItIsGivenUp() throws Exception {
    status = 404;
    JobId id = endedJob();
    callbacks.ended(callback(SECRET), id, JOB).join();
    for (int number = 1; number <= 3; number++) {
      assertThat(nextAttempt().number()).isEqualTo(number);
      later(Duration.ofDays(1));
    }

    var delivery = stores.deliveries().find(id).orElseThrow();
    assertThat(delivery.state()).isEqualTo(State.FAILED);
    assertThat(delivery.attempts()).extracting(Attempt::status).containsExactly(404, 404, 404);
    assertThat(delivery.nextAttemptAt()).isNull();
  }

  @Test
  void whatWasNotDeliveredGoesOnAfterARestart() throws Exception {
    status = 503;
    JobId id = endedJob();
    callbacks.ended(callback(SECRET), id, JOB).join();
    nextAttempt();
    callbacks.close();
    stores.close();

    openStores();
    status = 200;
    clock.advance(Duration.ofHours(1));
    callbacks = overHttp();
    callbacks.start();

    assertThat(nextAttempt().number()).isEqualTo(2);
    assertThat(delivered.remove().id()).isEqualTo(delivered.remove().id());
    assertThat(stores.deliveries().find(id).orElseThrow().state()).isEqualTo(State.DELIVERED);
  }

  @Test
  void anAttemptThatTheCrashForgotIsMadeAgainUnderTheSameId() throws Exception {
    losesAttempts = true;
    callbacks.ended(callback(SECRET), endedJob(), JOB).join();
    Delivered lost = delivered.poll(30, TimeUnit.SECONDS);
    callbacks.close();
    stores.close();

    openStores();
    losesAttempts = false;
    callbacks = overHttp();
    callbacks.start();

    assertThat(nextAttempt().number()).isEqualTo(1);
    assertThat(delivered.remove().id()).isEqualTo(lost.id());
  }

  @Test
  void soManyAtOnceAndNoMore() throws Exception {
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    var started = new CountDownLatch(2);
    var go = new CountDownLatch(1);
    callbacks.close();
    callbacks =
        with(
            sender(() -> {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              started.countDown();
              await(go);
              running.decrementAndGet();
              return new Answer.Replied(200, null);
            }),
            settings(2));
    callbacks.start();
    var ids = new HashSet<JobId>();
    for (int i = 0; i < 7; i++) {
      JobId id = endedJob();
      ids.add(id);
      callbacks.ended(new Callback("http://receiver" + i % 3 + "/", SECRET), id, JOB).join();
    }
    await(started);
    go.countDown();

    for (int i = 0; i < 7; i++) {
      assertThat(nextAttempt().number()).isEqualTo(1);
    }
    assertThat(most).hasValue(2);
    assertThat(ids)
        .allSatisfy(
            id -> assertThat(stores.deliveries().find(id).orElseThrow().attempts()).hasSize(1));
  }

  @Test
  void aReceiverThatNeverAnswersHoldsUpItsOwnMessagesOnly() throws Exception {
    var go = new CountDownLatch(1);
    callbacks.close();
    callbacks =
        with(
            new Sender() {
              @Override
              public Answer send(Request request) {
                if (!request.target().getHost().equals("good")) {
                  CallbacksTest.await(go);
                }
                return new Answer.Replied(200, null);
              }

              @Override
              public void close() {}
            },
            settings(8));
    callbacks.start();
    for (int i = 0; i < 12; i++) {
      var dead = new Callback("http://dead" + i % 2 + ":99/" + i, SECRET);
      callbacks.ended(dead, endedJob(), JOB).join();
    }
    for (int i = 0; i < 5; i++) {
      JobId good = endedJob();
      callbacks.ended(new Callback("http://good/", SECRET), good, JOB).join();
      assertThat(nextAttempt().status()).isEqualTo(200);
      assertThat(stores.deliveries().find(good).orElseThrow().state()).isEqualTo(State.DELIVERED);
    }

    go.countDown();
    for (int i = 0; i < 12; i++) {
      assertThat(nextAttempt().status()).isEqualTo(200);
    }
  }

  @Test
  void aBugCostsAnAttemptAndNoSlot() throws Exception {
    callbacks.close();
    callbacks =
        with(
            sender(() -> {
              throw new IllegalStateException("a bug");
            }),
            settings(1));
    callbacks.start();
    callbacks.ended(callback(SECRET), endedJob(), JOB).join();
    callbacks.ended(callback(SECRET), endedJob(), JOB).join();

    assertThat(nextAttempt().error()).isEqualTo("a fault of the service; its log says more");
    assertThat(nextAttempt().number()).isEqualTo(1);
  }

  /** The only slot comes back, and no message is sent twice. */
  @Test
  void anErrorBeforeOrAfterTheRecordCostsNoSlot() throws Exception {
    callbacks.close();
    callbacks =
        with(
            sender(() -> {
              sent.incrementAndGet();
              return new Answer.Replied(200, null);
            }),
            settings(1));
    callbacks.start();
    for (AtomicInteger errors : List.of(errorsBefore, errorsAfter)) {
      errors.set(1);
      JobId first = endedJob();
      JobId second = endedJob();
      callbacks.ended(callback(SECRET), first, JOB).join();
      callbacks.ended(callback(SECRET), second, JOB).join();
      nextAttempt();
      nextAttempt();
      assertThat(List.of(first, second))
          .allSatisfy(id ->
              assertThat(stores.deliveries().find(id).orElseThrow().state())
                  .isEqualTo(State.DELIVERED));
      assertThat(errors).hasNonPositiveValue();
    }
    assertThat(sent).hasValue(4);
  }

  private interface Script {
    Answer answer();
  }

  private static Sender sender(Script script) {
    return new Sender() {
      @Override
      public Answer send(Request request) {
        return script.answer();
      }

      @Override
      public void close() {}
    };
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Tells the test of recorded attempts, or loses them. */
  private final class Overheard implements DeliveryStore {
    private final DeliveryStore real;

    Overheard(DeliveryStore real) {
      this.real = real;
    }

    @Override
    public CompletableFuture<Boolean> add(Message message, Instant at) {
      return real.add(message, at);
    }

    @Override
    public CompletableFuture<Boolean> attempted(
        JobId id, Attempt attempt, State state, @Nullable Instant next) {
      if (losesAttempts) {
        return CompletableFuture.failedFuture(new StoreException("lost", null));
      }
      if (errorsBefore.getAndDecrement() > 0) {
        throw new OutOfMemoryError("planned");
      }
      return real.attempted(id, attempt, state, next)
          .thenApply(done -> {
            if (errorsAfter.getAndDecrement() > 0) {
              throw new OutOfMemoryError("planned");
            }
            recorded.add(attempt);
            return done;
          });
    }

    @Override
    public Map<String, Instant> receivers(Instant now) {
      return real.receivers(now);
    }

    @Override
    public List<Due> due(String receiver, Instant now, int limit) {
      return real.due(receiver, now, limit);
    }

    @Override
    public Optional<Instant> nextDue(Instant after) {
      return real.nextDue(after);
    }

    @Override
    public List<Owed> owed() {
      return real.owed();
    }

    @Override
    public Optional<Delivery> find(JobId id) {
      return real.find(id);
    }
  }
}
