package dev.manyhands.outside;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Random jobs, some at once, each checked against the right outcomes of its items.
 *
 * <p>A seed identifies a job. The jobs of a run have consecutive seeds, of which the first is
 * printed. A run is repeated by {@code -Doracle.seed=…} with {@code -Doracle.jobs=…}. The failure
 * of a job prints its own seed, which alone repeats just that job. Without a seed, {@code
 * -Doracle.jobs=…} sets the number of jobs.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OracleIT {
  private static final int AT_ONCE = 4;

  private static final Long GIVEN = Long.getLong("oracle.seed");
  private static final long SEED = GIVEN == null ? System.nanoTime() >>> 8 : GIVEN;
  private static final int JOBS = Integer.getInteger("oracle.jobs", GIVEN == null ? 120 : 1);

  /** Jobs that a service runs which is killed once among them, and once after the last came. */
  private static final int DOOMED = Math.max(20, JOBS / 8);

  private Service service;
  private Receiver receiver;

  @TempDir private Path scratch;

  @BeforeAll
  void start() throws Exception {
    Requirements.python();
    System.out.printf("OracleIT: -Doracle.seed=%d -Doracle.jobs=%d%n", SEED, JOBS);
    receiver = new Receiver();
    service = Service.start(Service.newDirectory(), Receiver.SETTING);
  }

  @AfterAll
  void stop() {
    service.close();
    receiver.close();
  }

  @Test
  void everyJobComesToWhatItsItemsMustComeTo() throws Exception {
    var trials = new ArrayList<Future<?>>();
    try (var threads = Executors.newFixedThreadPool(AT_ONCE)) {
      for (long seed = SEED; seed < SEED + JOBS; seed++) {
        long ofJob = seed;
        trials.add(threads.submit(() -> Trial.run(service, ofJob, receiver, scratch)));
      }
    }
    var failures = new ArrayList<Throwable>();
    for (Future<?> trial : trials) {
      try {
        trial.get();
      } catch (ExecutionException e) {
        failures.add(e.getCause());
      }
    }
    throwAll(failures);
  }

  @Test
  void andSoItDoesWhenTheServiceIsKilledInBetween() throws Exception {
    checkJobsOfKilled(Service.start(Service.newDirectory(), Receiver.SETTING));
  }

  @Test
  void orWithItsJobsInPostgreSql() throws Exception {
    try (var postgres = EmbeddedPostgres.start()) {
      checkJobsOfKilled(
          Service.start(Service.newDirectory(), OwnStore.settings(postgres, Receiver.SETTING)));
    }
  }

  /** Some have ended then, some run, some wait, and of some not all items have come. */
  private void checkJobsOfKilled(Service first) throws Exception {
    Service doomed = first;
    List<RandomJob> jobs =
        LongStream.range(SEED, SEED + JOBS)
            .mapToObj(seed -> RandomJob.of(seed, scratch))
            .filter(RandomJob::isIdempotent)
            .map(RandomJob::lasting)
            .limit(DOOMED)
            .toList();
    assumeFalse(jobs.isEmpty(), "its items count their runs, which a kill adds to");
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    RandomJob fatal = jobs.get(random.nextInt(jobs.size()));
    var submitted = new LinkedHashMap<String, Trial>();
    var failures = new ArrayList<Throwable>();
    try {
      for (RandomJob job : jobs) {
        var trial = new Trial(new JobSending(job, receiver), service, Oracle.World.RESTARTS);
        String id = trial.sending.begin(doomed);
        submitted.put(id, trial);
        if (job == fatal || job == jobs.getLast()) {
          doomed.killMinus9();
          doomed = doomed.again();
        }
        trial.sending.goOn(doomed, id);
      }
      for (var trial : submitted.entrySet()) {
        JsonNode shown = null;
        try {
          shown = doomed.await(trial.getKey());
          trial.getValue().check(doomed, trial.getKey(), shown);
        } catch (Throwable e) {
          failures.add(Trial.failure(trial.getValue().job, shown, e));
        }
      }
    } finally {
      doomed.close();
    }
    throwAll(failures);
  }

  private static void throwAll(List<Throwable> failures) {
    if (!failures.isEmpty()) {
      var all =
          new AssertionError(
              "%d failed; the run was -Doracle.seed=%d -Doracle.jobs=%d%n%s"
                  .formatted(failures.size(), SEED, JOBS, beginnings(failures)));
      failures.forEach(all::addSuppressed);
      throw all;
    }
  }

  /** Returns seeds and reasons, a line each. A tool that prints whole failures may cut them. */
  private static String beginnings(List<Throwable> failures) {
    return failures.stream()
        .map(failure -> String.valueOf(failure.getMessage()).replace('\n', ' '))
        .map(message -> message.substring(0, Math.min(300, message.length())))
        .collect(Collectors.joining("\n"));
  }
}
