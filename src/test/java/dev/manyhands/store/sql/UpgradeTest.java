package dev.manyhands.store.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Grant;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.InputsOwner;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobSummary;
import dev.manyhands.store.FunctionStore.Listed;
import dev.manyhands.store.JobFilter;
import dev.manyhands.store.JobSearch.Found;
import dev.manyhands.store.JobStore;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A database of the version whose jobs held their definitions themselves is taken over, whatever
 * state its jobs are in. The rows are text, so that they stay what that version wrote.
 */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class UpgradeTest {
  private static final String BEFORE = "9";
  private static final JobId SUCCEEDED = id(1);
  private static final JobId RUNNING = id(2);
  private static final JobId OPEN = id(3);
  private static final JobId UPLOAD = id(4);
  private static final JobId FED = id(5);
  private static final JobId WAITING = id(6);

  /** Code with half a surrogate pair and a zero, which no JSON type of a database takes. */
  private static final Function SQUARE =
      new Function(
          "square",
          "sha256:aa",
          new Python("# \ud83e \0 \u00e9\ndef square(x): return x * x", "square"));

  private static final String SQUARE_JSON =
      "{\"name\":\"square\",\"digest\":\"sha256:aa\",\"definition\":{\"kind\":\"python\","
          + "\"code\":\"# \\uD83E \\u0000 \\u00E9\\ndef square(x): return x * x\",\"entry\":\"square\"}}";
  private static final String GCD_DEFINITION =
      "{\"kind\":\"java\",\"className\":\"dev.manyhands.harness.builtin.Gcd\"}";
  private static final String REST =
      ",\"call\":\"MAP\",\"threads\":1,\"chunking\":{\"order\":\"INPUT\"},\"reduce\":\"LIST\",\"retry\":"
          + "{\"crash\":2,\"timeout\":1,\"error\":1,\"backoff\":\"PT0S\"},\"timeouts\":{},\"maxFailures\":0,"
          + "\"onError\":\"CONTINUE\",\"priority\":5,\"paused\":false,\"cache\":false";

  private final TestDatabase database;
  private SqlStores stores;

  UpgradeTest(DatabaseKind kind) {
    this.database = TestDatabase.empty(kind);
  }

  private static JobId id(long number) {
    return new JobId(new UUID(number, number));
  }

  @BeforeEach
  void dataOfBefore() throws SQLException {
    database.migrateTo(BEFORE);
    job(
        SUCCEEDED,
        "SUCCEEDED",
        4,
        0,
        "16",
        spec(
            SQUARE_JSON,
            "{\"kind\":\"listed\",\"count\":4}",
            "\"start\":{\"after\":[]},\"ttl\":\"PT24H\",\"common\":\"{\\\"k\\\": 1.0}\",\"seed\":7,\"workers\":3,"
                + "\"memory\":1024,\"parent\":{\"value\":\"00000000-0000-0009-0000-000000000009\"},"
                + "\"labels\":{\"team\":\"a\"}"));
    database.execute(
        "INSERT INTO job_label (job_id, label_key, label_value) VALUES (?, 'team', 'a')",
        SUCCEEDED.toString());
    job(RUNNING, "RUNNING", 4, 0, null, spec(SQUARE_JSON, "{\"kind\":\"listed\",\"count\":4}"));
    for (JobId id : List.of(SUCCEEDED, RUNNING)) {
      database.execute(
          "INSERT INTO input_segment (job_id, first_index, item_count, bytes) VALUES (?, 0, 4, ?)",
          id.toString(),
          "1,2,3,4".getBytes(StandardCharsets.US_ASCII));
    }
    outcome(SUCCEEDED, 4, "1,4,9,16");
    outcome(RUNNING, 2, "1,4");
    job(OPEN, "RUNNING", 0, 1, null, spec(SQUARE_JSON, "{\"kind\":\"open\",\"upload\":false}"));
    job(UPLOAD, "RUNNING", 0, 1, null, spec(SQUARE_JSON, "{\"kind\":\"open\",\"upload\":true}"));
    job(
        FED,
        "QUEUED",
        0,
        1,
        null,
        spec(SQUARE_JSON, "{\"kind\":\"results\",\"job\":{\"value\":\"" + SUCCEEDED + "\"}}"));
    job(
        WAITING,
        "WAITING",
        3,
        0,
        null,
        spec(
            "{\"name\":\"gcd\",\"digest\":\"sha256:bb\",\"definition\":" + GCD_DEFINITION + "}",
            "{\"kind\":\"range\",\"start\":0,\"stop\":3,\"step\":1}",
            "\"start\":{\"after\":[{\"value\":\""
                + RUNNING
                + "\"}],\"notBefore\":\"2026-01-02T03:04:05Z\"},\"labels\":{}"));
    database.execute(
        "INSERT INTO function_version (name, digest, registered_at, definition) VALUES"
            + " ('square', 'sha256:aa', 1, ?), ('gcd2', 'sha256:bb', 2, ?)",
        definitionOf(SQUARE_JSON),
        GCD_DEFINITION);
    database.execute(
        "INSERT INTO function_current (name, digest) VALUES ('square', 'sha256:aa'),"
            + " ('gcd2', 'sha256:bb')");
    stores = database.open(new TestClock());
  }

  @AfterEach
  void close() {
    stores.close();
    database.close();
  }

  private static String definitionOf(String function) {
    return function.substring(function.indexOf("\"definition\":") + 13, function.length() - 1);
  }

  private static String spec(String function, String inputs) {
    return spec(function, inputs, "\"start\":{\"after\":[]},\"labels\":{}");
  }

  private static String spec(String function, String inputs, String more) {
    return "{\"name\":\"of before\",\"function\":%s,\"inputs\":%s%s,%s}"
        .formatted(function, inputs, REST, more);
  }

  private void job(JobId id, String state, long total, long open, String result, String spec)
      throws SQLException {
    boolean isGcd = spec.contains("\"gcd\"");
    boolean ended = state.equals("SUCCEEDED");
    database.execute(
        "INSERT INTO job (id, state, version, function_name, function_digest, runtime, submitted_at,"
            + " started_at, finished_at, total, succeeded, failed, skipped, chunks, work_seconds,"
            + " workers_used, stop_reason, error, inputs_open, matched, cached, chunk_sizes,"
            + " ttl_micros, result, spec) VALUES (?, ?, 1, ?, ?, ?, 1767323045000000, CAST(? AS BIGINT),"
            + " CAST(? AS BIGINT), ?, ?, 0, 0, 1, 0.5, 1, NULL, NULL, ?, 0, 0, NULL, NULL, ?, ?)",
        id.toString(),
        state,
        isGcd ? "gcd" : "square",
        isGcd ? "sha256:bb" : "sha256:aa",
        isGcd ? "java" : "python",
        ended ? 1767323046000000L : null,
        ended ? 1767323047000000L : null,
        total,
        ended ? total : 0L,
        open,
        result,
        spec);
  }

  private void outcome(JobId id, long count, String values) throws SQLException {
    database.execute(
        "INSERT INTO outcome (job_id, first_index, item_count, version, failed, run_seconds,"
            + " read_seconds, write_seconds, worker, pid, started_at, finished_at, attempt, errors,"
            + " item_values, place) VALUES (?, 0, ?, 1, 0, 0.5, 0, 0, 1, 1, 1, 1, 1, NULL, ?, 0)",
        id.toString(),
        count,
        values.getBytes(StandardCharsets.US_ASCII));
  }

  private Job found(JobId id) {
    return stores.jobs().find(id).orElseThrow();
  }

  @Test
  void allIsReadAsItWas() {
    Job job = found(SUCCEEDED);
    JobSpec spec = job.spec();
    assertThat(spec.function()).isEqualTo(SQUARE);
    assertThat(spec.inputs()).isEqualTo(new Inputs.Listed(4));
    assertThat(spec.common()).isEqualTo("{\"k\": 1.0}");
    assertThat(spec.name()).isEqualTo("of before");
    assertThat(spec.ttl()).isEqualTo(Duration.ofHours(24));
    assertThat(spec.parent()).isEqualTo(id(9));
    assertThat(stores.jobs().retriedItems().at(SUCCEEDED, 0)).isEmpty();
    assertThat(job.status().state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(job.status().result()).isEqualTo("16");
    assertThat(found(RUNNING).spec().function().definition())
        .isSameAs(spec.function().definition());
    assertThat(found(WAITING).spec().start().after()).containsExactly(RUNNING);
  }

  @Test
  void definitionsAreStoredOnce() throws Exception {
    assertThat(database.number("SELECT COUNT(*) FROM function_definition")).isEqualTo(2);
    var square = stores.functions().find("square").orElseThrow().function();
    assertThat(square).isEqualTo(SQUARE);
    assertThat(square.definition()).isSameAs(found(OPEN).spec().function().definition());
    assertThat(stores.functions().find("gcd2")).isPresent();
  }

  @Test
  void listsOfFunctionsShowWhatFunctionsAre() {
    var gcd = stores.functions().find("gcd2").orElseThrow();
    var square = new Python("", "square");
    assertThat(stores.functions().list())
        .containsExactly(
            new Listed(
                "gcd2", "sha256:bb", gcd.function().definition().outline(), gcd.registeredAt()),
            new Listed("square", "sha256:aa", square, Instant.EPOCH.plusNanos(1_000)));
    assertThat(stores.functions().versions("square"))
        .extracting(Listed::outline)
        .containsExactly(square);
  }

  private List<JobSummary> list(JobFilter filter) {
    var ids = stores.search().find(filter, Set.of(), null, 10).stream().map(Found::id).toList();
    return stores.search().summaries(ids);
  }

  @Test
  void retriesAreFoundByTheirParent() {
    var retries = new JobFilter(Set.of(), null, null, null, null, id(9), null);
    assertThat(list(retries)).extracting(JobSummary::id).containsExactly(SUCCEEDED);
  }

  @Test
  void listsShowWhatWholeJobsShow() {
    assertThat(list(JobFilter.ALL))
        .hasSize(6)
        .allSatisfy(listed -> {
          var whole = found(listed.id()).summary();
          assertThat(listed.outline()).isEqualTo(whole.outline());
          assertThat(listed.runtime()).isEqualTo(whole.runtime());
          assertThat(listed.functionDigest()).isEqualTo(whole.functionDigest());
          assertThat(listed.status().tally()).isEqualTo(whole.status().tally());
        });
    var label = new JobFilter.Label("team", "a");
    var labelled = list(new JobFilter(Set.of(), null, null, label, null, null, null));
    assertThat(labelled).extracting(listed -> listed.id()).containsExactly(SUCCEEDED);
    assertThat(labelled.getFirst().outline().labels()).isEqualTo(Map.of("team", "a"));
    assertThat(labelled.getFirst().outline().seed()).isEqualTo(7);
    assertThat(stores.jobs().summary(FED).orElseThrow().outline().after())
        .containsExactly(SUCCEEDED);
  }

  @Test
  void whatHasNotEndedRunsOn() {
    JobStore store = stores.jobs();
    List<Grant> grants = store.grantUnfinished();
    assertThat(grants)
        .extracting(grant -> grant.job().id())
        .containsExactly(RUNNING, OPEN, UPLOAD, FED, WAITING);
    Grant running = grants.getFirst();
    assertThat(running.job().spec().function()).isEqualTo(SQUARE);
    assertThat(running.done()).containsExactly(new ItemRange(0, 2));

    assertThat(store.record(RUNNING, running.version(), TestJobs.report(2, 4)).join()).isTrue();
    var end = TestJobs.ended(JobState.SUCCEEDED, 4, 4);
    assertThat(store.finish(RUNNING, running.version(), end).join()).isPresent();
    assertThat(found(RUNNING).status()).isEqualTo(end);
    assertThat(store.delete(RUNNING).join()).isTrue();
  }

  @Test
  void openInputsHaveTheOwnersThatTheyHad() {
    JobStore store = stores.jobs();
    for (InputsOwner owner : InputsOwner.values()) {
      var owned =
          switch (owner) {
            case CLIENT -> OPEN;
            case UPLOAD -> UPLOAD;
            case FEED -> FED;
          };
      for (JobId id : List.of(OPEN, UPLOAD, FED, RUNNING)) {
        assertThat(store.append(id, owner, TestJobs.values(0, 1), 1).join().isPresent())
            .isEqualTo(id.equals(owned));
      }
    }
  }

  @Test
  void aRetryHasTheFunctionOfBefore() {
    Job before = found(SUCCEEDED);
    var spec = before.spec().over(new Inputs.Listed(1), before.id());
    Job retry = new TestJobs().job(id(20), spec);
    stores.jobs().submit(retry, TestJobs.inputs(0, 1), null).join();
    assertThat(found(retry.id())).isEqualTo(retry);
    assertThat(stores.jobs().delete(SUCCEEDED).join()).isTrue();
    assertThat(found(retry.id()).spec().function()).isEqualTo(SQUARE);
  }

  /** Which dependencies a job has was not noted before. */
  @Test
  void aJobThatWaitsRemembersHowTheOthersEnded() throws SQLException {
    var ended = TestJobs.ended(JobState.SUCCEEDED, 4, 4);
    long version =
        stores.jobs().grantUnfinished().stream()
            .filter(grant -> grant.job().id().equals(RUNNING))
            .findFirst()
            .orElseThrow()
            .version();
    assertThat(stores.jobs().stateOf(RUNNING)).contains(JobState.RUNNING);
    assertThat(stores.jobs().finish(RUNNING, version, ended).join()).isPresent();
    assertThat(stores.jobs().delete(RUNNING).join()).isTrue();
    assertThat(stores.jobs().find(RUNNING)).isEmpty();
    assertThat(stores.jobs().stateOf(RUNNING)).contains(JobState.SUCCEEDED);
    assertThat(stores.jobs().deleteExpired(SUCCEEDED).join()).as("feeds another").isFalse();
    assertThat(stores.jobs().delete(SUCCEEDED).join()).isTrue();
  }
}
