package dev.manyhands.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.job.Chunk;
import dev.manyhands.job.Function;
import dev.manyhands.job.FunctionDefinition;
import dev.manyhands.job.Inputs;
import dev.manyhands.job.ItemError;
import dev.manyhands.job.ItemRange;
import dev.manyhands.job.Job;
import dev.manyhands.job.JobError;
import dev.manyhands.job.JobId;
import dev.manyhands.job.JobSpec;
import dev.manyhands.job.JobState;
import dev.manyhands.job.JobStatus;
import dev.manyhands.job.Outcomes;
import dev.manyhands.job.Tally;
import dev.manyhands.store.JobStore.OutcomeReport;
import dev.manyhands.worker.SlotEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.LongStream;

/**
 * A world for {@link SchedulerCore} that is all chance, and the same for the same seed: jobs of
 * every shape, workers that are fast, slow, die on poison items or for no reason, do not start,
 * answer late; a store with a fence; a memo that knows some of the outcomes and takes its time to
 * say so; restarts of the service. Whatever happens, it checks after every step that no item gets
 * two outcomes, and at the end that each has the right one.
 */
final class Simulation {
  private final Random random;
  private final int slots;
  private final Map<JobId, World> jobs = new TreeMap<>();
  private final List<Slot> slotStates = new ArrayList<>();
  private SchedulerCore core;
  private long nanos;

  Simulation(long seed) {
    random = new Random(seed);
    slots = 1 + random.nextInt(4);
    start();
  }

  static void run(long seed) {
    try {
      new Simulation(seed).play();
    } catch (RuntimeException | AssertionError failure) {
      throw new AssertionError(
          "seed " + seed + " breaks a promise: " + failure.getMessage(), failure);
    }
  }

  /** What is true of a job, besides what the core knows. */
  private static final class World {
    final Job job;
    final Set<Long> poison = new HashSet<>();
    final Set<Long> poisonOnce = new HashSet<>();
    final Set<Long> failing = new HashSet<>();

    /**
     * Items that were charged though they did nothing: a worker died for no reason while it had
     * just them.
     */
    final Set<Long> unlucky = new HashSet<>();

    double secondsPerItem;
    boolean doesNotLoad;
    boolean cancelled;
    long version = 1;
    JobStatus end;

    /** Items that will still be appended; none for jobs whose inputs are whole from the start. */
    long toAppend;

    /** How many items the store has. */
    long stored;

    boolean open;

    /** What the store knows and the core was not told of yet; told in any order. */
    final List<Command> untold = new ArrayList<>();

    /** Items of which the memo was asked and has not said what it knows. */
    final TreeSet<Long> lookedUp = new TreeSet<>();

    /** Items that the memo knew and that were recorded. */
    final Set<Long> known = new HashSet<>();

    /** The store: first index to outcomes. */
    final TreeMap<Long, Outcomes> recorded = new TreeMap<>();

    World(Job job) {
      this.job = job;
    }
  }

  /** A worker as the core sees it. */
  private static final class Slot {
    final ArrayDeque<Chunk> chunks = new ArrayDeque<>();
    long nextItem = -1;
    long recallFrom = Long.MAX_VALUE;
    boolean stop;
  }

  private void play() {
    int toSubmit = 1 + random.nextInt(5);
    long steps = 0;
    while (toSubmit > 0 || jobs.values().stream().anyMatch(w -> w.end == null)) {
      assertThat(steps++).as("steps until all jobs end").isLessThan(200_000);
      nanos += random.nextInt(3_000_000);
      int dice = random.nextInt(1000);
      if (toSubmit > 0 && dice < 50) {
        submit();
        toSubmit--;
      } else if (dice < 53) {
        restart();
      } else if (dice < 56 && !jobs.isEmpty()) {
        cancelOne();
      } else if (dice < 100 && !jobs.isEmpty()) {
        moveInputs();
      } else if (dice < 200 && !jobs.isEmpty()) {
        answerLookUp();
      } else {
        stepSlot(slotStates.get(random.nextInt(slots)), dice);
      }
    }
    jobs.values().forEach(this::checkEnd);
  }

  private Moment now() {
    return new Moment(nanos, Instant.EPOCH.plusNanos(nanos));
  }

  private void start() {
    slotStates.clear();
    for (int i = 0; i < slots; i++) {
      slotStates.add(new Slot());
    }
    core = new SchedulerCore(slots, this::perform);
  }

  /** kill -9 and a new start: what was not recorded is forgotten, what was is not. */
  private void restart() {
    start();
    for (World world : jobs.values()) {
      if (world.end == null) {
        world.version++;
        var done = new ArrayList<ItemRange>();
        world.untold.clear();
        world.lookedUp.clear();
        var tally = Tally.ofTotal(world.stored);
        for (var outcomes : world.recorded.values()) {
          done.add(outcomes.items());
          boolean known = world.known.contains(outcomes.items().first());
          tally = known ? tally.plusCached(outcomes) : tally.plus(outcomes);
        }
        var remaining = Scheduler.complement(done, tally.total());
        var job = world.job.withStatus(JobStatus.queued(world.stored, world.open));
        core.handle(new Command.Run(job, world.version, remaining, tally, List.of()), now());
      }
    }
  }

  private JobSpec.Chunking.Order order() {
    return JobSpec.Chunking.Order.values()[random.nextInt(3)];
  }

  private void submit() {
    long total = random.nextInt(4) == 0 ? random.nextInt(2000) : random.nextInt(40);
    var chunking =
        switch (random.nextInt(4)) {
          case 0 -> new JobSpec.Chunking(1L + random.nextInt(20), null, order());
          case 1 -> new JobSpec.Chunking(null, 1L + random.nextInt(10), order());
          default -> new JobSpec.Chunking(null, null, order());
        };
    var spec =
        new JobSpec(
            "job",
            new Function("f", "sha256:0", new FunctionDefinition.Python("", "f")),
            new Inputs.Range(0, total, 1),
            JobSpec.Call.MAP,
            null,
            random.nextBoolean() ? null : 1 + random.nextInt(3),
            1 + random.nextInt(3),
            chunking,
            JobSpec.Reduce.LIST,
            null,
            new JobSpec.Retry(1 + random.nextInt(3), 1, 1, Duration.ZERO),
            new JobSpec.Timeouts(null, random.nextInt(10) == 0 ? Duration.ofSeconds(2) : null),
            random.nextInt(3),
            null,
            random.nextInt(5) == 0 ? JobSpec.OnError.STOP : JobSpec.OnError.CONTINUE,
            null,
            random.nextInt(10),
            false,
            random.nextInt(3) == 0,
            JobSpec.Start.AT_ONCE,
            null,
            null,
            null,
            Map.of());
    var id = new JobId(new UUID(jobs.size() + 1, random.nextLong()));
    var world = new World(new Job(id, spec, Instant.EPOCH, JobStatus.queued(total)));
    world.secondsPerItem = Math.pow(10, -6 + 5 * random.nextDouble());
    world.doesNotLoad = random.nextInt(20) == 0;
    for (long i = 0; i < total; i++) {
      int fate = random.nextInt(60);
      if (fate == 0) {
        world.poison.add(i);
      } else if (fate == 1) {
        world.poisonOnce.add(i);
      } else if (fate == 2) {
        world.failing.add(i);
      }
    }
    jobs.put(id, world);
    world.open = random.nextInt(4) == 0 && chunking.count() == null;
    world.toAppend = world.open ? random.nextLong(total + 1) : 0;
    world.stored = total - world.toAppend;
    var all = world.stored == 0 ? List.<ItemRange>of() : List.of(new ItemRange(0, world.stored));
    var job = world.job.withStatus(JobStatus.queued(world.stored, world.open));
    core.handle(new Command.Run(job, 1, all, Tally.ofTotal(world.stored), List.of()), now());
  }

  /** More inputs reach the store, or the core is told of some that have. */
  private void moveInputs() {
    var worlds = List.copyOf(jobs.values());
    var world = worlds.get(random.nextInt(worlds.size()));
    var id = world.job.id();
    if (!world.untold.isEmpty() && random.nextBoolean()) {
      core.handle(world.untold.remove(random.nextInt(world.untold.size())), now());
    } else if (world.open && world.end == null && world.toAppend > 0) {
      long count = 1 + random.nextLong(world.toAppend);
      world.untold.add(new Command.Append(id, ItemRange.ofCount(world.stored, count)));
      world.toAppend -= count;
      world.stored += count;
    } else if (world.open && world.end == null) {
      world.open = false;
      world.untold.add(new Command.CloseInputs(id, world.stored));
    }
  }

  /** The memo says of some items that it knows them, or that it does not. */
  private void answerLookUp() {
    var worlds = List.copyOf(jobs.values());
    var world = worlds.get(random.nextInt(worlds.size()));
    if (world.lookedUp.isEmpty()) {
      return;
    }
    long first = world.lookedUp.first();
    long end = first;
    boolean known = random.nextBoolean() && isGood(world, first);
    int most = 1 + random.nextInt(100);
    while (end - first < most && world.lookedUp.contains(end) && (!known || isGood(world, end))) {
      world.lookedUp.remove(end++);
    }
    var items = new ItemRange(first, end);
    var id = world.job.id();
    // Now and then it still speaks of an earlier grant, which is nothing to anybody.
    core.handle(new Command.Release(id, world.version - 1, items), now());
    core.handle(
        known
            ? new Command.Known(id, world.version, remembered(items))
            : new Command.Release(id, world.version, items),
        now());
  }

  private OutcomeReport remembered(ItemRange items) {
    var outcomes = new Outcomes(items, values(items), List.of(), Outcomes.Cost.NONE);
    return new OutcomeReport(outcomes, OutcomeReport.REMEMBERED, 0, now().wall(), now().wall(), 1);
  }

  private static boolean isGood(World world, long item) {
    return !world.poison.contains(item) && !world.failing.contains(item);
  }

  private void cancelOne() {
    var worlds = List.copyOf(jobs.values());
    var world = worlds.get(random.nextInt(worlds.size()));
    world.cancelled = true;
    core.handle(new Command.Cancel(world.job.id()), now());
  }

  // ---- what the core asks for

  private void perform(Action action) {
    switch (action) {
      case Action.Dispatch dispatch -> {
        var slot = slotStates.get(dispatch.slot());
        assertThat(slot.chunks.size()).as("chunks a worker has").isLessThan(2);
        for (Chunk other : slot.chunks) {
          assertThat(other.job()).as("job queued behind another").isEqualTo(dispatch.chunk().job());
        }
        if (slot.chunks.isEmpty()) {
          slot.nextItem = dispatch.chunk().items().first();
          slot.recallFrom = Long.MAX_VALUE;
          slot.stop = false;
        }
        slot.chunks.add(dispatch.chunk());
        var items = dispatch.chunk().items();
        assertThat(jobs.get(dispatch.chunk().job()).lookedUp.subSet(items.first(), items.end()))
            .as("items that run while they are looked up")
            .isEmpty();
        checkWorkersCap(dispatch.chunk().job());
      }
      case Action.Recall recall -> slotStates.get(recall.slot()).recallFrom = recall.fromChunk();
      case Action.Stop stop -> slotStates.get(stop.slot()).stop = true;
      case Action.RecordOutcomes write -> record(write);
      case Action.Finish finish -> {
        var world = jobs.get(finish.job());
        assertThat(world.end).as("job ends once").isNull();
        assertThat(finish.version()).isEqualTo(world.version);
        world.end = finish.status();
      }
      case Action.LookUp lookUp -> {
        var world = jobs.get(lookUp.job().id());
        assertThat(lookUp.version()).isEqualTo(world.version);
        lookUp
            .items()
            .forEach(
                items -> LongStream.range(items.first(), items.end()).forEach(world.lookedUp::add));
      }
      case Action.NoteStart start -> {}
      case Action.Publish publish -> {
        var tally = publish.status().tally();
        assertThat(tally.done()).isLessThanOrEqualTo(tally.total());
      }
    }
  }

  private void checkWorkersCap(JobId id) {
    Integer cap = jobs.get(id).job.spec().workers();
    long held =
        slotStates.stream()
            .filter(s -> !s.chunks.isEmpty() && !s.stop && s.chunks.peek().job().equals(id))
            .count();
    if (cap != null) {
      assertThat(held).as("slots of a capped job").isLessThanOrEqualTo(cap);
    }
  }

  private void record(Action.RecordOutcomes write) {
    var world = jobs.get(write.job());
    assertThat(write.version()).isEqualTo(world.version);
    assertThat(world.end).as("outcome after the end").isNull();
    var outcomes = write.report().outcomes();
    var before = world.recorded.lowerEntry(outcomes.items().end());
    if (before != null) {
      assertThat(before.getValue().items().end())
          .as("items recorded twice by %s", outcomes.items())
          .isLessThanOrEqualTo(outcomes.items().first());
    }
    world.recorded.put(outcomes.items().first(), outcomes);
    if (write.report().worker() == OutcomeReport.REMEMBERED) {
      var items = outcomes.items();
      LongStream.range(items.first(), items.end()).forEach(world.known::add);
    }
  }

  // ---- what workers do

  private void stepSlot(Slot slot, int dice) {
    int index = slotStates.indexOf(slot);
    Chunk chunk = slot.chunks.peek();
    if (chunk == null) {
      core.handle(new Command.Tick(), now());
      return;
    }
    World world = jobs.get(chunk.job());
    if (world.doesNotLoad) {
      clear(slot);
      var error = new JobError("FUNCTION_NOT_LOADED", "no such entry", null);
      core.handle(new SlotEvent.NotLoaded(index, chunk.job(), error, random.nextBoolean()), now());
    } else if (slot.stop && random.nextBoolean()) {
      lose(slot, index, List.of(), SlotEvent.Cause.STOPPED);
    } else if (slot.stop || slot.recallFrom <= chunk.number()) {
      giveBack(slot, index);
    } else if (dice > 997) {
      lose(slot, index, List.of(), SlotEvent.Cause.CRASH);
    } else {
      runItems(slot, index, chunk, world);
    }
  }

  /** Runs up to a random number of items, until the chunk ends or a poison item ends the worker. */
  private void runItems(Slot slot, int index, Chunk chunk, World world) {
    int threads = world.job.spec().threads();
    long from = slot.nextItem;
    long to = Math.min(chunk.items().end(), from + 1 + random.nextInt(200));
    var errors = new ArrayList<ItemError>();
    for (long i = from; i < to; i++) {
      nanos += (long) (world.secondsPerItem * 1e9);
      if (world.poison.contains(i) || world.poisonOnce.remove(i)) {
        var named =
            random.nextInt(5) == 0
                ? List.<Long>of()
                : LongStream.range(i, Math.min(chunk.items().end(), i + threads)).boxed().toList();
        world.unlucky.add(i);
        lose(slot, index, named, SlotEvent.Cause.CRASH);
        return;
      }
      if (world.failing.contains(i)) {
        errors.add(new ItemError(i, ItemError.Kind.ERROR, "E", "failed", null, 1));
      }
    }
    var items = new ItemRange(from, to);
    boolean last = to == chunk.items().end();
    double seconds = world.secondsPerItem * items.count();
    var outcomes = new Outcomes(items, values(items), errors, new Outcomes.Cost(seconds, 0, 0));
    if (last) {
      next(slot);
    } else {
      slot.nextItem = to;
    }
    core.handle(new SlotEvent.Reported(index, chunk.number(), outcomes, last, 1, 1), now());
  }

  private static byte[] values(ItemRange items) {
    return "0".repeat((int) items.count()).getBytes(StandardCharsets.UTF_8);
  }

  private void giveBack(Slot slot, int index) {
    var chunks = List.copyOf(slot.chunks);
    long first = slot.nextItem;
    clear(slot);
    for (Chunk chunk : chunks) {
      core.handle(
          new SlotEvent.Returned(
              index, chunk.number(), first == -1 ? chunk.items().first() : first),
          now());
      first = -1;
    }
  }

  private void lose(Slot slot, int index, List<Long> items, SlotEvent.Cause cause) {
    var death = new SlotEvent.Death(cause, "SIGKILL", "killed", null);
    long chunk = slot.chunks.element().number();
    if (items.isEmpty() && slot.nextItem == slot.chunks.element().items().end() - 1) {
      jobs.get(slot.chunks.element().job()).unlucky.add(slot.nextItem);
    }
    clear(slot);
    core.handle(new SlotEvent.WorkerLost(index, chunk, items, death, 1, 1), now());
  }

  private static void clear(Slot slot) {
    slot.chunks.clear();
    slot.nextItem = -1;
    slot.stop = false;
    slot.recallFrom = Long.MAX_VALUE;
  }

  private static void next(Slot slot) {
    slot.chunks.remove();
    Chunk chunk = slot.chunks.peek();
    slot.nextItem = chunk == null ? -1 : chunk.items().first();
  }

  // ---- the promises

  private void checkEnd(World world) {
    var status = world.end;
    var outcome = new HashMap<Long, Boolean>();
    for (var outcomes : world.recorded.values()) {
      for (long i = outcomes.items().first(); i < outcomes.items().end(); i++) {
        outcome.put(i, true);
      }
      for (var error : outcomes.errors()) {
        outcome.put(error.index(), false);
        boolean guilty =
            switch (error.kind()) {
              case CRASH ->
                  world.poison.contains(error.index()) || world.unlucky.contains(error.index());
              default -> world.failing.contains(error.index());
            };
        assertThat(guilty).as("item %s is charged for nothing", error).isTrue();
        int attempts = error.kind() == ItemError.Kind.CRASH ? world.job.spec().retry().crash() : 0;
        if (attempts > 0) {
          assertThat(error.attempts()).as("attempts of %s", error).isEqualTo(attempts);
        }
      }
    }
    long total = status.tally().total();
    assertThat(status.tally().done()).isEqualTo(total);
    boolean endedEarly = status.stopReason() != null;
    if (!endedEarly) {
      assertThat(total).as("items of the job").isEqualTo(world.stored);
      assertThat(world.open).isFalse();
      assertThat(outcome).hasSize((int) total);
      for (long i = 0; i < total; i++) {
        boolean bad = world.poison.contains(i) || world.failing.contains(i);
        if (bad) {
          assertThat(outcome.get(i)).as("item %d is bad", i).isFalse();
        }
      }
      boolean failed = status.tally().failed() > world.job.spec().maxFailures();
      assertThat(status.state()).isEqualTo(failed ? JobState.FAILED : JobState.SUCCEEDED);
    } else {
      assertThat(status.state())
          .isEqualTo(
              world.cancelled && status.stopReason().equals("cancelled")
                  ? JobState.CANCELLED
                  : JobState.FAILED);
    }
    assertThat(status.tally().cached()).isEqualTo(world.known.size());
    long failures = outcome.values().stream().filter(ok -> !ok).count();
    assertThat(status.tally().failed()).isEqualTo(failures);
  }
}
