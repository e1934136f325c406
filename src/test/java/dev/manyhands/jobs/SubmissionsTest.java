package dev.manyhands.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.engine.scheduler.SchedulerListener;
import dev.manyhands.function.Functions;
import dev.manyhands.intake.ApiLimits;
import dev.manyhands.intake.BodyMemory;
import dev.manyhands.intake.FunctionReader;
import dev.manyhands.intake.Intake;
import dev.manyhands.intake.SpecReader;
import dev.manyhands.intake.StrictJson;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.Trace;
import dev.manyhands.model.json.JsonLimits;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.sql.DatabaseKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A request that fails with an error after the commit of its job, and its repeats. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class SubmissionsTest {
  private static final String KEY = "once";
  private static final String REQUEST =
      """
      {"function": {"runtime": "python", "code": "def f(x): return x", "entry": "f"},
       "inputs": [1, 2, 3]%s}
      """;
  private static final String PLAIN = REQUEST.formatted("");
  private static final String LATER =
      REQUEST.formatted(", \"notBefore\": \"2100-01-01T00:00:00Z\"");

  private final Flow flow;
  private final WaitingJobs waiting;
  private final Submissions submissions;

  /** Errors that the next submissions meet after their commits. */
  private final AtomicInteger errors = new AtomicInteger(1);

  /** Called once, behind the next read of a job. */
  private @Nullable Runnable afterFind;

  SubmissionsTest(DatabaseKind kind) throws IOException {
    this.flow = new Flow(kind);
    JobStore store = storeWithErrors();
    waiting =
        new WaitingJobs(store, flow.scheduler, flow.board, SchedulerListener.NONE, flow.clock);
    waiting.start(List.of());
    var limits =
        new ApiLimits(
            1 << 20,
            100,
            100,
            1 << 20,
            JsonLimits.DEFAULT,
            1 << 20,
            1 << 30,
            Duration.ofHours(1),
            1,
            1,
            1,
            null);
    var json = new StrictJson(limits);
    var functions = new Functions(null, null, null, null, flow.clock); // asked for named ones only
    var specs =
        new SpecReader(
            functions, new FunctionReader(json), json, limits, callback -> {}, flow.sets::find);
    submissions =
        new Submissions(
            new JobDesk(store, flow.scheduler, flow.board, waiting),
            store,
            flow.board,
            new Intake(specs, limits, new BodyMemory(1 << 20, 1 << 20)),
            new Handover(
                flow.scheduler,
                flow.board,
                waiting,
                new Leases(flow.board, job -> {}, System::nanoTime),
                new CallbackTrigger(null, store, null), // no job here has a callback
                unlistened()),
            new NewJobs(store, flow.clock, new Random(3)));
  }

  @AfterEach
  void stop() {
    waiting.close();
    flow.close();
  }

  @Test
  void itsJobBeginsAtTheFirstRepeatAndOnlyThere() throws Exception {
    failSubmission(PLAIN);
    Job job = repeat(PLAIN).job();
    assertThat(job.status().state()).isEqualTo(JobState.QUEUED);
    assertThat(flow.board.status(job.id())).isPresent();
    assertThat(repeat(PLAIN).job().id()).isEqualTo(job.id());
    assertThat(flow.told(job.id())).containsExactly("Run");
  }

  @Test
  void repeatsAtOnceBeginItsJobOnce() throws Exception {
    failSubmission(PLAIN);
    var together = new CountDownLatch(8);
    List<CompletableFuture<JobId>> repeats = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      var repeated = new CompletableFuture<JobId>();
      repeats.add(repeated);
      Thread.ofVirtual()
          .start(() -> {
            together.countDown();
            try {
              together.await();
              repeated.complete(repeat(PLAIN).job().id());
            } catch (Throwable e) {
              repeated.completeExceptionally(e);
            }
          });
    }
    JobId id = repeats.getFirst().join();
    assertThat(repeats).allSatisfy(repeated -> assertThat(repeated.join()).isEqualTo(id));
    assertThat(flow.told(id)).containsExactly("Run");
  }

  /** The slower of two repeats has read the job before the other began it, and adds it after. */
  @Test
  void aSlowRepeatDoesNotBeginAJobThatHasEndedSince() throws Exception {
    failSubmission(PLAIN);
    afterFind =
        () -> {
          Job begun = repeat(PLAIN).job();
          flow.end(begun, JobState.SUCCEEDED);
        };
    Job job = repeat(PLAIN).job();
    assertThat(job.status().state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(flow.board.status(job.id())).isEmpty();
    assertThat(flow.told(job.id())).containsExactly("Run");
  }

  @Test
  void aJobThatWaitsWaitsOn() throws Exception {
    failSubmission(LATER);
    Job job = repeat(LATER).job();
    assertThat(job.status().state()).isEqualTo(JobState.WAITING);
    assertThat(flow.told(job.id())).isEmpty();
    assertThat(waiting.cancel(job.id()).join()).as("it waits").isTrue();
  }

  private void failSubmission(String request) {
    errors.set(1);
    assertThatThrownBy(() -> repeat(request)).hasRootCauseInstanceOf(OutOfMemoryError.class);
    assertThat(flow.board.size()).isZero();
  }

  private StoredJob repeat(String request) {
    return submissions.submit(new ByteArrayInputStream(request.getBytes(UTF_8)), KEY);
  }

  private JobStore storeWithErrors() {
    return (JobStore)
        Proxy.newProxyInstance(
            JobStore.class.getClassLoader(),
            new Class<?>[] {JobStore.class},
            (proxy, method, arguments) -> {
              Object answer;
              try {
                answer = method.invoke(flow.store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              if (method.getName().equals("submit")) {
                return ((CompletableFuture<?>) answer).thenApply(this::orError);
              }
              Runnable hook = afterFind;
              if (method.getName().equals("find") && hook != null) {
                afterFind = null;
                hook.run();
              }
              return answer;
            });
  }

  private Object orError(Object submission) {
    if (errors.getAndDecrement() > 0) {
      throw new OutOfMemoryError("planned");
    }
    return submission;
  }

  private static SubmissionListener unlistened() {
    return new SubmissionListener() {
      @Override
      public Submitting submitting() {
        return new Submitting() {
          @Override
          public @Nullable Trace trace() {
            return null;
          }

          @Override
          public Committing committing() {
            return () -> {};
          }

          @Override
          public void accepted(JobId job) {}

          @Override
          public void close() {}
        };
      }

      @Override
      public void stored(Job job) {}
    };
  }
}
