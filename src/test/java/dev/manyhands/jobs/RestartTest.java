package dev.manyhands.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.scheduler.SchedulerListener;
import dev.manyhands.model.Grant;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.Tally;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.sql.DatabaseKind;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A restart of the service changes no outcome. The scenarios are random: jobs that wait for others
 * or take their results, ends, deletions, times that run out. Each is played without a restart, and
 * with one at each of its steps.
 */
class RestartTest {
  private static final int SOURCES = 3;
  private static final int DEPENDENTS = 4;
  private static final long ITEMS = 3;
  private static final int NO_RESTART = -1;

  @ParameterizedTest
  @EnumSource
  void aRestartChangesNoOutcome(DatabaseKind kind) throws Exception {
    int scenarios = kind == DatabaseKind.SQLITE ? 8 : 3; // a database of its own for each play
    for (long seed = 0; seed < scenarios; seed++) {
      int steps = Scenario.of(seed).steps().size();
      List<String> expected = played(kind, seed, NO_RESTART);
      for (int restart = 0; restart < steps; restart++) {
        assertThat(played(kind, seed, restart))
            .as("scenario %d, restart during step %d of %s", seed, restart, Scenario.of(seed))
            .isEqualTo(expected);
      }
    }
  }

  private static List<String> played(DatabaseKind kind, long seed, int restart) throws Exception {
    try (var play = new Play(kind)) {
      return play.run(Scenario.of(seed), restart);
    }
  }

  /** Something that happens; jobs are named by their number, the sources first. */
  private sealed interface Step {
    record End(int source, JobState state) implements Step {}

    record Delete(int source) implements Step {}

    /** Time passes, and jobs are forgotten. */
    record Pass(Duration time) implements Step {}
  }

  /**
   * The jobs that a job waits for.
   *
   * @param inputs the job whose results it takes; null for a job with inputs of its own
   */
  private record Dependent(List<Integer> after, @Nullable Integer inputs, boolean later) {}

  private record Scenario(List<Boolean> ttls, List<Dependent> dependents, List<Step> steps) {
    static Scenario of(long seed) {
      var random = new Random(seed);
      var ttls = Stream.generate(random::nextBoolean).limit(SOURCES).toList();
      var dependents = new ArrayList<Dependent>();
      for (int i = 0; i < DEPENDENTS; i++) {
        int earlier = SOURCES + i;
        Integer inputs = random.nextInt(3) == 0 ? random.nextInt(SOURCES) : null;
        List<Integer> after =
            random.ints(1 + random.nextInt(2), 0, earlier).distinct().boxed().toList();
        dependents.add(
            new Dependent(inputs == null ? after : List.of(), inputs, random.nextInt(3) == 0));
      }
      var steps = new ArrayList<Step>();
      var order = new ArrayList<>(List.of(0, 1, 2));
      Collections.shuffle(order, random);
      for (int source : order) {
        boolean good = random.nextInt(5) != 0;
        steps.add(new Step.End(source, good ? JobState.SUCCEEDED : JobState.FAILED));
        switch (random.nextInt(3)) {
          case 0 -> steps.add(new Step.Delete(source));
          case 1 -> steps.add(new Step.Pass(Duration.ofMinutes(1)));
          default -> {}
        }
      }
      steps.add(new Step.Pass(Duration.ofHours(2)));
      return new Scenario(ttls, List.copyOf(dependents), List.copyOf(steps));
    }
  }

  /** One run of a scenario. */
  private static final class Play implements AutoCloseable {
    private final Flow flow;
    private final Retention retention;
    private final List<Job> jobs = new ArrayList<>();
    private final Map<JobId, Long> versions = new HashMap<>();
    private WaitingJobs waiting;

    Play(DatabaseKind kind) throws IOException {
      flow = new Flow(kind);
      retention = new Retention(flow.store, id -> {}, () -> {}, flow.clock);
      waiting = begun(List.of());
    }

    private WaitingJobs begun(List<Grant> grants) {
      var made =
          new WaitingJobs(
              flow.store, flow.scheduler, flow.board, SchedulerListener.NONE, flow.clock);
      flow.board.onEnd(made::ended);
      made.start(grants);
      return made;
    }

    List<String> run(Scenario scenario, int restart) throws Exception {
      submit(scenario);
      settle();
      for (int step = 0; step < scenario.steps().size(); step++) {
        if (step == restart) {
          waiting.close(); // as killed: it is not notified of this step
        }
        play(scenario.steps().get(step));
        if (step == restart) {
          List<Grant> grants = flow.store.grantUnfinished();
          grants.forEach(grant -> versions.put(grant.job().id(), grant.version()));
          retention.forgetExpired(); // which may come before anybody looks at what waits
          waiting = begun(grants);
        }
        settle();
      }
      var outcomes = new ArrayList<String>();
      for (Job job : jobs.subList(SOURCES, jobs.size())) {
        outcomes.add(outcome(job));
      }
      return outcomes;
    }

    private void submit(Scenario scenario) {
      for (boolean ttl : scenario.ttls()) {
        Job source =
            flow.submitted(
                new Inputs.Listed(ITEMS),
                JobSpec.Start.AT_ONCE,
                ttl ? Duration.ofSeconds(30) : null,
                JobSpec.Reduce.LIST);
        jobs.add(source);
        flow.record(
            source,
            new Outcomes(
                new ItemRange(0, ITEMS), Flow.numbers(0, ITEMS), List.of(), Outcomes.Cost.NONE));
      }
      for (Dependent dependent : scenario.dependents()) {
        List<JobId> after = dependent.after().stream().map(jobs::get).map(Job::id).toList();
        Instant at = dependent.later() ? flow.clock.instant().plus(Duration.ofHours(1)) : null;
        Inputs inputs =
            dependent.inputs() == null
                ? new Inputs.Listed(1)
                : new Inputs.Results(jobs.get(dependent.inputs()).id());
        Job job = flow.submitted(inputs, new JobSpec.Start(after, at), null, JobSpec.Reduce.LIST);
        jobs.add(job);
        waiting.add(job, JobStore.FIRST_VERSION);
      }
    }

    private void play(Step step) {
      switch (step) {
        case Step.End end -> end(jobs.get(end.source()), end.state());
        case Step.Delete delete ->
            assertThat(flow.store.delete(jobs.get(delete.source()).id()).join()).isTrue();
        case Step.Pass pass -> {
          flow.clock.advance(pass.time());
          retention.forgetExpired();
        }
      }
    }

    private void end(Job job, JobState state) {
      var tally = new Tally(ITEMS, ITEMS, 0, 0, 1, 0, 0, 0);
      var was = job.status();
      Instant now = flow.clock.instant();
      var status =
          JobStatus.builder(state, tally)
              .startedAt(now)
              .finishedAt(now)
              .workersUsed(1)
              .chunkSizes(was.chunkSizes())
              .build();
      long version = versions.getOrDefault(job.id(), JobStore.FIRST_VERSION);
      assertThat(flow.store.finish(job.id(), version, status).join()).isPresent();
      flow.board.remove(job.id(), status);
    }

    /** Waits until all that follows from what has happened has happened. */
    private void settle() throws Exception {
      var nobody = JobId.next(flow.clock, new Random(10));
      for (int i = 0; i <= DEPENDENTS; i++) { // an end may lead to the next
        waiting.cancel(nobody).join();
      }
      Instant now = flow.clock.instant();
      for (Job job : jobs.subList(SOURCES, jobs.size())) {
        Awaitility.await(job.spec().inputs() + " " + job.spec().start())
            .pollInterval(Duration.ofMillis(2))
            .until(() -> isSettled(job, now));
      }
    }

    private boolean isSettled(Job job, Instant now) throws Exception {
      JobStatus status = flow.status(job);
      Instant at = job.spec().start().notBefore();
      if (status.state() == JobState.WAITING && at != null && !now.isBefore(at)) {
        return job.spec().waitsFor().stream().anyMatch(id -> !hasEndedWell(id));
      }
      boolean isFed = job.spec().inputs() instanceof Inputs.Results;
      return !isFed
          || status.state() != JobState.QUEUED
          || !status.inputsOpen()
          || flow.told(job.id()).contains("Fail");
    }

    private boolean hasEndedWell(JobId id) {
      return flow.store.stateOf(id).filter(JobState.SUCCEEDED::equals).isPresent();
    }

    private String outcome(Job job) throws Exception {
      JobStatus status = flow.status(job);
      JobError error = status.error();
      return "%s %s %s, %d inputs, open %s, failed %s"
          .formatted(
              status.state(),
              status.stopReason(),
              error == null ? "" : error.kind() + (error.message().contains("ended as") ? 1 : 0),
              status.tally().total(),
              status.inputsOpen(),
              flow.told(job.id()).contains("Fail"));
    }

    @Override
    public void close() {
      waiting.close();
      flow.close();
    }
  }
}
