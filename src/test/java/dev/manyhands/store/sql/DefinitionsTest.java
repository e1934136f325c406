package dev.manyhands.store.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition.JavaClass;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Grant;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobSummary;
import dev.manyhands.store.JobFilter;
import dev.manyhands.store.JobSearch.Found;
import dev.manyhands.store.JobStore;
import java.lang.ref.WeakReference;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Definitions of functions are stored once and held once. They are removed with the last job or
 * function that needs them.
 */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class DefinitionsTest {
  private final TestJobs jobs = new TestJobs();
  private final TestDatabase database;
  private SqlStores stores;
  private JobStore store;

  DefinitionsTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
  }

  @BeforeEach
  void open() {
    stores = database.open(new TestClock());
    store = stores.jobs();
  }

  @AfterEach
  void close() {
    stores.close();
    database.close();
  }

  /** An object of its own each time, as a request makes it. */
  private static Function python(String code) {
    return new Function("f", "sha256:1", new Python(new StringBuilder(code).toString(), "f"));
  }

  private Job submitted(Function function) {
    Job job = jobs.job(function, 1, Map.of());
    store.submit(job, null, null).join();
    return job;
  }

  private void ended(Job job) {
    store.finish(job.id(), JobStore.FIRST_VERSION, TestJobs.ended(JobState.SUCCEEDED, 1, 1)).join();
  }

  private long stored() throws SQLException {
    return database.number("SELECT COUNT(*) FROM function_definition");
  }

  @Test
  void manyJobsOfOneFunctionStoreItOnce() throws Exception {
    for (int i = 0; i < 5; i++) {
      submitted(python("def f(x): return x"));
    }
    submitted(python("def f(x): return -x"));

    assertThat(stored()).isEqualTo(2);
    assertThat(database.number("SELECT COUNT(*) FROM job WHERE details LIKE '%def f%'")).isZero();
  }

  @Test
  void aDefinitionIsHeldOnceWhereverItCameFrom() {
    Job first = submitted(python("def f(x): return x"));
    Function shared = store.shared(python("def f(x): return x"));
    stores.functions().register(python("def f(x): return x"), TestClock.START).join();

    assertThat(store.find(first.id()).orElseThrow().spec().function().definition())
        .isSameAs(shared.definition());
    assertThat(stores.functions().find("f").orElseThrow().function().definition())
        .isSameAs(shared.definition());
    submitted(python("def f(x): return x"));
    assertThat(store.grantUnfinished())
        .extracting(grant -> grant.job().spec().function().definition())
        .hasSize(2)
        .allSatisfy(definition -> assertThat(definition).isSameAs(shared.definition()));
  }

  @Test
  void aDefinitionThatNobodyUsesLeavesTheMemory() {
    var held =
        new WeakReference<>(
            store
                .shared(new Function("g", "sha256:2", new Python("def g(x): 1", "g")))
                .definition());
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> {
          System.gc();
          return held.get() == null;
        });
    Job job = submitted(new Function("g", "sha256:2", new Python("def g(x): 1", "g")));
    assertThat(store.find(job.id())).contains(job);
  }

  /** The digest that users see is alike for these, but one must not run in place of the other. */
  @Test
  void definitionsOfOneDigestStayApart() {
    var jobsOfAll = new ArrayList<Job>();
    for (var definition :
        List.of(
            new Python("f = '\ud83e'", "f"),
            new Python("f = '?'", "f"),
            new JavaClass("a.B", "one.jar", "abc"),
            new JavaClass("a.B", "two.jar", "abc"))) {
      Job job = jobs.job(new Function("f", "sha256:1", definition), 1, Map.of());
      store.submit(job, null, null).join();
      jobsOfAll.add(job);
    }
    stores.close();
    open();
    for (Job job : jobsOfAll) {
      assertThat(store.find(job.id())).contains(job);
    }
    assertThat(store.grantUnfinished().stream().map(Grant::job))
        .containsExactlyElementsOf(jobsOfAll);
  }

  @Test
  void theLastJobTakesItsDefinitionAlong() throws Exception {
    Job first = submitted(python("def f(x): return x"));
    Job second = submitted(python("def f(x): return x"));
    ended(first);
    ended(second);

    assertThat(store.delete(first.id()).join()).isTrue();
    assertThat(stored()).isEqualTo(1);
    assertThat(store.find(second.id()).orElseThrow().spec()).isEqualTo(second.spec());

    assertThat(store.delete(second.id()).join()).isTrue();
    assertThat(stored()).isZero();

    // It comes back with the next job, though it was known to be stored a moment ago.
    Job third = submitted(python("def f(x): return x"));
    assertThat(stored()).isEqualTo(1);
    stores.close();
    open();
    assertThat(store.find(third.id())).contains(third);
  }

  @Test
  void aRegisteredFunctionKeepsItsDefinitionAndSoDoItsJobs() throws Exception {
    Function function = python("def f(x): return x");
    stores.functions().register(function, TestClock.START).join();
    Job job = submitted(function);
    ended(job);
    assertThat(store.delete(job.id()).join()).isTrue();
    assertThat(stored()).isEqualTo(1);
    assertThat(stores.functions().find("f").orElseThrow().function()).isEqualTo(function);

    Job later = submitted(function);
    stores.functions().delete("f").join();
    assertThat(stored()).isEqualTo(1);
    assertThat(store.find(later.id())).contains(later);
    ended(later);
    assertThat(store.delete(later.id()).join()).isTrue();
    assertThat(stored()).isZero();

    stores.functions().register(function, TestClock.START).join();
    stores.functions().delete("f").join();
    assertThat(stored()).isZero();
  }

  @Test
  void aListShowsWhatAJobSays() {
    JobSpec spec = JobJsonTest.full().toBuilder().sharedSet(null).build(); // there is no set
    Job job = jobs.job(jobs.nextId(), spec);
    store.submit(job, null, null).join();

    var listed = listed().getFirst();

    assertThat(listed).isEqualTo(job.summary());
    assertThat(listed.outline().after()).hasSize(1);
    assertThat(store.summary(job.id())).contains(job.summary());
    JobSpec changed = spec.withControls(3, 1, 5, null, false);
    assertThat(store.change(job.id(), changed).join()).isTrue();
    assertThat(store.summary(job.id())).contains(job.withSpec(changed).summary());
    assertThat(store.find(job.id())).contains(job.withSpec(changed));
  }

  /** A list must do without what may be megabytes: it works although none of that can be read. */
  @Test
  void aListReadsNoDetails() throws Exception {
    Job job = submitted(python("def f(x): return x"));
    database.execute("UPDATE job SET details = 'no JSON', result = 'none either'");
    database.execute("DELETE FROM function_definition");

    assertThat(listed()).containsExactly(job.summary());
  }

  private List<JobSummary> listed() {
    var ids =
        stores.search().find(JobFilter.ALL, Set.of(), null, 10).stream().map(Found::id).toList();
    return stores.search().summaries(ids);
  }
}
