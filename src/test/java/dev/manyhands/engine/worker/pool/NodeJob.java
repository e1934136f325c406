package dev.manyhands.engine.worker.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.ItemError;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.Recycle;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The truth about a job of the {@link NodeSimulation}, and the data that the store has of it. */
final class NodeJob {
  /** The behaviour of an item of an honest job. */
  enum Fate {
    RETURNS,
    FAILS,
    KILLS_ITS_WORKER,
    HANGS
  }

  /** The misbehaviour of workers of a hostile job, in addition to their duties. */
  enum Mischief {
    GARBAGE,
    LONG_FRAME,
    HALF_FRAME,
    NO_SUCH_OP,
    OTHER_CHUNK,
    OTHER_COUNT,
    OTHER_ITEMS,
    WRONG_LAST,
    TWICE,
    RETURNS_WHAT_IT_LACKS,
    CUTS_PAGE,
    FILLS_PAGE,
    NAMES_OTHER_ITEMS,
    EXITS,
    HANGS,
    NEVER_READY,
    NOT_LAUNCHED,
    LARGE_VALUES,
    FALSE_COST,
    LOADS_AGAIN,
    FAILS_LATE,
    HOLDS_MUCH,
    FILLS_DISK,
    IGNORES
  }

  final Job job;
  final Set<Mischief> mischief = EnumSet.noneOf(Mischief.class);
  final boolean mayBeCancelled;
  boolean cancelled;
  @Nullable JobStatus end;
  private final Map<Long, Fate> fates = new HashMap<>();
  private final TreeMap<Long, Outcomes> recorded = new TreeMap<>();

  NodeJob(Random random, boolean hostile) {
    long items = 1 + random.nextInt(random.nextInt(4) == 0 ? 60 : 12);
    var size = random.nextBoolean() ? null : Long.valueOf(1 + random.nextInt(8));
    var chunking = new JobSpec.Chunking(size, null, JobSpec.Chunking.Order.INPUT);
    // Honest jobs share their functions, and workers.
    String digest = hostile ? "hostile " + random.nextLong() : "honest " + random.nextInt(2);
    var limits = new JobSpec.Timeouts(Duration.ofSeconds(1), null, null);
    Job shared = PoolStage.job(digest, PoolStage.PYTHON, 1, limits, null, null, items, chunking);
    var recycle = random.nextInt(4) == 0 ? new Recycle(1 + random.nextInt(9)) : null;
    boolean fresh = random.nextInt(4) == 0;
    job = shared.withSpec(shared.spec().toBuilder().recycle(recycle).fresh(fresh).build());
    mayBeCancelled = random.nextInt(5) == 0;
    if (hostile) {
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        mischief.add(Mischief.values()[random.nextInt(Mischief.values().length)]);
      }
    } else {
      for (long item = 0; item < items; item++) {
        int dice = random.nextInt(100);
        fates.put(item, dice < 4 ? Fate.values()[dice] : Fate.RETURNS);
      }
    }
  }

  /** The honest job that needs all slots at once. */
  NodeJob(int slots) {
    job = PoolStage.job("last", slots, 1);
    mayBeCancelled = false;
  }

  JobId id() {
    return job.id();
  }

  boolean isHostile() {
    return !mischief.isEmpty();
  }

  Fate fate(long item) {
    return fates.getOrDefault(item, Fate.RETURNS);
  }

  /** The JSON that its function returns for an item. */
  String value(long item) {
    return "" + (item * 31 + id().value().getLeastSignificantBits());
  }

  void record(OutcomeReport report) {
    assertThat(end).as("outcomes after the end of %s", id()).isNull();
    var items = report.outcomes().items();
    assertThat(items.first()).isNotNegative();
    assertThat(items.end()).isLessThanOrEqualTo(job.status().tally().total());
    var before = recorded.lowerEntry(items.end());
    if (before != null) {
      assertThat(before.getValue().items().end())
          .as("items recorded twice by %s", items)
          .isLessThanOrEqualTo(items.first());
    }
    recorded.put(items.first(), report.outcomes());
  }

  void end(JobStatus status) {
    assertThat(end).as("a job ends once").isNull();
    end = status;
  }

  /**
   * Checks the end of the job, and the outcomes of an honest job. Reports of hostile workers are
   * not checked.
   */
  void check() {
    assertThat(end).as("end of %s", id()).isNotNull();
    if (isHostile()) {
      return;
    }
    if (cancelled && end.state() == JobState.CANCELLED) {
      recorded.values().forEach(this::check);
      return;
    }
    assertThat(end.stopReason()).as("%s of an honest job", end).isNull();
    long items = 0;
    for (Outcomes outcomes : recorded.values()) {
      items += outcomes.items().count();
      check(outcomes);
    }
    assertThat(items).as("items with an outcome").isEqualTo(job.status().tally().total());
  }

  private void check(Outcomes outcomes) {
    var errors = new HashMap<Long, ItemError>();
    outcomes.errors().forEach(error -> errors.put(error.index(), error));
    String[] values = new String(outcomes.values(), StandardCharsets.UTF_8).split(",", -1);
    for (long item = outcomes.items().first(); item < outcomes.items().end(); item++) {
      ItemError error = errors.get(item);
      String value = values[(int) (item - outcomes.items().first())];
      String wrong = "item " + item + " of an honest job: " + error;
      switch (fate(item)) {
        case RETURNS -> {
          assertThat(error).as(wrong).isNull();
          assertThat(value).as(wrong).isEqualTo(value(item));
        }
        case FAILS -> assertThat(error.kind()).as(wrong).isEqualTo(ItemError.Kind.ERROR);
        case KILLS_ITS_WORKER -> {
          assertThat(error.kind()).as(wrong).isEqualTo(ItemError.Kind.CRASH);
          assertThat(error.attempts()).as(wrong).isEqualTo(job.spec().retry().crash());
        }
        case HANGS -> {
          assertThat(error.kind()).as(wrong).isEqualTo(ItemError.Kind.TIMEOUT);
          assertThat(error.attempts()).as(wrong).isEqualTo(job.spec().retry().timeout());
        }
      }
    }
  }
}
