package dev.manyhands.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.engine.worker.protocol.ReportForm;
import dev.manyhands.model.Failures;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.JobSpec.StopWhen;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.Recycle;
import dev.manyhands.model.ServiceDeaths;
import dev.manyhands.model.Tally;
import dev.manyhands.model.combine.Combiner;
import dev.manyhands.model.combine.NotCombinableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The truth about a job of the {@link Simulation}, which the core does not know. It contains what
 * the items of the job do, what the store has of the job, and how the job must end.
 */
final class SimulatedJob {
  /** As users have changed it. */
  Job job;

  final Set<Long> poison = new HashSet<>();
  final Set<Long> poisonOnce = new HashSet<>();

  /** Items that never end, always or the first time. */
  final Set<Long> hanging = new HashSet<>();

  final Set<Long> hangingOnce = new HashSet<>();
  final Set<Long> failing = new HashSet<>();
  final Set<Long> failingOnce = new HashSet<>();

  /** Items whose result is 0; that of the others is a number between 1 and 9. */
  private final Set<Long> falsy = new HashSet<>();

  /**
   * Items that were charged though they did nothing: a worker died for no reason while it had just
   * them.
   */
  final Set<Long> unlucky = new HashSet<>();

  final double secondsPerItem;
  final boolean doesNotLoad;
  boolean cancelled;

  /** Its lease was over while it took inputs. */
  boolean abandoned;

  long version = 1;

  /** The store refused a write: the core has not the job, until it is granted again. */
  boolean leaseLost;

  /** When the first item was handed out; null before. */
  private @Nullable Instant startedAt;

  /** When it must be over, by the monotonic clock; null while that is not known. */
  @Nullable Long deadlineNanos;

  /** Workers in a row that did not come up. */
  int startFailures;

  /** The end that is stored; null before. */
  @Nullable JobStatus end;

  /** The core has ended the job, and its results may still be being reduced. */
  boolean ending;

  /** Items that will still be appended; none for jobs whose inputs are whole from the start. */
  long toAppend;

  /** How many items the store has. */
  long stored;

  boolean open;

  /**
   * Commands about facts that the store knows and the core does not know yet. The core receives
   * them in any order.
   */
  final List<CoreEvent> untold = new ArrayList<>();

  /** Items that the memo is looking up. */
  final TreeSet<Long> lookedUp = new TreeSet<>();

  /** Items that the memo knew and that were recorded. */
  private final Set<Long> known = new HashSet<>();

  /** The store: first index to outcomes. */
  private final TreeMap<Long, Outcomes> recorded = new TreeMap<>();

  /** The store: items that were cancelled one by one. */
  private final TreeSet<Long> cancelledItems = new TreeSet<>();

  private long matched;

  SimulatedJob(JobId id, Random random) {
    long total = random.nextInt(4) == 0 ? random.nextInt(2000) : random.nextInt(40);
    job = new Job(id, spec(random, total), Instant.EPOCH, JobStatus.queued(total));
    secondsPerItem = Math.pow(10, -6 + 5 * random.nextDouble());
    doesNotLoad = random.nextInt(20) == 0;
    int falsyOneIn = 1 + random.nextInt(3) * random.nextInt(100);
    boolean mostlyTruthy = random.nextBoolean();
    for (long i = 0; i < total; i++) {
      int fate = random.nextInt(60);
      switch (fate) {
        case 0 -> poison.add(i);
        case 1 -> poisonOnce.add(i);
        case 2 -> failing.add(i);
        case 3 -> failingOnce.add(i);
        case 4 -> hanging.add(i);
        case 5 -> hangingOnce.add(i);
        default -> {}
      }
      if (random.nextInt(falsyOneIn) == 0 == mostlyTruthy) {
        falsy.add(i);
      }
    }
    open = random.nextInt(4) == 0 && job.spec().chunking().count() == null;
    toAppend = open ? random.nextLong(total + 1) : 0;
    stored = total - toAppend;
  }

  private static JobSpec spec(Random random, long total) {
    var order = JobSpec.Chunking.Order.values()[random.nextInt(3)];
    var chunking =
        switch (random.nextInt(4)) {
          case 0 -> new JobSpec.Chunking(1L + random.nextInt(20), null, order);
          case 1 -> new JobSpec.Chunking(null, 1L + random.nextInt(10), order);
          default -> new JobSpec.Chunking(null, null, order);
        };
    var reduce =
        random.nextInt(3) == 0
            ? Reduce.values()[random.nextInt(Reduce.values().length)]
            : Reduce.LIST;
    // Each call of random stands where the first version had it: the order is part of a history.
    return JobSpec.builder(
            new Function("f", "sha256:0", new FunctionDefinition.Python("", "f")),
            new Inputs.Range(0, total, 1))
        .name("job")
        .workers(random.nextBoolean() ? null : 1 + random.nextInt(3))
        .threads(1 + random.nextInt(3))
        .chunking(chunking)
        .reduce(reduce)
        .stopWhen(reduce == Reduce.LIST && random.nextInt(5) == 0 ? stopWhen(random) : null)
        .retry(
            new JobSpec.Retry(
                1 + random.nextInt(3),
                1 + random.nextInt(3),
                1 + random.nextInt(3),
                Duration.ofMillis(random.nextInt(2) * random.nextInt(60))))
        .timeouts(
            new JobSpec.Timeouts(
                null, random.nextInt(10) == 0 ? Duration.ofSeconds(2) : null, null))
        .memory(random.nextInt(3) == 0 ? Long.valueOf(1 + random.nextInt(3)) : null)
        .maxFailures(random.nextInt(3))
        .maxFailuresPercent(random.nextInt(4) == 0 ? Double.valueOf(random.nextInt(20)) : null)
        .onError(random.nextInt(5) == 0 ? JobSpec.OnError.STOP : JobSpec.OnError.CONTINUE)
        .priority(random.nextInt(10))
        .paused(random.nextInt(6) == 0)
        .cache(random.nextInt(3) == 0)
        .build();
  }

  private static StopWhen stopWhen(Random random) {
    var match = StopWhen.Match.values()[random.nextInt(3)];
    String wanted = match == StopWhen.Match.EQUALS ? "" + random.nextInt(10) : null;
    return new StopWhen(match, wanted, 1 + random.nextInt(4));
  }

  /** Its workers end after this number of items. */
  void recycle(long items) {
    job = job.withSpec(spec().toBuilder().recycle(new Recycle(items)).build());
  }

  JobId id() {
    return job.id();
  }

  JobSpec spec() {
    return job.spec();
  }

  /** The job is granted, at first or again after a restart or a lost lease. */
  CoreEvent.Run grant(Now now) {
    leaseLost = false;
    ending = false;
    startFailures = 0;
    untold.clear();
    lookedUp.clear();
    deadlineNanos = null;
    noteDeadline(now);
    var done = new ArrayList<ItemRange>();
    var tally = Tally.ofTotal(stored);
    var failures = Failures.NONE;
    for (var outcomes : recorded.values()) {
      done.add(outcomes.items());
      boolean wasKnown = known.contains(outcomes.items().first());
      tally = wasKnown ? tally.plusCached(outcomes) : tally.plus(outcomes);
      failures = failures.plus(outcomes.errors());
    }
    var notRun = cancelledItems.stream().map(item -> ItemRange.ofCount(item, 1)).toList();
    tally = tally.plusCancelled(notRun.size());
    var over =
        Stream.concat(done.stream(), notRun.stream())
            .sorted(Comparator.comparingLong(ItemRange::first))
            .toList();
    var remaining = ItemRange.complement(over, tally.total());
    var queued = JobStatus.queued(stored, open);
    var granted =
        job.withStatus(
            JobStatus.builder(startedAt == null ? JobState.QUEUED : JobState.RUNNING, tally)
                .startedAt(startedAt)
                .inputsOpen(open)
                .chunkSizes(queued.chunkSizes())
                .failures(failures)
                .build());
    return new CoreEvent.Run(granted, version, remaining, tally, notRun, ServiceDeaths.NONE);
  }

  /** Returns the partials that the store has of a job that reduces its results. */
  List<byte[]> partials() {
    return spec().reduce() == Reduce.LIST
        ? List.of()
        : recorded.values().stream().map(Outcomes::values).toList();
  }

  /** Its first item was handed out. */
  void started(Now now) {
    assertThat(startedAt).as("the start of a job that has started").isNull();
    startedAt = now.wall();
    noteDeadline(now);
  }

  private void noteDeadline(Now now) {
    Duration limit = spec().timeouts().job();
    if (limit != null && startedAt != null) {
      long left = limit.minus(Duration.between(startedAt, now.wall())).toNanos();
      deadlineNanos = now.nanos() + left;
    }
  }

  /**
   * Returns how many items are known to the core, have no outcome yet, and cannot get an outcome
   * without being run.
   */
  long toRun() {
    long toTell = 0;
    for (CoreEvent command : untold) {
      toTell += command instanceof CoreEvent.Append append ? append.items().count() : 0;
    }
    long done = recorded.values().stream().mapToLong(o -> o.items().count()).sum();
    return stored - toTell - done - lookedUp.size() - cancelledItems.size();
  }

  // ---- what its items do

  /** How a worker ends that runs this poison item. */
  static SlotEvent.Cause death(long item) {
    return item % 3 == 0 ? SlotEvent.Cause.OOM : SlotEvent.Cause.CRASH;
  }

  /** Returns the reports of a worker that has run these items. */
  List<Outcomes> run(ItemRange items) {
    var errors = new ArrayList<ItemError>();
    for (long i = items.first(); i < items.end(); i++) {
      if (failing.contains(i) || failingOnce.remove(i)) {
        errors.add(new ItemError(i, ItemError.Kind.ERROR, "E", "failed", null, 1));
      }
    }
    var cost = new Outcomes.Cost(secondsPerItem * items.count(), 0, 0);
    return ReportForm.of(spec(), new Outcomes(items, values(items), errors, cost));
  }

  /** Returns the outcomes that the memo has of items that it knows. */
  Outcomes remembered(ItemRange items) {
    var plain = new Outcomes(items, values(items), List.of(), Outcomes.Cost.NONE);
    return ReportForm.of(spec(), plain).getFirst();
  }

  boolean mayBeKnown(long item) {
    return !poison.contains(item) && !failing.contains(item) && !hanging.contains(item);
  }

  private byte[] values(ItemRange items) {
    return LongStream.range(items.first(), items.end())
        .mapToObj(i -> "" + value(i))
        .collect(Collectors.joining(","))
        .getBytes(StandardCharsets.UTF_8);
  }

  private long value(long item) {
    return falsy.contains(item) ? 0 : 1 + item % 9;
  }

  // ---- the store

  void cancelItems(List<ItemRange> ranges) {
    assertThat(isOver()).as("items cancelled after the end").isFalse();
    for (ItemRange items : ranges) {
      checkNotCancelled(items);
      assertThat(outcomesIn(items)).as("cancelled items with an outcome").isZero();
      LongStream.range(items.first(), items.end()).forEach(cancelledItems::add);
    }
  }

  void checkNotCancelled(ItemRange items) {
    assertThat(cancelledItems.subSet(items.first(), items.end())).as("cancelled items").isEmpty();
  }

  private long outcomesIn(ItemRange items) {
    return LongStream.range(items.first(), items.end())
        .filter(item -> {
          var near = recorded.floorEntry(item);
          return near != null && near.getValue().items().contains(item);
        })
        .count();
  }

  /** Checks that an answer is about all items of the request, and true. */
  void checkAnswer(List<ItemRange> asked, List<ItemFate> fates) {
    assertThat(fates.stream().mapToLong(fate -> fate.items().count()).sum())
        .isEqualTo(asked.stream().mapToLong(ItemRange::count).sum());
    for (ItemFate fate : fates) {
      ItemRange items = fate.items();
      long cancelledHere = cancelledItems.subSet(items.first(), items.end()).size();
      switch (fate.state()) {
        case CANCELLED -> assertThat(cancelledHere).isEqualTo(items.count());
        case DONE -> assertThat(outcomesIn(items)).as("done %s", items).isEqualTo(items.count());
        case RUNNING -> assertThat(cancelledHere + outcomesIn(items)).isZero();
      }
    }
  }

  void record(OutcomeReport report) {
    assertThat(isOver()).as("outcome after the end").isFalse();
    var outcomes = report.outcomes();
    var before = recorded.lowerEntry(outcomes.items().end());
    if (before != null) {
      assertThat(before.getValue().items().end())
          .as("items recorded twice by %s", outcomes.items())
          .isLessThanOrEqualTo(outcomes.items().first());
    }
    checkNotCancelled(outcomes.items());
    recorded.put(outcomes.items().first(), outcomes);
    matched += outcomes.matched();
    if (report.worker() == OutcomeReport.REMEMBERED) {
      var items = outcomes.items();
      LongStream.range(items.first(), items.end()).forEach(known::add);
    }
  }

  /** The store takes the end of the job, unless it was granted again since. */
  void end(Action.Finish finish) {
    if (finish.version() == version) {
      assertThat(end).as("job ends once").isNull();
      end = finish.status();
    }
  }

  /** Whether the core is done with it. */
  boolean isOver() {
    return ending || end != null;
  }

  // ---- the promises

  /** Checks the invariants that hold whenever the core has handled an event. */
  void check() {
    if (!isOver() && spec().mayStopEarly() && !leaseLost) {
      assertThat(matched).as("results that end the job").isLessThan(matchesToStop());
    }
  }

  private long matchesToStop() {
    var stopWhen = spec().stopWhen();
    return stopWhen == null ? 1 : stopWhen.count();
  }

  void checkEnd() {
    JobStatus status = end;
    assertThat(status).isNotNull();
    Map<Long, Boolean> outcome = checkedOutcomes();
    long total = status.tally().total();
    assertThat(status.tally().done()).isEqualTo(total);
    boolean overBudget = spec().isExceededBy(status.tally().failed(), total);
    switch (status.stopReason()) {
      case null -> {
        assertThat(total).as("items of the job").isEqualTo(stored);
        assertThat(open).isFalse();
        assertThat(outcome).hasSize((int) total - cancelledItems.size());
        assertThat(status.tally().skipped()).isEqualTo(cancelledItems.size());
        for (long i = 0; i < total; i++) {
          boolean ran = !cancelledItems.contains(i);
          if (ran && (poison.contains(i) || failing.contains(i) || hanging.contains(i))) {
            assertThat(outcome.get(i)).as("item %d is bad", i).isFalse();
          }
        }
        assertThat(status.state()).isEqualTo(overBudget ? JobState.FAILED : JobState.SUCCEEDED);
      }
      case "stopWhen", "any", "all", "find" -> {
        assertThat(matched).isGreaterThanOrEqualTo(matchesToStop());
        assertThat(status.state()).isEqualTo(overBudget ? JobState.FAILED : JobState.SUCCEEDED);
      }
      case "abandoned" -> {
        assertThat(abandoned).isTrue();
        boolean isCut = status.tally().skipped() > cancelledItems.size();
        JobState whole = overBudget ? JobState.FAILED : JobState.SUCCEEDED;
        assertThat(status.state()).isEqualTo(isCut ? JobState.CANCELLED : whole);
      }
      case "cancelled" -> {
        assertThat(cancelled).isTrue();
        assertThat(status.state()).isEqualTo(JobState.CANCELLED);
      }
      case "maxFailures" -> {
        assertThat(spec().onError()).isEqualTo(JobSpec.OnError.STOP);
        assertThat(status.state()).isEqualTo(JobState.FAILED);
      }
      case "functionNotLoaded" -> {
        assertThat(doesNotLoad || startFailures >= 3).as("it could be loaded").isTrue();
        assertThat(status.state()).isEqualTo(JobState.FAILED);
      }
      default -> assertThat(status.state()).isEqualTo(JobState.FAILED);
    }
    assertThat(status.tally().cached()).isEqualTo(known.size());
    assertThat(status.tally().matched()).isEqualTo(matched);
    long failures = outcome.values().stream().filter(ok -> !ok).count();
    assertThat(status.tally().failed()).isEqualTo(failures);
    var recordedErrors = recorded.values().stream().flatMap(o -> o.errors().stream()).toList();
    assertThat(status.failures().largestFirst())
        .isEqualTo(Failures.NONE.plus(recordedErrors).largestFirst());
    checkResult(status, outcome);
  }

  /** Returns whether the outcome is a success, for each item that has an outcome. */
  private Map<Long, Boolean> checkedOutcomes() {
    var outcome = new HashMap<Long, Boolean>();
    for (var outcomes : recorded.values()) {
      for (long i = outcomes.items().first(); i < outcomes.items().end(); i++) {
        outcome.put(i, true);
      }
      for (var error : outcomes.errors()) {
        outcome.put(error.index(), false);
        checkError(error);
      }
    }
    return outcome;
  }

  private void checkError(ItemError error) {
    long item = error.index();
    boolean mine =
        switch (error.kind()) {
          case CRASH, OOM -> poison.contains(item) && isDeath(error);
          case TIMEOUT -> hanging.contains(item);
          default -> failing.contains(item) || failingOnce(item);
        };
    assertThat(mine || unlucky.contains(item)).as("%s is charged for nothing", error).isTrue();
    int attempts =
        switch (error.kind()) {
          case CRASH, OOM -> spec().retry().crash();
          case TIMEOUT -> spec().retry().timeout();
          default -> spec().retry().error();
        };
    if (unlucky.contains(item)) {
      // Failures of different kinds count together.
      assertThat(error.attempts()).as("%s", error).isBetween(1, 3);
    } else {
      assertThat(error.attempts()).as("attempts of %s", error).isEqualTo(attempts);
    }
  }

  private static boolean isDeath(ItemError error) {
    return error.kind().name().equals(death(error.index()).name());
  }

  /** It fails the first time only, and there may have been no second. */
  private boolean failingOnce(long item) {
    return spec().retry().error() == 1 || unlucky.contains(item);
  }

  /** The reduction is that of all good items that were recorded, in input order. */
  private void checkResult(JobStatus status, Map<Long, Boolean> outcome) {
    if (spec().reduce() == Reduce.LIST) {
      assertThat(status.result()).isNull();
      return;
    }
    var serial = Combiner.of(spec().reduce().name().toLowerCase(Locale.ROOT));
    var good = new TreeSet<Long>();
    outcome.forEach((item, ok) -> {
      if (ok) {
        good.add(item);
      }
    });
    for (long item : good) {
      byte[] json = ("" + value(item)).getBytes(StandardCharsets.UTF_8);
      try {
        serial.add(item, json, 0, json.length);
      } catch (NotCombinableException numbersAre) {
        throw new AssertionError(numbersAre);
      }
    }
    assertThat(status.result()).isEqualTo(serial.result());
  }
}
