package dev.manyhands.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.scheduler.SchedulerListener;
import dev.manyhands.model.Grant;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.StoreException;
import dev.manyhands.store.sql.DatabaseKind;
import dev.manyhands.store.sql.TestClock;
import dev.manyhands.store.sql.TestJobs;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** When jobs that wait begin, and when they never will. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class WaitingJobsTest {
  private final Flow flow;
  private WaitingJobs waiting;

  WaitingJobsTest(DatabaseKind kind) throws IOException {
    this.flow = new Flow(kind);
  }

  @BeforeEach
  void start() {
    waiting = newWaitingJobs();
    waiting.start(List.of());
  }

  private WaitingJobs newWaitingJobs() {
    var made =
        new WaitingJobs(flow.store, flow.scheduler, flow.board, SchedulerListener.NONE, flow.clock);
    flow.board.onEnd(made::ended);
    return made;
  }

  @AfterEach
  void stop() {
    waiting.close();
    flow.close();
  }

  @Test
  void aJobBeginsWhenAllBeforeItHaveSucceeded() {
    Job first = flow.submitted(1);
    Job second = flow.submitted(1);
    Job job = added(after(first, second), null);
    assertThat(state(job)).isEqualTo(JobState.WAITING);
    flow.end(second, JobState.SUCCEEDED);
    assertThat(state(job)).isEqualTo(JobState.WAITING);
    flow.end(first, JobState.SUCCEEDED);
    assertThat(state(job)).isEqualTo(JobState.QUEUED);
  }

  @Test
  void oneAfterJobsThatHaveEndedAlreadyDoesNotWait() {
    Job first = flow.submitted(1);
    flow.end(first, JobState.SUCCEEDED);
    assertThat(state(added(after(first), null))).isEqualTo(JobState.QUEUED);
    Job bad = flow.submitted(1);
    flow.end(bad, JobState.CANCELLED);
    Job job = added(after(first, bad), null);
    assertThat(state(job)).isEqualTo(JobState.FAILED);
    assertThat(flow.status(job).error().message()).contains(bad.id() + ", ", "CANCELLED");
  }

  @Test
  void whoComesAfterAFailureFailsAndSoDoThoseAfterIt() {
    Job first = flow.submitted(1);
    Job second = added(after(first), null);
    Job third = added(after(second), null);
    flow.end(first, JobState.FAILED);
    barrier();
    for (Job job : List.of(second, third)) {
      assertThat(state(job)).isEqualTo(JobState.FAILED);
      var status = flow.status(job);
      assertThat(status.stopReason()).isEqualTo("dependency");
      assertThat(status.error().kind()).isEqualTo("DEPENDENCY");
      assertThat(status.tally().skipped()).isEqualTo(1);
      assertThat(status.startedAt()).isNull();
      assertThat(flow.board.status(job.id())).isEmpty();
    }
  }

  @Test
  void whatTheStoreDidNotAnswerIsAskedAgain() {
    var failures = new AtomicInteger(3);
    restartOn(failing(failures, "find", "stateOf"));
    Job first = flow.submitted(1);
    Job job = flow.waitingFor(new JobSpec.Start(List.of(first.id()), null));
    waiting.add(job, JobStore.FIRST_VERSION);
    flow.end(first, JobState.SUCCEEDED);
    assertThat(flow.await(job, status -> status.state() != JobState.WAITING).state())
        .isEqualTo(JobState.QUEUED);
    assertThat(failures.get()).isNotPositive();
  }

  @Test
  void noneAfterAFailureBeginsIfTheStoreFailsOnTheWay() {
    var failures = new AtomicInteger();
    restartOn(failing(failures, "finish"));
    Job first = flow.submitted(1);
    var all = Stream.generate(() -> flow.waitingFor(start(first))).limit(4).toList();
    all.forEach(job -> waiting.add(job, JobStore.FIRST_VERSION));
    barrier();
    failures.set(2);
    flow.end(first, JobState.FAILED);
    for (Job job : all) {
      assertThat(flow.await(job, status -> status.state() != JobState.WAITING).state())
          .isEqualTo(JobState.FAILED);
    }
    assertThat(failures.get()).isNotPositive();
  }

  @Test
  void aCancelThatTheStoreDidNotTakeIsTriedAgain() {
    var failures = new AtomicInteger(1);
    restartOn(failing(failures, "finish"));
    Job job = flow.waitingFor(start(flow.submitted(1)));
    waiting.add(job, JobStore.FIRST_VERSION);
    assertThat(waiting.cancel(job.id()).join()).isTrue();
    assertThat(flow.status(job).state()).isEqualTo(JobState.CANCELLED);
  }

  private static JobSpec.Start start(Job first) {
    return new JobSpec.Start(List.of(first.id()), null);
  }

  private void restartOn(JobStore store) {
    waiting.close();
    waiting =
        new WaitingJobs(store, flow.scheduler, flow.board, SchedulerListener.NONE, flow.clock);
    flow.board.onEnd(waiting::ended);
    waiting.start(List.of());
  }

  /** Returns a store whose database is away for {@code failures} calls of these methods. */
  private JobStore failing(AtomicInteger failures, String... methods) {
    return (JobStore)
        Proxy.newProxyInstance(
            JobStore.class.getClassLoader(),
            new Class<?>[] {JobStore.class},
            (proxy, method, arguments) -> {
              boolean mayFail = List.of(methods).contains(method.getName());
              if (mayFail && failures.getAndDecrement() > 0) {
                throw new StoreException("the database is away", null);
              }
              try {
                return method.invoke(flow.store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void aJobThatIsGoneCannotBeWaitedFor() {
    var gone = JobId.next(flow.clock, new Random(9));
    Job job = added(List.of(gone), null);
    assertThat(state(job)).isEqualTo(JobState.FAILED);
    assertThat(flow.status(job).error().message()).contains(gone.toString(), "no longer there");
  }

  @Test
  void aJobWhoseEndNobodyReportsIsNotWaitedForForever() {
    Job lost = flow.submitted(1);
    Job job = added(after(lost), null);
    assertThat(state(job)).isEqualTo(JobState.WAITING);
    flow.endSilently(lost);
    assertThat(flow.await(job, status -> status.state() != JobState.WAITING).stopReason())
        .isEqualTo("dependency");
  }

  @Test
  void aTimeIsWaitedForAndTheOthersToo() {
    Job first = flow.submitted(1);
    Instant at = flow.clock.instant().plus(Duration.ofHours(1));
    Job alone = added(List.of(), at);
    Job both = added(after(first), at);
    flow.clock.advance(Duration.ofMinutes(59));
    flow.end(first, JobState.SUCCEEDED);
    assertThat(state(alone)).isEqualTo(JobState.WAITING);
    assertThat(state(both)).isEqualTo(JobState.WAITING);
    flow.clock.advance(Duration.ofMinutes(1));
    flow.await(alone, status -> status.state() == JobState.QUEUED);
    flow.await(both, status -> status.state() == JobState.QUEUED);
  }

  @Test
  void aClockThatJumpsBackOnlyDelays() {
    Instant at = flow.clock.instant().plus(Duration.ofHours(1));
    Job job = added(List.of(), at);
    flow.clock.advance(Duration.ofDays(-1));
    barrier();
    assertThat(state(job)).isEqualTo(JobState.WAITING);
    flow.clock.advance(Duration.ofDays(2));
    flow.await(job, status -> status.state() == JobState.QUEUED);
    flow.clock.advance(Duration.ofDays(-2));
    barrier();
    assertThat(state(job)).isEqualTo(JobState.QUEUED);
  }

  @Test
  void aCancelledJobNeverBegins() {
    Job first = flow.submitted(1);
    Job job = added(after(first), null);
    Job next = added(after(job), null);
    assertThat(waiting.cancel(job.id()).join()).isTrue();
    assertThat(waiting.cancel(job.id()).join()).isFalse();
    assertThat(state(job)).isEqualTo(JobState.CANCELLED);
    assertThat(state(next)).isEqualTo(JobState.FAILED);
    flow.end(first, JobState.SUCCEEDED);
    assertThat(state(job)).isEqualTo(JobState.CANCELLED);
    assertThat(waiting.cancel(first.id()).join()).as("it does not wait").isFalse();
  }

  @Test
  void whatWaitedWhenTheServiceEndedGoesOn() {
    Job first = flow.submitted(1);
    Job job = flow.waitingFor(new JobSpec.Start(after(first), null));
    waiting.close();
    List<Grant> grants = flow.store.grantUnfinished();
    waiting = newWaitingJobs();
    waiting.start(grants);
    assertThat(state(job)).isEqualTo(JobState.WAITING);
    Grant granted =
        grants.stream().filter(grant -> grant.job().id().equals(first.id())).findAny().get();
    var ended = flow.status(first);
    flow.store
        .finish(first.id(), granted.version(), TestJobs.ended(JobState.SUCCEEDED, 1, 1))
        .join();
    flow.board.remove(first.id(), ended);
    waiting.ended(first.id());
    assertThat(state(job)).isEqualTo(JobState.QUEUED);
  }

  @Test
  void anotherServicesJobIsLeftAlone() {
    Job first = flow.submitted(1);
    flow.end(first, JobState.SUCCEEDED);
    Job job = flow.waitingFor(new JobSpec.Start(after(first), null));
    flow.store.grantUnfinished(); // under the next version
    waiting.add(job, JobStore.FIRST_VERSION);
    assertThat(state(job)).isEqualTo(JobState.WAITING);
  }

  @Test
  void resultsAreCopiedWhenTheirJobHasSucceeded() {
    Job first = flow.submitted(3);
    Job job =
        flow.submitted(
            new Inputs.Results(first.id()), JobSpec.Start.AT_ONCE, null, JobSpec.Reduce.LIST);
    waiting.add(job, JobStore.FIRST_VERSION);
    flow.end(first, JobState.SUCCEEDED, 0, null);
    var status = flow.await(job, now -> !now.inputsOpen());
    assertThat(status.state()).isEqualTo(JobState.QUEUED);
    assertThat(status.tally().total()).isEqualTo(3);
  }

  /** A change that reaches the scheduler before its job is lost: the job would stay paused. */
  @Test
  void aChangeWhileAJobBeginsComesBehindIt() throws Exception {
    waiting.close();
    var change = new AtomicReference<@Nullable Thread>();
    JobStore store = changingAfter(change);
    waiting =
        new WaitingJobs(store, flow.scheduler, flow.board, SchedulerListener.NONE, flow.clock);
    waiting.start(List.of());

    Job job = added(List.of(), TestClock.START);
    assertThat(state(job)).isEqualTo(JobState.QUEUED);
    Objects.requireNonNull(change.get()).join();

    assertThat(flow.store.find(job.id()).orElseThrow().spec().priority()).isEqualTo(9);
    assertThat(flow.told(job.id())).containsExactly("Run", "Change");
  }

  /** A store whose job is changed just after it was read to be begun. */
  private JobStore changingAfter(AtomicReference<@Nullable Thread> change) {
    return (JobStore)
        Proxy.newProxyInstance(
            JobStore.class.getClassLoader(),
            new Class<?>[] {JobStore.class},
            (proxy, method, arguments) -> {
              Object answer = method.invoke(flow.store, arguments);
              if (method.getName().equals("find") && change.get() == null) {
                Job read = ((Optional<?>) answer).map(Job.class::cast).orElseThrow();
                var thread = Thread.ofPlatform().start(() -> changePriority(read));
                change.set(thread);
                Awaitility.await().until(() -> !thread.isAlive() || isLockedOut(thread));
              }
              return answer;
            });
  }

  private static boolean isLockedOut(Thread thread) {
    return String.valueOf(LockSupport.getBlocker(thread)).contains("ReentrantLock");
  }

  private void changePriority(Job job) {
    waiting.change(() -> {
      JobSpec changed = job.spec().withControls(null, 9, 0, null, false);
      flow.store.change(job.id(), changed).join();
      flow.scheduler.change(job.id(), changed);
      return changed;
    });
  }

  private Job added(List<JobId> after, @Nullable Instant notBefore) {
    Job job = flow.waitingFor(new JobSpec.Start(after, notBefore));
    waiting.add(job, JobStore.FIRST_VERSION);
    return job;
  }

  private static List<JobId> after(Job... jobs) {
    return Stream.of(jobs).map(Job::id).toList();
  }

  /** Returns the state of a job once all earlier messages are handled. */
  private JobState state(Job job) {
    barrier();
    return flow.status(job).state();
  }

  /** A message that is answered behind all that came before; ends may have led to more ends. */
  private void barrier() {
    var nobody = JobId.next(flow.clock, new Random(10));
    for (int i = 0; i < 3; i++) {
      waiting.cancel(nobody).join();
    }
  }
}
