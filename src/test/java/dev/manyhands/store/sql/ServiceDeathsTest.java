package dev.manyhands.store.sql;

import static dev.manyhands.store.JobStore.FIRST_VERSION;
import static dev.manyhands.store.sql.TestJobs.ended;
import static dev.manyhands.store.sql.TestJobs.inputs;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Grant;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobState;
import dev.manyhands.model.ServiceDeaths;
import dev.manyhands.store.JobStore;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** How often the service died while a job was running. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class ServiceDeathsTest {
  private final TestJobs jobs = new TestJobs();
  private final TestDatabase database;
  private JobStore store;

  ServiceDeathsTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
    this.store = database.open(new TestClock()).jobs();
    store.grantUnfinished();
  }

  @AfterEach
  void close() {
    store.close();
    database.close();
  }

  private Job running() {
    Job job = jobs.job(10);
    store.submit(job, inputs(0, 10), null).join();
    store.started(job.id(), FIRST_VERSION, TestClock.START).join();
    return job;
  }

  private List<Grant> nextService() {
    store.close();
    store = database.open(new TestClock()).jobs();
    return store.grantUnfinished();
  }

  private ServiceDeaths deathsAfterDeath() {
    return nextService().getFirst().deaths();
  }

  @Test
  void deathsCountForJobsThatWereRunning() {
    running();
    Job queued = jobs.job(3);
    store.submit(queued, inputs(0, 3), null).join();
    assertThat(nextService())
        .extracting(Grant::deaths)
        .containsExactly(new ServiceDeaths(1, null, 0), ServiceDeaths.NONE);
    assertThat(deathsAfterDeath()).isEqualTo(new ServiceDeaths(2, null, 0));
  }

  @Test
  void aServiceThatEndsByItselfHasNotDied() {
    running();
    deathsAfterDeath();
    store.endsByItself().join();
    assertThat(deathsAfterDeath()).isEqualTo(new ServiceDeaths(1, null, 0));
    assertThat(deathsAfterDeath()).isEqualTo(new ServiceDeaths(2, null, 0));
  }

  @Test
  void whatRanAloneAtADeathIsKnown() {
    Job job = running();
    long version = nextService().getFirst().version();
    assertThat(store.alone(job.id(), version, new ItemRange(3, 7), 0).join()).isTrue();
    Grant second = nextService().getFirst();
    assertThat(second.deaths()).isEqualTo(new ServiceDeaths(2, new ItemRange(3, 7), 1));
    var item = new ItemRange(5, 6);
    assertThat(store.alone(job.id(), second.version(), item, 1).join()).isTrue();
    assertThat(deathsAfterDeath()).isEqualTo(new ServiceDeaths(3, item, 2));
  }

  @Test
  void whatRanAloneWhenTheServiceWasStoppedIsNotSuspected() {
    Job job = running();
    long version = nextService().getFirst().version();
    store.alone(job.id(), version, new ItemRange(3, 4), 1).join();
    store.endsByItself().join();
    assertThat(deathsAfterDeath()).isEqualTo(new ServiceDeaths(1, null, 0));
  }

  @Test
  void aStaleGrantNotesNothing() {
    Job job = running();
    nextService();
    assertThat(store.alone(job.id(), FIRST_VERSION, new ItemRange(3, 4), 0).join()).isFalse();
  }

  @Test
  void deathsAreForgottenInTimeAndWithTheJob() {
    Job job = running();
    deathsAfterDeath();
    store.forgetDeaths().join();
    Grant next = nextService().getFirst();
    assertThat(next.deaths()).isEqualTo(new ServiceDeaths(1, null, 0));
    store.finish(job.id(), next.version(), ended(JobState.SUCCEEDED, 10, 10)).join();
    assertThat(nextService()).isEmpty();
  }

  @Test
  void onlyTheItemsThatRanAloneLastAreCharged() {
    Job one = running();
    Job other = running();
    var item = new ItemRange(5, 6);
    long version = of(nextService(), one).version();
    assertThat(store.alone(one.id(), version, item, 0).join()).isTrue();
    var second = nextService();
    assertThat(deaths(second, one)).isEqualTo(new ServiceDeaths(2, item, 1));
    var others = new ItemRange(3, 4);
    version = of(second, other).version();
    assertThat(store.alone(other.id(), version, others, 0).join()).isTrue();
    var third = nextService();
    assertThat(deaths(third, one)).isEqualTo(new ServiceDeaths(3, item, 1));
    assertThat(deaths(third, other)).isEqualTo(new ServiceDeaths(3, others, 1));
    // Nothing ran alone in this life.
    assertThat(deaths(nextService(), other)).isEqualTo(new ServiceDeaths(4, others, 1));
  }

  private static ServiceDeaths deaths(List<Grant> grants, Job job) {
    return of(grants, job).deaths();
  }

  private static Grant of(List<Grant> grants, Job job) {
    return grants.stream().filter(one -> one.job().id().equals(job.id())).findFirst().orElseThrow();
  }
}
