package dev.manyhands.store.sql;

import static dev.manyhands.store.JobStore.FIRST_VERSION;
import static dev.manyhands.store.sql.TestJobs.error;
import static dev.manyhands.store.sql.TestJobs.report;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.store.CommitListener;
import dev.manyhands.store.sql.OutcomeReads.Order;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Slow readers hold little memory, and see what readers with all the memory see. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class OutcomeReadsTest {
  private static final ItemRange ALL = new ItemRange(0, Long.MAX_VALUE);

  /** A sixteenth of it has room for one slice. */
  private static final long HEAP = 32L << 20;

  private final TestJobs jobs = new TestJobs();
  private final TestDatabase testDatabase;
  private final Database database;
  private final SqlJobStore store;
  private final OutcomeReads reads;

  OutcomeReadsTest(DatabaseKind kind) {
    testDatabase = TestDatabase.fresh(kind);
    database = Database.open(testDatabase.settings(), CommitListener.NONE);
    store = new SqlJobStore(database, new Definitions(), new TestClock());
    reads = new OutcomeReads(database, HEAP);
  }

  @AfterEach
  void close() {
    database.close();
    testDatabase.close();
  }

  @Test
  void partsAddUpToTheirRows() {
    var random = new Random(11);
    Job job = job();
    var rows = new ArrayList<OutcomeReport>();
    for (long first = 0; rows.size() < 12; first = rows.getLast().outcomes().items().end()) {
      rows.add(row(random, first, 1 + random.nextInt(4_000)));
    }
    rows.forEach(row -> record(job, row));
    for (Order order : Order.values()) {
      assertThat(whileAnotherTakesHisTime(job, order, ALL)).isEqualTo(byItem(rows));
      long middle = rows.get(6).outcomes().items().first() + 1;
      var fromThere = whileAnotherTakesHisTime(job, order, new ItemRange(middle, middle + 9));
      assertThat(fromThere).containsKeys(middle, middle + 8);
      assertThat(byItem(rows)).containsAllEntriesOf(fromThere);
    }
  }

  @Test
  void aPartialIsNotTornApart() {
    Job job = job();
    byte[] partial = ("[900,7," + "\"x,y\"".repeat(40_000) + "]").getBytes(UTF_8);
    record(
        job, report(new Outcomes(new ItemRange(0, 900), partial, List.of(), Outcomes.Cost.NONE)));
    var seen = new ArrayList<OutcomeReport>();
    whileWholeRowsHaveNoRoom(
        () -> reads.slowly(job.id(), Order.INPUT, ALL, (at, part) -> seen.add(part)));
    assertThat(seen).hasSize(1);
    assertThat(seen.getFirst().outcomes().values()).isEqualTo(partial);
    assertThat(seen.getFirst().outcomes().items()).isEqualTo(new ItemRange(0, 900));
  }

  @Test
  void partsAreSmall() {
    Job job = job();
    record(job, report(0, 200_000));
    var sizes = new ArrayList<Integer>();
    whileWholeRowsHaveNoRoom(() ->
        reads.slowly(
            job.id(), Order.INPUT, ALL, (at, part) -> sizes.add(part.outcomes().values().length)));
    assertThat(sizes).hasSizeGreaterThan(30).allMatch(size -> size <= 32 << 10);
  }

  @Test
  void noPartIsBehindTheWantedItems() {
    Job job = job();
    record(job, report(0, 200_000));
    var seen = new ArrayList<ItemRange>();
    for (Order order : Order.values()) {
      var ends = new ArrayList<Long>();
      whileWholeRowsHaveNoRoom(() ->
          ends.add(
              reads.slowly(
                  job.id(),
                  order,
                  new ItemRange(0, 10),
                  (at, part) -> seen.add(part.outcomes().items()))));
      assertThat(ends).containsExactly(10L);
    }
    assertThat(seen).hasSize(Order.values().length).allMatch(part -> part.contains(9));
  }

  @Test
  void aReaderThatHasEnoughIsGivenNoMore() {
    Job job = job();
    record(job, report(0, 200_000));
    record(job, report(200_000, 200_001));
    var seen = new ArrayList<Long>();
    whileWholeRowsHaveNoRoom(() ->
        reads.slowly(
            job.id(),
            Order.INPUT,
            ALL,
            (at, part) -> {
              seen.add(at);
              return seen.size() < 3;
            }));
    assertThat(seen).hasSize(3);
  }

  /** Returns the rows that a reader sees while another reader holds all room for whole rows. */
  private TreeMap<Long, String> whileAnotherTakesHisTime(Job job, Order order, ItemRange places) {
    var parts = new ArrayList<OutcomeReport>();
    whileWholeRowsHaveNoRoom(() ->
        reads.slowly(
            job.id(),
            order,
            places,
            (at, part) -> {
              assertThat(at)
                  .isEqualTo(part.outcomes().items().first()); // both orders are equal here
              return parts.add(part);
            }));
    return byItem(parts);
  }

  private void whileWholeRowsHaveNoRoom(Runnable reading) {
    Job large = job();
    byte[] text = ("\"" + "z".repeat((int) (HEAP / 16)) + "\"").getBytes(UTF_8);
    record(large, report(new Outcomes(new ItemRange(0, 1), text, List.of(), Outcomes.Cost.NONE)));
    var held = new ArrayList<Integer>();
    reads.slowly(
        large.id(),
        Order.INPUT,
        ALL,
        (at, whole) -> {
          held.add(whole.outcomes().values().length);
          reading.run();
          return true;
        });
    assertThat(held).containsExactly(text.length);
  }

  /** The value of each item, and what went wrong with it. */
  private static TreeMap<Long, String> byItem(List<OutcomeReport> reports) {
    var found = new TreeMap<Long, String>();
    for (OutcomeReport report : reports) {
      var outcomes = report.outcomes();
      int count = Math.toIntExact(outcomes.items().count());
      var values = JoinedValues.stored(outcomes.values(), count);
      for (int i = 0; i < count; i++) {
        String value =
            new String(values.bytes(), values.start(i), values.end(i) - values.start(i), UTF_8);
        assertThat(found.put(outcomes.items().first() + i, value)).isNull();
      }
      for (ItemError error : outcomes.errors()) {
        assertThat(outcomes.items().contains(error.index())).isTrue();
        found.merge(error.index(), " " + error.message(), String::concat);
      }
    }
    return found;
  }

  private static OutcomeReport row(Random random, long first, int count) {
    var values = new StringBuilder();
    var errors = new ArrayList<ItemError>();
    for (int i = 0; i < count; i++) {
      values.append(i == 0 ? "" : ",");
      if (random.nextInt(500) == 0) {
        errors.add(error(first + i));
        values.append("null");
      } else {
        values.append(value(random));
      }
    }
    return report(
        new Outcomes(
            ItemRange.ofCount(first, count),
            values.toString().getBytes(UTF_8),
            errors,
            Outcomes.Cost.NONE));
  }

  private static String value(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> "[1,{\"a,]\\\"\":[2,\"}\"]},[]]";
      case 1 -> "\"\\\\\"";
      case 2 -> "\"" + "ä,".repeat(random.nextInt(random.nextInt(300) == 0 ? 60_000 : 20)) + "\"";
      case 3 -> "{\"x\":[[[\",\"]]],\"\\\"\":{}}";
      default -> Integer.toString(random.nextInt());
    };
  }

  private Job job() {
    Job job = jobs.job(1_000_000);
    store.submit(job, TestJobs.inputs(0, 1), null).join();
    return job;
  }

  private void record(Job job, OutcomeReport report) {
    assertThat(store.record(job.id(), FIRST_VERSION, report).join()).isTrue();
  }
}
