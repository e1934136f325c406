package dev.manyhands.store.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.InputSegment;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.Tally;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Jobs, inputs and outcomes for tests of the store. Each job is a second younger than the last. */
public final class TestJobs {
  static final Function GCD =
      new Function(
          "gcd", "sha256:0badc0de", new FunctionDefinition.Python("def gcd(a): return a", "gcd"));

  private final TestClock clock = new TestClock();
  private final Random random = new Random(7);

  JobId nextId() {
    clock.advance(Duration.ofSeconds(1));
    return JobId.next(clock, random);
  }

  public Job job(long items) {
    return job(GCD, items, Map.of());
  }

  Job job(Function function, long items, Map<String, String> labels) {
    return job(nextId(), spec(function, items, labels));
  }

  Job job(JobId id, JobSpec spec) {
    return new Job(id, spec, clock.instant(), JobStatus.queued(spec.inputs().count()));
  }

  static JobSpec spec(Function function, long items, Map<String, String> labels) {
    return JobSpec.builder(function, new Inputs.Listed(items)).name("a job").labels(labels).build();
  }

  public static InputSegment inputs(long first, long end) {
    return new InputSegment(new ItemRange(first, end), values(first, end));
  }

  /** The indices themselves, as JSON numbers joined by commas. */
  static byte[] values(long first, long end) {
    return LongStream.range(first, end)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(","))
        .getBytes(UTF_8);
  }

  static OutcomeReport report(long first, long end, ItemError... errors) {
    return report(
        new Outcomes(
            new ItemRange(first, end),
            values(first, end),
            List.of(errors),
            new Outcomes.Cost(0.5, 0.25, 0.125, first % 2 == 0 ? null : 4096 * end)));
  }

  static OutcomeReport report(Outcomes outcomes) {
    return new OutcomeReport(
        outcomes, 3, 4711, TestClock.START, TestClock.START.plusMillis(1_500), 2);
  }

  static ItemError error(long index) {
    return new ItemError(
        index, ItemError.Kind.ERROR, "ZeroDivisionError", "by \ud83e\udd2f \ud83e\0 zero", null, 1);
  }

  public static JobStatus ended(JobState state, long succeeded, long total) {
    Instant end = TestClock.START.plusSeconds(60);
    var tally = new Tally(total, succeeded, 0, total - succeeded, 1, 0.5, 0, 0);
    return JobStatus.builder(state, tally)
        .startedAt(TestClock.START)
        .finishedAt(end)
        .workersUsed(2)
        .stopReason("because")
        .build();
  }
}
