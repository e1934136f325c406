package dev.manyhands.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.CommandSilence;
import dev.manyhands.model.JobSpec.Chunking;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules as a table: a difference from a good job, and the advice about it. */
class AdviceTest {

  /** A good job: ten seconds on two slots, 95 % of them in the function. */
  private static final class Facts {
    Chunking chunking = Chunking.AUTO;
    boolean open;
    @Nullable Integer asked;
    int slots = 2;
    double wall = 10;
    SlotTime time = new SlotTime(0.1, 0.1, 0.1, 19, 0.1, 0, 0.6);
    long items = 1_000;
    long mostItems = 1_000;
    double typical = 0.02;
    long chunkCount = 100;
    long chunkItems = 10;
    double chunkSeconds = 0.2;
    JobReport.Attempts attempts = new JobReport.Attempts(0, 0, 0, 0);
    double tail = 0.1;
    SlowChunk last = new SlowChunk(990, 10, 2, 1, 0, 0.2, 0.2, 0.02);
    @Nullable Double processor;
    int threads = 1;
    @Nullable Long memory;
    @Nullable Long peakRss;
    boolean silent;
    boolean cutShort;

    void with(double processorShare, int workerThreads) {
      processor = processorShare;
      threads = workerThreads;
    }

    List<Advice> advice() {
      var chunks = new JobReport.Chunks(chunkCount, 1, chunkItems, chunkItems, chunkSeconds, "why");
      return Advice.on(
          new AdviceFacts(
              chunking,
              open,
              asked,
              threads,
              slots,
              wall,
              time,
              items,
              mostItems,
              typical,
              chunks,
              attempts,
              tail,
              last,
              processor,
              memory,
              peakRss,
              silent ? CommandSilence.TEXT : null,
              cutShort));
    }
  }

  record Case(String name, Consumer<Facts> differs, List<String> rules, String words) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        of("a good job", f -> {}, "More slots (manyhands.workers.slots)", "moreWorkersWouldHelp"),
        of("good, limited", f -> f.asked = 2, "than the 2 that it asked", "moreWorkersWouldHelp"),
        of(
            "all items at once",
            f -> {
              f.asked = 1;
              f.slots = 1;
              f.threads = 64;
              f.items = 64;
              f.mostItems = 64;
              f.time = new SlotTime(0, 0.3, 0, 9.7, 0, 0, 0);
            },
            "All items could run at once",
            "allAtOnce"),
        of("one item more than fit", f -> f.mostItems = 3, "More slots", "moreWorkersWouldHelp"),
        of(
            "as many items as fit, and more may come",
            f -> {
              f.items = 2;
              f.mostItems = Long.MAX_VALUE;
            },
            "More slots",
            "moreWorkersWouldHelp"),
        of(
            "a worker hangs",
            f -> f.time = new SlotTime(0, 0, 0, 2, 0, 0, 17, 1),
            "had items for 85 % of all worker time",
            "unreported"),
        of(
            "the first item hangs",
            f -> {
              f.items = 0;
              f.time = new SlotTime(0, 0, 0, 0, 0, 0, 10, 10);
            },
            "had items for 50 %",
            "unreported"),
        of(
            "cancelled while it hung",
            f -> {
              f.cutShort = true;
              f.time = new SlotTime(0, 0, 0, 11, 0, 0, 9);
            },
            "left no report",
            "cutShort"),
        of(
            "good, limited to more than there are",
            f -> f.asked = 9,
            "More slots",
            "moreWorkersWouldHelp"),
        of(
            "neither good nor bad",
            f -> f.time = new SlotTime(2, 1, 1, 14, 1, 0, 1),
            "for 70 % of the time",
            "nothingStandsOut"),
        of(
            "a command that does not flush",
            f -> {
              f.items = 0;
              f.silent = true;
            },
            "stdbuf -oL",
            "commandSilent"),
        of("nothing yet", f -> f.items = 0, "nothing to go by", "nothingYet"),
        of("too short", f -> f.wall = 0.027, "took 27 ms", "tooShort"),
        of(
            "items too small",
            f -> {
              f.items = 4_000_000;
              f.time = new SlotTime(0.2, 7.8, 2, 8, 2, 0, 0);
            },
            "An item runs for 2 µs on average",
            "itemsTooSmall",
            "moreWorkersWouldNotHelp"),
        of(
            "as small, but few",
            f -> {
              f.items = 99;
              f.time = new SlotTime(0.2, 9.8, 0, 10, 0, 0, 0);
            },
            "nothing else took much",
            "nothingStandsOut"),
        of(
            "a straggler alone",
            f -> {
              f.tail = 6;
              f.last = new SlowChunk(999, 1, 2, 1, 0, 6.2, 6.2, 6.2);
              f.time = new SlotTime(0.1, 0.1, 0.1, 13.4, 0.1, 0, 6.2);
            },
            "item 999 ran for 6.2 s on worker 2 while other workers had nothing left: 30 %",
            "straggler"),
        of(
            "a straggler in a chunk that was asked for",
            f -> {
              f.chunking = new Chunking(100L, null, null);
              f.chunkItems = 100;
              f.tail = 6;
              f.last = new SlowChunk(900, 100, 2, 1, 0, 6.2, 6.2, 0.062);
              f.time = new SlotTime(0.1, 0.1, 0.1, 13.4, 0.1, 0, 6.2);
            },
            "items 900 to 999 ran for 6.2 s on worker 2",
            "straggler"),
        of(
            "a tail of many chunks is no straggler",
            f -> {
              f.tail = 6;
              f.time = new SlotTime(0.1, 0.1, 0.1, 13.4, 0.1, 0, 6.2);
            },
            "for 30 % of it workers had no items left",
            "nothingStandsOut"),
        of(
            "the rest of equal items is no straggler",
            f -> {
              f.tail = 6;
              f.typical = 6.1;
              f.last = new SlowChunk(1000, 1, 2, 1, 0, 6.2, 6.2, 6.2);
              f.time = new SlotTime(0.1, 0.1, 0.1, 13.4, 0.1, 0, 6.2);
            },
            "for 67 % of the time, and for 30 % of it workers had no items left.",
            "nothingStandsOut"),
        of(
            "one slot has no straggler",
            f -> {
              f.slots = 1;
              f.tail = 6;
              f.last = new SlowChunk(999, 1, 2, 1, 0, 6.2, 6.2, 6.2);
              f.time = new SlotTime(0, 0, 0, 10, 0, 0, 0);
            },
            "100 %",
            "moreWorkersWouldHelp"),
        of(
            "serialisation",
            f -> f.time = new SlotTime(0, 0.5, 4, 10.5, 4, 0, 1),
            "took 40 % of all worker time, running the function 53 %",
            "serialisation"),
        of(
            "start-up",
            f -> f.time = new SlotTime(6, 0.5, 0, 12, 0, 0, 1.5),
            "took 30 % of all worker time",
            "startUp"),
        of("waits", f -> f.processor = 0.1, "at most 10 % of the time it ran", "threads"),
        of("waits much", f -> f.processor = 0.0, "With \"threads\": 64 a worker", "threads"),
        of("waits with threads", f -> f.with(0.01, 4), "\"threads\": 64 a worker", "threads"),
        of("threads in turns", f -> f.with(0.12, 8), "More slots", "moreWorkersWouldHelp"),
        of("enough threads", f -> f.with(0.001, 64), "More slots", "moreWorkersWouldHelp"),
        of("waits a little", f -> f.processor = 0.3, "More slots", "moreWorkersWouldHelp"),
        of(
            "waited for items",
            f -> {
              f.open = true;
              f.time = new SlotTime(0, 0, 0, 11, 0, 0, 9);
            },
            "Workers waited for items for 45 % of the time",
            "waitedForInputs"),
        of(
            "waited for its turn",
            f -> f.time = new SlotTime(0, 0, 0, 11, 0, 0, 9),
            "the service was away, or the machine was busy with other work",
            "waitedForTurn"),
        of(
            "more workers",
            f -> {
              f.slots = 4;
              f.tail = 15;
              f.time = new SlotTime(0, 5, 0, 15, 0, 0, 20);
            },
            "On average 1.5 of 4 workers were in the function",
            "moreWorkersWouldNotHelp"),
        of(
            "small chunks were asked for",
            f -> {
              f.chunking = new Chunking(1L, null, null);
              f.chunkItems = 1;
              f.chunkSeconds = 0.003;
              f.time = new SlotTime(0, 6, 1, 12, 1, 0, 0);
            },
            "Chunks of 1, as the job asked for, take 3 ms, and sending them takes 30 %",
            "chunksTooSmall"),
        of(
            "small chunks of small items were asked for",
            f -> {
              f.chunking = new Chunking(1L, null, null);
              f.chunkItems = 1;
              f.chunkSeconds = 0.000_03;
              f.items = 100_000;
              f.time = new SlotTime(0, 14, 2, 3, 1, 0, 0);
            },
            "Leave out 'chunking'",
            "chunksTooSmall",
            "moreWorkersWouldNotHelp"),
        of(
            "few chunks were asked for",
            f -> {
              f.chunking = new Chunking(null, 3L, null);
              f.chunkCount = 3;
              f.chunkItems = 334;
              f.tail = 4.9;
              f.last = new SlowChunk(666, 334, 1, 1, 0, 5, 5, 0.015);
              f.typical = 0.015;
              f.time = new SlotTime(0, 0, 0, 15, 0, 0, 5);
            },
            "gives 3 chunks to 2 workers",
            "straggler",
            "chunksTooFew"),
        of(
            "more memory asked for than held",
            f -> {
              f.memory = 1L << 30;
              f.peakRss = 40L << 20;
            },
            "Workers held 40 MB at most, and the job asked for 1024 MB for each: with \"memory\": \"96MB\"",
            "moreWorkersWouldHelp",
            "memory"),
        of(
            "nearly all memory held that was asked for",
            f -> {
              f.memory = 100L << 20;
              f.peakRss = 95L << 20;
            },
            "A worker held 95 MB of the 100 MB that it may: ask for more 'memory' (\"192MB\")",
            "moreWorkersWouldHelp",
            "memory"),
        of(
            "as much memory as is good",
            f -> {
              f.memory = 100L << 20;
              f.peakRss = 60L << 20;
            },
            "More slots",
            "moreWorkersWouldHelp"),
        of(
            "attempts",
            f -> {
              f.attempts = new JobReport.Attempts(1, 1, 3, 2);
              f.time = new SlotTime(0, 0, 0, 13, 0, 1, 6);
            },
            "tried again (3) and last attempts that failed took 2 s, 10 % of all worker time",
            "attempts"));
  }

  private static Case of(String name, Consumer<Facts> differs, String words, String... rules) {
    return new Case(name, differs, List.of(rules), words);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void eachRuleSpeaksWhereItShould(Case given) {
    var facts = new Facts();
    given.differs.accept(facts);
    List<Advice> advice = facts.advice();

    assertThat(advice).extracting(Advice::rule).containsExactlyElementsOf(given.rules);
    assertThat(advice).extracting(Advice::text).anyMatch(text -> text.contains(given.words));
  }
}
