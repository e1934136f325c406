package dev.manyhands.engine.memo;

import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.engine.worker.protocol.ReportForm;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.json.ValueJoiner;
import dev.manyhands.store.MemoKey;
import dev.manyhands.store.MemoStore;
import dev.manyhands.store.MemoStore.Entry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Looks up the items of a job step by step, and reports for each item whether its value is known.
 * Owned by one thread at a time.
 */
final class LookUp {
  private static final int MOST_ITEMS = 1_024;

  /** Runs of known items in a job, after which short runs count as unknown. */
  private static final int MANY_RUNS = 256;

  /** Bytes of values after which a step ends early. */
  private static final long MOST_BYTES = 1 << 20;

  /**
   * The age after which the last use of a value is recorded anew. A minute is exact enough for
   * eviction; otherwise each hit would be a write.
   */
  private static final Duration STALE_AFTER = Duration.ofMinutes(1);

  /** The bytes of a report besides its values. */
  private static final long REPORT_BYTES = 1_000;

  private final Job job;
  private final long version;
  private final MemoAnswers answers;
  private final ItemSource source;
  private final MemoStore store;
  private final ItemCosts costs;
  private final Clock clock;
  private final ItemKeys keys;

  /** Items that were not reported yet. */
  private final ArrayDeque<ItemRange> rest;

  /** Runs of known items so far. */
  private int knownRuns;

  private long unstoredBytes;

  /** The items of a job, under a version of its grant, that are asked for. */
  record Question(Job job, long version, List<ItemRange> items) {}

  LookUp(
      Question question,
      MemoAnswers answers,
      ItemSource source,
      MemoStore store,
      ItemCosts costs,
      Clock clock) {
    this.job = question.job();
    this.version = question.version();
    this.answers = answers;
    this.source = source;
    this.store = store;
    this.costs = costs;
    this.clock = clock;
    this.keys = ItemKeys.of(question.job().spec());
    this.rest = new ArrayDeque<>(question.items());
  }

  /**
   * The result of a step.
   *
   * @param stale keys whose last use was long ago and must be recorded anew
   */
  record Step(long hits, long misses, List<MemoKey> stale) {}

  JobId job() {
    return job.id();
  }

  MemoAnswers answers() {
    return answers;
  }

  boolean isDone() {
    return rest.isEmpty();
  }

  /** Returns about how many reported bytes may not be on disk yet. */
  long unstoredBytes() {
    return unstoredBytes;
  }

  /** Resets the count, because all reported bytes are on disk, or a wait for them has begun. */
  void settled() {
    unstoredBytes = 0;
  }

  /** Looks up some items and reports each. Nothing is reported if any part fails. */
  Step step() {
    ItemRange range = rest.element();
    var wanted = ItemRange.ofCount(range.first(), Math.min(MOST_ITEMS, range.count()));
    var items = KeyedItems.read(source, job, wanted, keys);
    Map<MemoKey, Entry> found = store.find(items.keys());
    Instant old = clock.instant().minus(STALE_AFTER);
    var values = new ArrayList<byte @Nullable []>();
    var stale = new ArrayList<MemoKey>();
    long bytes = 0;
    for (MemoKey key : items.keys()) {
      Entry entry = found.get(key);
      byte[] value = entry == null ? null : valueOf(key, entry);
      values.add(value);
      if (entry == null || value == null) {
        continue;
      }
      bytes += value.length;
      if (entry.usedAt().isBefore(old)) {
        stale.add(key);
      }
      if (bytes > MOST_BYTES) {
        break;
      }
    }
    forgetShortRuns(values);
    long hits = values.stream().filter(Objects::nonNull).count();
    tell(range.first(), values);
    rest.remove();
    long next = range.first() + values.size();
    if (next < range.end()) {
      rest.addFirst(new ItemRange(next, range.end()));
    }
    return new Step(hits, values.size() - hits, stale);
  }

  private byte @Nullable [] valueOf(MemoKey key, Entry entry) {
    return entry.value() != null ? entry.value() : store.value(key).orElse(null);
  }

  /**
   * Counts short runs of known items as unknown if there are many runs and the items are cheap.
   * Such runs cost more as separate reports than they save.
   */
  private void forgetShortRuns(List<byte @Nullable []> values) {
    List<ItemRange> runs = runsOfKnown(values);
    if (knownRuns + runs.size() <= MANY_RUNS) {
      knownRuns += runs.size();
      return;
    }
    long worthwhile = costs.worthwhile(job.spec().function().digest());
    for (ItemRange run : runs) {
      if (run.count() < worthwhile) {
        Collections.fill(values.subList((int) run.first(), (int) run.end()), null);
      }
    }
  }

  private static List<ItemRange> runsOfKnown(List<byte @Nullable []> values) {
    var runs = new ArrayList<ItemRange>();
    int from = 0;
    for (int at = 0; at <= values.size(); at++) {
      if (at == values.size() || values.get(at) == null) {
        if (at > from) {
          runs.add(new ItemRange(from, at));
        }
        from = at + 1;
      }
    }
    return runs;
  }

  private void tell(long first, List<byte @Nullable []> values) {
    int from = 0;
    while (from < values.size()) {
      var run = new ArrayList<byte[]>();
      int to = from;
      for (byte[] value; to < values.size() && (value = values.get(to)) != null; to++) {
        run.add(value);
      }
      if (!run.isEmpty()) {
        tellKnown(ItemRange.ofCount(first + from, run.size()), run);
      } else {
        while (to < values.size() && values.get(to) == null) {
          to++;
        }
        answers.release(job.id(), version, new ItemRange(first + from, first + to));
      }
      from = to;
    }
  }

  /**
   * Reports known items. The items run again if the job's reduction cannot use one of the values.
   * Their run then reports the error.
   */
  private void tellKnown(ItemRange items, List<byte[]> values) {
    var plain = new Outcomes(items, join(values), List.of(), Outcomes.Cost.NONE);
    List<Outcomes> reports = ReportForm.of(job.spec(), plain);
    if (reports.stream().allMatch(report -> report.errors().isEmpty())) {
      // There is one report, because only failed items have separate reports.
      Outcomes outcomes = reports.getFirst();
      unstoredBytes += outcomes.values().length + REPORT_BYTES;
      Instant now = clock.instant();
      answers.known(
          job.id(), version, new OutcomeReport(outcomes, OutcomeReport.REMEMBERED, 0, now, now, 1));
    } else {
      answers.release(job.id(), version, items);
    }
  }

  private static byte[] join(List<byte[]> values) {
    var joined = new ValueJoiner(1024);
    for (byte[] value : values) {
      joined.add(value, 0, value.length);
    }
    return joined.toBytes();
  }

  /**
   * Releases all items that were not reported, so that they run.
   *
   * @return number of these items
   */
  long giveUp() {
    long items = 0;
    for (ItemRange range : rest) {
      answers.release(job.id(), version, range);
      items += range.count();
    }
    rest.clear();
    return items;
  }
}
