package dev.manyhands.report;

import dev.manyhands.model.ProcessorShare;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Advises a user what to improve, or what is not worth trying. Each rule depends on the facts
 * alone, so a job always gets equal advice.
 *
 * @param rule a stable word for the rule
 * @param text for the user: the observation and the remedy
 */
public record Advice(String rule, String text) {

  /** Seconds below which a job is too short for advice. */
  private static final double LEAST_SECONDS = 0.05;

  /** The least share of the time that is worth mentioning. */
  private static final double MUCH = 0.25;

  /**
   * Seconds below which a chunk counts as short: a tenth of the target of chunks that the service
   * sizes itself.
   */
  private static final double SHORT_CHUNK_SECONDS = 0.02;

  /** Seconds below which an item counts as short: it costs about as much to send as to run. */
  private static final double SHORT_ITEM_SECONDS = 0.001;

  /** The share of the time at the end, with slots that have no items left, that is long. */
  private static final double LONG_TAIL = 0.15;

  /** How much longer than the typical item an item takes that is worth beginning early. */
  private static final double LONG_ITEM = 1.5;

  private static final long MIB = 1L << 20;
  private static final long LEAST_MEMORY_MB = 64;

  /** The most threads that are advised. More of them gain little. */
  private static final int MOST_THREADS = 64;

  /** Returns the advice, most urgent first; never empty. */
  static List<Advice> on(AdviceFacts facts) {
    if (facts.commandSilence() != null) {
      return List.of(new Advice("commandSilent", facts.commandSilence()));
    }
    Advice unreported = unreported(facts);
    if (facts.items() == 0 && unreported != null) {
      return List.of(unreported);
    }
    if (facts.items() == 0) {
      return List.of(
          new Advice("nothingYet", "No chunk has been reported: there is nothing to go by."));
    }
    if (facts.wallSeconds() < LEAST_SECONDS) {
      return List.of(
          new Advice(
              "tooShort",
              "The job took %s: too little to tell where time could be saved."
                  .formatted(TimeAxis.duration(facts.wallSeconds()))));
    }
    var all = new ArrayList<@Nullable Advice>();
    all.add(unreported);
    all.add(cutShort(facts));
    all.add(attempts(facts));
    all.add(facts.cutShort() ? null : straggler(facts));
    all.add(chunksTooSmall(facts));
    all.add(chunksTooFew(facts));
    all.add(itemsTooSmall(facts));
    all.add(serialisation(facts));
    all.add(startUp(facts));
    all.add(threads(facts));
    all.add(waiting(facts));
    all.add(moreWorkersWouldNotHelp(facts));
    var given = new ArrayList<Advice>();
    for (Advice advice : all) {
      if (advice != null) {
        given.add(advice);
      }
    }
    if (given.isEmpty()) {
      given.add(good(facts));
    }
    Advice memory = memory(facts);
    if (memory != null) {
      given.add(memory);
    }
    return List.copyOf(given);
  }

  private static @Nullable Advice unreported(AdviceFacts facts) {
    double share = facts.share(facts.time().unreported());
    return share < MUCH
        ? null
        : new Advice(
            "unreported",
            "Workers have had items for %s of all worker time and have not reported them yet. 'item' of GET /api/v1/workers says which items run now; with 'timeouts.item' an item that takes too long ends."
                .formatted(percent(share)));
  }

  private static @Nullable Advice cutShort(AdviceFacts facts) {
    double idle = facts.share(facts.time().idle());
    return idle < MUCH || !facts.cutShort()
        ? null
        : new Advice(
            "cutShort",
            "The job ended before all of its items had. Items that were stopped left no report: their time is in the %s of all worker time that count as idle."
                .formatted(percent(idle)));
  }

  private static @Nullable Advice attempts(AdviceFacts facts) {
    double cost = facts.attempts().seconds();
    long retried = facts.attempts().retriedChunks();
    if (retried == 0 && facts.time().lost() <= 0) {
      return null;
    }
    return new Advice(
        "attempts",
        ("Workers died or had to be stopped: chunks that were tried again (%d) and last attempts"
                + " that failed took %s, %s of all worker time, and attempts before them count as"
                + " idle. 'errors' of the results say which items it was; see 'retry' and"
                + " 'timeouts'.")
            .formatted(retried, TimeAxis.duration(cost), percent(facts.share(cost))));
  }

  private static @Nullable Advice straggler(AdviceFacts facts) {
    SlowChunk last = facts.last();
    if (last == null || facts.slots() < 2 || facts.share(facts.tailSeconds()) < LONG_TAIL) {
      return null;
    }
    double each = facts.tailSeconds() / (facts.slots() - 1);
    if (last.seconds() < each / 2) {
      return null; // many chunks make up the tail, not only this one
    }
    boolean largeChunk = last.count() > 1 && facts.chunkingAsked();
    if (!largeChunk && last.secondsPerItem() < LONG_ITEM * facts.typicalItemSeconds()) {
      return null; // the number of items is no multiple of the places; no order avoids that
    }
    String mend =
        last.count() == 1
            ? "Put long items first, or cut this one up."
            : largeChunk
                ? "Leave out 'chunking', or ask for smaller chunks."
                : "Put long items first.";
    return new Advice(
        "straggler",
        "At the end %s ran for %s on worker %d while other workers had nothing left: %s of all worker time. %s"
            .formatted(
                last.items(),
                TimeAxis.duration(last.seconds()),
                last.worker(),
                percent(facts.share(facts.tailSeconds())),
                mend));
  }

  private static @Nullable Advice chunksTooSmall(AdviceFacts facts) {
    boolean small =
        facts.chunkingAsked()
            && facts.chunks().medianSeconds() < SHORT_CHUNK_SECONDS
            && facts.share(facts.time().transfer()) >= 0.2;
    return !small
        ? null
        : new Advice(
            "chunksTooSmall",
            "Chunks of %d, as the job asked for, take %s, and sending them takes %s of all worker time. Leave out 'chunking', or ask for larger ones."
                .formatted(
                    facts.chunks().medianItems(),
                    TimeAxis.duration(facts.chunks().medianSeconds()),
                    percent(facts.share(facts.time().transfer()))));
  }

  private static @Nullable Advice chunksTooFew(AdviceFacts facts) {
    boolean few =
        facts.chunkingAsked()
            && facts.slots() > 1
            && facts.chunks().count() < 2L * facts.slots()
            && facts.chunks().mostItems() > 1
            && facts.share(facts.time().idle()) >= 0.2;
    return !few
        ? null
        : new Advice(
            "chunksTooFew",
            "The chunking that the job asked for gives %d chunks to %d workers, too few to share out evenly: workers were idle for %s of the time. Leave out 'chunking', or ask for smaller ones."
                .formatted(
                    facts.chunks().count(),
                    facts.slots(),
                    percent(facts.share(facts.time().idle()))));
  }

  private static @Nullable Advice itemsTooSmall(AdviceFacts facts) {
    SlotTime time = facts.time();
    double around = time.transfer() + time.read() + time.write();
    boolean small =
        facts.items() >= 100
            && around > time.run()
            && facts.itemSeconds() < SHORT_ITEM_SECONDS
            && chunksTooSmall(facts) == null; // larger chunks would carry many items
    return !small
        ? null
        : new Advice(
            "itemsTooSmall",
            "An item runs for %s on average, less than it takes to bring it to a worker and its result back. Give the function more to do at a time, for example a list or a range as one item."
                .formatted(TimeAxis.duration(facts.itemSeconds())));
  }

  private static @Nullable Advice serialisation(AdviceFacts facts) {
    double coding = facts.time().read() + facts.time().write();
    return facts.share(coding) < MUCH
        ? null
        : new Advice(
            "serialisation",
            "Reading items and writing results took %s of all worker time, running the function %s. Pass less: a path, a key or an index instead of the data, and return only what is needed."
                .formatted(percent(facts.share(coding)), percent(facts.share(facts.time().run()))));
  }

  private static @Nullable Advice startUp(AdviceFacts facts) {
    double share = facts.share(facts.time().startUp());
    return share < MUCH
        ? null
        : new Advice(
            "startUp",
            "Starting workers and loading the function took %s of all worker time. Workers stay warm: the next job with the same function is spared it. One job with many items is better than many jobs."
                .formatted(percent(share)));
  }

  private static @Nullable Advice threads(AdviceFacts facts) {
    Double processor = facts.processorShare();
    if (processor == null || facts.share(facts.time().run()) < 0.5) {
      return null;
    }
    // Threads of one interpreter compute in turns, and each thread counts the turns of the others
    // as time in the function.
    double busy = processor * facts.threads();
    int enough = enoughThreads(facts, processor);
    if (busy > ProcessorShare.WAITS || enough < 2 * facts.threads()) {
      return null;
    }
    double run = facts.time().run() / facts.slots();
    double left = facts.wallSeconds() - run + run * facts.threads() / enough;
    return new Advice(
        "threads",
        "The function was on a processor for at most %s of the time it ran: it waits, for a network, a disk or a clock. With \"threads\": %d a worker waits for %d items at once: the job would take about %s instead of %s."
            .formatted(
                percent(busy),
                enough,
                enough,
                TimeAxis.duration(left),
                TimeAxis.duration(facts.wallSeconds())));
  }

  /**
   * Returns the number of threads by which a worker keeps one processor busy, rounded down to a
   * power of two. The number is at most {@link #MOST_THREADS}, and at most the items for each slot.
   */
  private static int enoughThreads(AdviceFacts facts, double processor) {
    double wanted = Math.min(MOST_THREADS, 1 / Math.max(processor, 1e-3));
    wanted = Math.min(wanted, Math.ceil((double) facts.items() / facts.slots()));
    return Integer.highestOneBit((int) Math.max(1, wanted));
  }

  private static @Nullable Advice waiting(AdviceFacts facts) {
    double waited = facts.time().idle() - facts.tailSeconds();
    boolean known = facts.attempts().retriedChunks() > 0;
    if (facts.share(waited) < MUCH || known || facts.cutShort()) {
      return null;
    }
    String share = percent(facts.share(waited));
    return facts.openInputs()
        ? new Advice(
            "waitedForInputs",
            "Workers waited for items for %s of the time: they came more slowly than they were worked on."
                .formatted(share))
        : new Advice(
            "waitedForTurn",
            "For %s of the time the job had fewer than its %d slots: other jobs had them, the job was paused, the service was away, or the machine was busy with other work. Against other jobs a higher 'priority' gives it a larger share."
                .formatted(share, facts.slots()));
  }

  private static @Nullable Advice memory(AdviceFacts facts) {
    Long asked = facts.memory();
    Long held = facts.peakRss();
    if (asked == null || held == null) {
      return null;
    }
    // Twice the held memory, with some to spare: the limit applies to requested memory, which is
    // more than the memory in use.
    long enough = Math.max(LEAST_MEMORY_MB, 32 * Math.ceilDiv(2 * held, 32 * MIB));
    if (held > asked / 10 * 9) {
      return new Advice(
          "memory",
          "A worker held %d MB of the %d MB that it may: ask for more 'memory' (\"%dMB\") before an item fails for want of it."
              .formatted(Math.ceilDiv(held, MIB), asked / MIB, enough));
    }
    return enough > asked / MIB / 2
        ? null
        : new Advice(
            "memory",
            "Workers held %d MB at most, and the job asked for %d MB for each: with \"memory\": \"%dMB\" more of them fit into the same machine."
                .formatted(Math.ceilDiv(held, MIB), asked / MIB, enough));
  }

  private static @Nullable Advice moreWorkersWouldNotHelp(AdviceFacts facts) {
    double running = (facts.time().run() + facts.time().unreported()) / facts.wallSeconds();
    return facts.slots() < 2 || running >= facts.slots() / 2.0
        ? null
        : new Advice(
            "moreWorkersWouldNotHelp",
            String.format(
                Locale.ROOT,
                "On average %.1f of %d workers were in the function: more workers would not make this job faster.",
                running,
                facts.slots()));
  }

  private static Advice good(AdviceFacts facts) {
    double share = facts.share(facts.time().run());
    String observed = "Workers were in the function for %s of the time".formatted(percent(share));
    if (share >= 0.8 && facts.allFitAtOnce()) {
      String text = ". All items could run at once: only a faster function would be faster.";
      return new Advice("allAtOnce", observed + text);
    }
    if (share >= 0.8) {
      return new Advice("moreWorkersWouldHelp", observed + moreWorkers(facts));
    }
    double tail = facts.share(facts.tailSeconds());
    return new Advice(
        "nothingStandsOut",
        tail < LONG_TAIL
            ? observed + ", and nothing else took much."
            : observed + ", and for %s of it workers had no items left.".formatted(percent(tail)));
  }

  private static String moreWorkers(AdviceFacts facts) {
    Integer asked = facts.workersAsked();
    return asked != null && asked <= facts.slots()
        ? ". More 'workers' than the %d that it asked for would make it faster, while slots are free."
            .formatted(asked)
        : ". More slots (manyhands.workers.slots) would make it faster, as far as there are processors.";
  }

  private static String percent(double share) {
    return Math.round(share * 100) + " %";
  }
}
