package dev.manyhands.http.result;

import static dev.manyhands.store.JobStore.FIRST_VERSION;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.http.ItemInputs;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.InputSegment;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.ParentItems;
import dev.manyhands.model.Tally;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.StoreException;
import dev.manyhands.store.sql.DatabaseKind;
import dev.manyhands.store.sql.TestClock;
import dev.manyhands.store.sql.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * The database loses a row of outcomes while the job stays. An answer with other items than before
 * is not called complete, whatever part of the job it is about.
 */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class LostOutcomesTest {
  private static final Function FUNCTION =
      new Function("f", "sha256:0", new FunctionDefinition.Python("def f(x): return x", "f"));

  private final TestClock clock = new TestClock();
  private final Random random = new Random(2);
  private final TestDatabase database;
  private final JobStore store;
  private final ResultsWriter results;
  private final CompletionLines completions;

  LostOutcomesTest(DatabaseKind kind) {
    database = TestDatabase.fresh(kind);
    store = database.open(clock).jobs();
    var json = JsonMapper.builder().build();
    var inputs =
        new ItemInputs(
            (job, items, most) -> {
              throw new AssertionError("no inputs are read here");
            },
            1 << 20);
    results = new ResultsWriter(store, inputs, json);
    completions = new CompletionLines(store, inputs, json);
  }

  @AfterEach
  void close() {
    store.close();
    database.close();
  }

  @Test
  void ofAJobWithAllItems() throws Exception {
    for (long lost : List.of(0L, 2L, 3L)) {
      Job job = submitted(4, Reduce.LIST, null, null);
      record(job, 2, 3);
      record(job, 0, 2, 1);
      record(job, 3, 4);
      job = ended(job, 3, 1);
      check(List.of(job), job, lost);
    }
  }

  @Test
  void ofAJobWithItemsThatNeverRan() throws Exception {
    for (long lost : List.of(0L, 1L, 3L, 5L)) {
      Job job = submitted(8, Reduce.LIST, null, null);
      record(job, 3, 4, 3);
      record(job, 0, 1);
      record(job, 5, 6);
      record(job, 1, 3);
      job = ended(job, 4, 1);
      check(List.of(job), job, lost);
    }
  }

  @Test
  void ofAJobThatReducesItsResults() throws Exception {
    for (long lost : List.of(0L, 1L, 3L)) {
      Job job = submitted(6, Reduce.SUM, null, null);
      record(job, 3, 5, 3);
      record(job, 0, 1);
      record(job, 1, 3, 2);
      job = ended(job, 3, 2);
      check(List.of(job), job, lost);
    }
  }

  @Test
  void ofAJobAndItsRetry() throws Exception {
    for (boolean ofRetry : new boolean[] {false, true}) {
      for (long lost : ofRetry ? List.of(0L, 1L, 2L) : List.of(0L, 1L)) {
        Job parent = submitted(6, Reduce.LIST, null, null);
        record(parent, 0, 1);
        record(parent, 1, 3, 2);
        parent = ended(parent, 2, 1);
        var origins = new ParentItems.Builder();
        origins.add(new ItemRange(2, 6));
        Job retry = submitted(4, Reduce.LIST, parent.id(), origins.build(0));
        record(retry, 1, 2);
        record(retry, 0, 1, 0);
        record(retry, 2, 3);
        retry = ended(retry, 2, 1);
        check(List.of(parent, retry), ofRetry ? retry : parent, lost);
      }
    }
  }

  @Test
  void ofARunningJob() throws Exception {
    Job job = submitted(6, Reduce.LIST, null, null);
    record(job, 4, 5);
    record(job, 0, 2);
    record(job, 2, 4);
    lose(job, 0);
    assertThat(completions(job, new ItemRange(0, 1)).text()).startsWith("{\"index\":4,\"at\":0,");
    for (long first = 0; first < 3; first++) {
      var wanted = new ItemRange(first, 6);
      assertThatThrownBy(() -> completions(job, wanted)).isInstanceOf(StoreException.class);
    }
    assertThat(completions(job, new ItemRange(3, 6)).text())
        .startsWith("{\"index\":2,\"at\":3,")
        .hasLineCount(3);
  }

  /** A form of answer. */
  @FunctionalInterface
  private interface Form {
    Answer read(ItemRange wanted) throws IOException;
  }

  private record Answer(String text, boolean complete) {}

  /** Reads every part of the results in every form, before and after a row is lost. */
  private void check(List<Job> chain, Job loser, long lost) throws Exception {
    long total = chain.getFirst().status().tally().total();
    Map<String, Form> forms = forms(chain);
    var before = new LinkedHashMap<String, Answer>();
    read(forms, total, before);
    assertThat(before.values()).allMatch(Answer::complete);
    lose(loser, lost);
    var after = new LinkedHashMap<String, Answer>();
    read(forms, total, after);
    for (var answer : after.entrySet()) {
      if (answer.getValue().complete()) {
        assertThat(answer.getValue()).as(answer.getKey()).isEqualTo(before.get(answer.getKey()));
      }
    }
    for (String form : forms.keySet()) {
      assertThat(after.get(form + new ItemRange(0, total)).complete())
          .as("all results, as %s, without the row of item %d of %s", form, lost, loser.id())
          .isFalse();
    }
  }

  private static void read(Map<String, Form> forms, long total, Map<String, Answer> answers)
      throws IOException {
    for (var form : forms.entrySet()) {
      for (long first = 0; first < total; first++) {
        for (long end = first + 1; end <= total; end++) {
          var wanted = new ItemRange(first, end);
          answers.put(form.getKey() + wanted, form.getValue().read(wanted));
        }
      }
    }
  }

  private Map<String, Form> forms(List<Job> chain) {
    Job job = chain.getFirst();
    var forms = new LinkedHashMap<String, Form>();
    forms.put("page", wanted -> page(source(chain), wanted));
    forms.put(
        "lines",
        wanted ->
            lines(
                source(chain),
                wanted,
                (source, out, sent) -> results.lines(source, wanted, Include.NOTHING, out, sent)));
    if (chain.size() == 1) {
      forms.put("completion", wanted -> completions(job, wanted));
      forms.put("array", wanted -> array(job, wanted));
    }
    return forms;
  }

  private ResultSource source(List<Job> chain) {
    return chain.size() == 1
        ? new OwnResults(store, chain.getFirst())
        : new MergedResults(store, chain);
  }

  private Answer page(ResultSource source, ItemRange wanted) throws IOException {
    var out = new ByteArrayOutputStream();
    results.page(source, wanted, Include.NOTHING, false, out);
    String text = out.toString(UTF_8);
    return new Answer(text, text.contains("\"complete\":true"));
  }

  /** Writes lines, and returns where to continue. */
  @FunctionalInterface
  private interface Lines {
    long write(ResultSource source, OutputStream out, Sent sent);
  }

  private static Answer lines(ResultSource source, ItemRange wanted, Lines lines) {
    var out = new ByteArrayOutputStream();
    var sent = new Sent(wanted.first());
    long next = lines.write(source, out, sent);
    return new Answer(out.toString(UTF_8) + source.next(next), source.isComplete(sent, next));
  }

  private Answer completions(Job job, ItemRange wanted) {
    return lines(
        source(List.of(job)),
        wanted,
        (source, out, sent) -> completions.write(job, wanted, Include.NOTHING, out, sent));
  }

  private Answer array(Job job, ItemRange wanted) throws IOException {
    var out = new ByteArrayOutputStream();
    boolean complete = results.array(job, wanted, out, 1_000);
    return new Answer(out.toString(UTF_8), complete);
  }

  private void lose(Job job, long first) throws SQLException {
    database.execute(
        "DELETE FROM outcome WHERE job_id = ? AND first_index = ?", job.id().toString(), first);
  }

  // ---- jobs

  private Job submitted(
      long items, Reduce reduce, @Nullable JobId parent, @Nullable ParentItems origins) {
    clock.advance(Duration.ofSeconds(1));
    var spec =
        JobSpec.builder(FUNCTION, new Inputs.Listed(items)).reduce(reduce).parent(parent).build();
    var job = new Job(JobId.next(clock, random), spec, clock.instant(), JobStatus.queued(items));
    var segment = new InputSegment(new ItemRange(0, items), numbers(0, items), origins);
    store.submit(job, segment, null).join();
    return job;
  }

  private static byte[] numbers(long first, long end) {
    return LongStream.range(first, end)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(","))
        .getBytes(UTF_8);
  }

  private void record(Job job, long first, long end, long... failed) {
    var errors = new ArrayList<ItemError>();
    for (long index : failed) {
      errors.add(new ItemError(index, ItemError.Kind.ERROR, "E", "m", null, 1));
    }
    byte[] values = job.spec().reduce() == Reduce.LIST ? numbers(first, end) : new byte[0];
    var outcomes = new Outcomes(new ItemRange(first, end), values, errors, Outcomes.Cost.NONE);
    var report = new OutcomeReport(outcomes, 1, 1, clock.instant(), clock.instant(), 1);
    assertThat(store.record(job.id(), FIRST_VERSION, report).join()).isTrue();
  }

  private Job ended(Job job, long succeeded, long failed) {
    long total = job.status().tally().total();
    var tally = new Tally(total, succeeded, failed, total - succeeded - failed, 1, 0, 0, 0);
    var status =
        JobStatus.builder(JobState.FAILED, tally)
            .startedAt(clock.instant())
            .finishedAt(clock.instant())
            .workersUsed(1)
            .build();
    assertThat(store.finish(job.id(), FIRST_VERSION, status).join()).isPresent();
    return store.find(job.id()).orElseThrow();
  }
}
