package dev.manyhands.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.jobs.comparison.ResultsDigest;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.JobStore;
import dev.manyhands.store.StoreException;
import dev.manyhands.store.sql.DatabaseKind;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The results of one job as the inputs of the next. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class ResultFeedTest {
  private final Flow flow;

  ResultFeedTest(DatabaseKind kind) throws IOException {
    this.flow = new Flow(kind);
  }

  @AfterEach
  void stop() {
    flow.close();
  }

  @Test
  void whatHasNoValueIsNull() throws Exception {
    Job source = flow.submitted(10);
    flow.record(source, values(2, 4));
    var error = new ItemError(5, ItemError.Kind.ERROR, "E", "m", null, 1);
    flow.record(
        source,
        new Outcomes(
            new ItemRange(5, 7), "null,[6]".getBytes(UTF_8), List.of(error), Outcomes.Cost.NONE));
    flow.end(source, JobState.SUCCEEDED, 3, null);
    Job target = target(source);
    feed(target, source);
    assertThat(inputs(target)).isEqualTo("null,null,2,3,null,null,[6],null,null,null");
  }

  @Test
  void aCopyThatBrokeOffGoesOn() throws Exception {
    Job source = flow.submitted(10);
    flow.record(source, values(0, 6));
    flow.record(source, values(6, 10));
    flow.end(source, JobState.SUCCEEDED, 10, null);
    Job target = target(source);
    flow.store.feed(target.id(), Flow.numbers(0, 3), 3).join();
    feed(target, source);
    assertThat(inputs(target)).isEqualTo("0,1,2,3,4,5,6,7,8,9");
    feed(target, source); // again, when it was whole already
    assertThat(flow.status(target).tally().total()).isEqualTo(10);
  }

  @Test
  void manyResultsAreCopiedInSegments() throws Exception {
    Job source = flow.submitted(4_000);
    for (long first = 0; first < 4_000; first += 500) {
      String text =
          LongStream.range(first, first + 500)
              .mapToObj(index -> "\"" + index + "é".repeat(100) + "\"")
              .collect(Collectors.joining(","));
      flow.record(
          source,
          new Outcomes(
              new ItemRange(first, first + 500),
              text.getBytes(UTF_8),
              List.of(),
              Outcomes.Cost.NONE));
    }
    flow.end(source, JobState.SUCCEEDED, 4_000, null);
    Job target = target(source);
    feed(target, source);
    assertThat(flow.store.inputsAt(target.id(), 0).items().end()).isLessThan(2_000);
    String[] items = inputs(target).split(",");
    assertThat(items).hasSize(4_000);
    for (int i = 0; i < items.length; i++) {
      assertThat(items[i]).startsWith("\"" + i + "é").endsWith("é\"");
    }
  }

  @Test
  void aReducedResultIsOneItem() throws Exception {
    Job source =
        flow.submitted(new Inputs.Listed(5), JobSpec.Start.AT_ONCE, null, JobSpec.Reduce.SUM);
    flow.end(source, JobState.SUCCEEDED, 5, "{\"index\":3,\"value\":[1,2]}");
    Job target = target(source);
    feed(target, source);
    assertThat(inputs(target)).isEqualTo("{\"index\":3,\"value\":[1,2]}");
    feed(target, source);
    assertThat(flow.status(target).tally().total()).isEqualTo(1);
  }

  @Test
  void aJobThatHasEndedGetsNothing() throws Exception {
    Job source = flow.submitted(10);
    flow.record(source, values(0, 10));
    flow.end(source, JobState.SUCCEEDED, 10, null);
    Job target = target(source);
    flow.end(target, JobState.CANCELLED);
    feed(target, source);
    assertThat(flow.status(target).tally().total()).isZero();
  }

  @Test
  void ofNoResultsTheInputsAreNone() throws Exception {
    Job source = flow.submitted(0);
    flow.end(source, JobState.SUCCEEDED, 0, null);
    Job target = target(source);
    feed(target, source);
    assertThat(flow.status(target).tally().total()).isZero();
  }

  // ---- a source that is deleted

  @Test
  void aSourceDeletedWhileItIsCopiedFailsTheJob() throws Exception {
    for (int seen = 1; seen <= 5; seen += 2) {
      Job source = largeSource();
      Job target = target(source);
      var ended = new ArrayList<String>();
      JobStore deleting = deletingAfter(seen, source);
      begin(deleting, ended, target, source);
      assertThat(ended).containsExactly(target.id() + " inputsGone INPUTS_GONE");
      assertThat(flow.status(target).inputsOpen()).isTrue();
      assertThat(inputs(target)).as("what was copied before").doesNotContain("null");
    }
  }

  @Test
  void aSourceWithALostOutcomeFailsTheJob() throws Exception {
    for (long lost = 0; lost < 4; lost++) {
      for (long copied = 0; copied < 3; copied++) {
        Job source = flow.submitted(6);
        for (long first = 0; first < 4; first++) {
          flow.record(source, values(first, first + 1));
        }
        flow.end(source, JobState.SUCCEEDED, 4, null);
        Job target = target(source);
        if (copied > 0) {
          flow.store.feed(target.id(), Flow.numbers(0, copied), (int) copied).join();
        }
        flow.lose(source, lost);
        var ended = new ArrayList<String>();
        begin(flow.store, ended, target, source);
        assertThat(ended).containsExactly(target.id() + " inputsGone INPUTS_GONE");
        assertThat(flow.status(target).tally().total()).isEqualTo(copied);
      }
    }
  }

  @Test
  void aJobDeletedWhileItIsComparedHasNoDigest() {
    String whole = new ResultsDigest(flow.store).of(stored(largeSource())).digest();
    int gone = 0;
    for (int seen = 1; seen <= 6; seen++) {
      Job job = stored(largeSource());
      try {
        var found = new ResultsDigest(deletingAfter(seen, job)).of(job);
        assertThat(found.digest()).as("all was read before the end of job").isEqualTo(whole);
      } catch (JobGoneException told) {
        gone++;
      }
    }
    assertThat(gone).isGreaterThan(2);
  }

  private Job stored(Job job) {
    return flow.store.find(job.id()).orElseThrow();
  }

  /** Its results fill several slices. */
  private Job largeSource() {
    Job source = flow.submitted(6);
    byte[] text = ("\"" + "z".repeat(600 << 10) + "\"").getBytes(UTF_8);
    for (long first = 0; first < 6; first++) {
      flow.record(
          source,
          new Outcomes(new ItemRange(first, first + 1), text, List.of(), Outcomes.Cost.NONE));
    }
    flow.end(source, JobState.SUCCEEDED, 6, null);
    return source;
  }

  /**
   * Returns a store in which a user deletes a job once {@code reports} reports of the job were
   * read.
   */
  @SuppressWarnings("unchecked") // of an argument that is known by the method's name
  private JobStore deletingAfter(int reports, Job deleted) {
    return (JobStore)
        Proxy.newProxyInstance(
            JobStore.class.getClassLoader(),
            new Class<?>[] {JobStore.class},
            (proxy, method, arguments) -> {
              try {
                if (method.getName().equals("outcomes")) {
                  var reader = (Consumer<OutcomeReport>) arguments[2];
                  var seen = new AtomicInteger();
                  arguments[2] =
                      (Consumer<OutcomeReport>)
                          report -> {
                            reader.accept(report);
                            if (seen.incrementAndGet() == reports) {
                              flow.store.delete(deleted.id()).join();
                              flow.store.dropInputs(deleted.id()).join(); // when it is swept
                            }
                          };
                }
                return method.invoke(flow.store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  // ---- faults

  @Test
  void aFaultThatDoesNotPassEndsTheJob() throws Exception {
    Job source = flow.submitted(3);
    Job target = target(source);
    var tries = new AtomicInteger();
    var ended = new ArrayList<String>();
    JobStore faulty =
        reading(() -> {
          if (tries.getAndIncrement() % 2 == 0) {
            throw new StackOverflowError();
          }
          throw new ArithmeticException();
        });
    begin(faulty, ended, target, source);
    assertThat(ended).containsExactly(target.id() + " inputsFailed INPUTS_FAILED");
    assertThat(tries.get()).isEqualTo(5);
  }

  @Test
  void anErrorThatPassesCostsNothing() throws Exception {
    Job source = flow.submitted(3);
    flow.record(source, values(0, 3));
    flow.end(source, JobState.SUCCEEDED, 3, null);
    Job target = target(source);
    var tries = new AtomicInteger();
    var ended = new ArrayList<String>();
    JobStore faulty =
        reading(() -> {
          if (tries.incrementAndGet() < 5) {
            throw new OutOfMemoryError("of the test");
          }
        });
    begin(faulty, ended, target, source);
    assertThat(ended).isEmpty();
    assertThat(inputs(target)).isEqualTo("0,1,2");
    assertThat(flow.status(target).inputsOpen()).isFalse();
  }

  @Test
  void aStoreThatIsAwayIsWaitedForHoweverLong() throws Exception {
    Job source = flow.submitted(3);
    flow.record(source, values(0, 3));
    flow.end(source, JobState.SUCCEEDED, 3, null);
    Job target = target(source);
    var tries = new AtomicInteger();
    var ended = new ArrayList<String>();
    JobStore faulty =
        reading(() -> {
          var away = new StoreException("away", null);
          if (tries.incrementAndGet() < 50) {
            throw tries.get() % 2 == 0 ? away : new CompletionException(away);
          }
        });
    begin(faulty, ended, target, source);
    assertThat(ended).isEmpty();
    assertThat(inputs(target)).isEqualTo("0,1,2");
  }

  /** The store, which does this before it finds a job. */
  private JobStore reading(Runnable first) {
    return (JobStore)
        Proxy.newProxyInstance(
            JobStore.class.getClassLoader(),
            new Class<?>[] {JobStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("find")) {
                first.run();
              }
              try {
                return method.invoke(flow.store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private void begin(JobStore store, List<String> ended, Job target, Job source)
      throws InterruptedException {
    ResultFeed.Failing failing =
        (job, reason, error) -> ended.add(job + " " + reason + " " + error.kind());
    try (var feed = new ResultFeed(store, flow.scheduler, failing, Duration.ofMillis(1))) {
      feed.begin(target.id(), source.id()).join();
    }
  }

  private Outcomes values(long first, long end) {
    return new Outcomes(
        new ItemRange(first, end), Flow.numbers(first, end), List.of(), Outcomes.Cost.NONE);
  }

  private Job target(Job source) {
    Job target =
        flow.submitted(
            new Inputs.Results(source.id()), JobSpec.Start.AT_ONCE, null, JobSpec.Reduce.LIST);
    flow.store.queue(target.id(), 1).join();
    return target;
  }

  private void feed(Job target, Job source) throws InterruptedException {
    try (var feed = new ResultFeed(flow.store, flow.scheduler)) {
      feed.begin(target.id(), source.id()).join();
    }
    assertThat(flow.status(target).inputsOpen()).isFalse();
  }

  private String inputs(Job job) {
    var segments = new ArrayList<String>();
    long total = flow.status(job).tally().total();
    long next = 0;
    while (next < total) {
      var segment = flow.store.inputsAt(job.id(), next);
      assertThat(segment.items().first()).isEqualTo(next);
      segments.add(new String(segment.bytes(), UTF_8));
      next = segment.items().end();
    }
    return String.join(",", segments);
  }
}
