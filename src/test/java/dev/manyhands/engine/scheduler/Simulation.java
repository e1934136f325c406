package dev.manyhands.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.engine.worker.StartFault;
import dev.manyhands.model.Chunk;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.OutcomeReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A random world for {@link SchedulerCore}, which is equal for equal seeds. Jobs have every shape,
 * and users change them as they run. Workers are fast or slow, die on poison items or for no
 * reason, do not start, or answer late. A store has a fence. A memo knows some of the outcomes and
 * answers late. The service restarts. After every step, the simulation checks that no item gets two
 * outcomes. At the end, it checks that each item has the right one.
 */
final class Simulation {
  /** Memory of all workers together, in a unit of which a worker of a job holds one to three. */
  private static final long MEMORY = 4;

  private final Random random;
  private final Consumer<Action> log;
  private final int slots;
  private final Map<JobId, SimulatedJob> jobs = new TreeMap<>();
  private final List<Slot> slotStates = new ArrayList<>();
  private SchedulerCore core;
  private Reductions reductions;

  /**
   * Merges that the reductions have handed over. The simulation runs them in order, some time
   * later.
   */
  private final ArrayDeque<Runnable> merges = new ArrayDeque<>();

  /** Which partials are handed over: all, the longer ones, or none. */
  private final int shortPartialBytes;

  private long nanos;

  /** How far the time of day is off; it jumps. */
  private Duration wallAhead = Duration.ZERO;

  /** The service is about to stop: nothing new may be handed out. */
  private boolean draining;

  /** The store cannot keep up: nothing new may be handed out until it can. */
  private boolean storeBehind;

  /** Whether some jobs recycle their workers. The recorded histories have no such jobs. */
  private final boolean recycles;

  /** Users who cancel items; null without any. The other random numbers do not depend on them. */
  private final @Nullable Random cancels;

  /** Requests to cancel items that are not answered, with their items. */
  private final Map<Long, List<ItemRange>> requests = new TreeMap<>();

  private long lastRequest;

  private Simulation(long seed, boolean asRecorded, Consumer<Action> log) {
    random = new Random(seed);
    recycles = !asRecorded;
    cancels = asRecorded ? null : new Random(~seed);
    this.log = log;
    slots = 1 + random.nextInt(4);
    shortPartialBytes = random.nextInt(3) * 5;
    start();
  }

  static void run(long seed) {
    run(seed, false, action -> {});
  }

  /**
   * Plays one history without recycled workers and cancelled items, and gives its actions to {@code
   * log} in their order.
   */
  static void run(long seed, Consumer<Action> log) {
    run(seed, true, log);
  }

  private static void run(long seed, boolean asRecorded, Consumer<Action> log) {
    try {
      new Simulation(seed, asRecorded, log).play();
    } catch (RuntimeException | AssertionError failure) {
      throw new AssertionError(
          "seed " + seed + " breaks a promise: " + failure.getMessage(), failure);
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
      bringFaults(random.nextInt(2000));
      if (cancels != null && !jobs.isEmpty() && cancels.nextInt(50) == 0) {
        if (cancels.nextInt(20) == 0) {
          abandonOne(cancels);
        } else {
          cancelItems(cancels);
        }
      }
      if (!merges.isEmpty() && random.nextInt(3) == 0) {
        merges.remove().run();
      }
      int dice = random.nextInt(1000);
      if (toSubmit > 0 && dice < 50) {
        submit();
        toSubmit--;
      } else if (dice < 53) {
        restart();
      } else if (dice < 56 && !jobs.isEmpty()) {
        cancelOne();
      } else if (dice < 65 && !jobs.isEmpty()) {
        changeOne();
      } else if (dice < 100 && !jobs.isEmpty()) {
        moveInputs();
      } else if (dice < 200 && !jobs.isEmpty()) {
        answerLookUp();
      } else {
        stepSlot(slotStates.get(random.nextInt(slots)), dice);
      }
      jobs.values().forEach(SimulatedJob::check);
      checkClock();
      checkNobodyWaitsForNothing();
    }
    jobs.values().forEach(SimulatedJob::checkEnd);
    assertThat(requests).as("requests without an answer").isEmpty();
  }

  /** The lease of a job is over. */
  private void abandonOne(Random user) {
    var world = List.copyOf(jobs.values()).get(user.nextInt(jobs.size()));
    if (world.open && world.untold.isEmpty() && !world.isOver() && !world.leaseLost) {
      world.open = false;
      world.abandoned = true;
      core.handle(new CoreEvent.Abandon(world.id()), now()).forEach(this::perform);
      assertThat(world.isOver()).as("an abandoned job ends").isTrue();
    }
  }

  /** A user cancels up to two ranges of items, some of which may be over, running or unknown. */
  private void cancelItems(Random user) {
    var world = List.copyOf(jobs.values()).get(user.nextInt(jobs.size()));
    var items = new ArrayList<ItemRange>();
    long first = 0;
    for (int i = 0; i < 2 && first < world.stored; i++) {
      first += user.nextLong(world.stored - first);
      long end = Math.min(world.stored, first + 1 + user.nextInt(1 + user.nextInt(30)));
      items.add(new ItemRange(first, end));
      first = end;
    }
    if (!items.isEmpty()) {
      requests.put(++lastRequest, items);
      core.handle(
              new CoreEvent.CancelItems(world.id(), lastRequest, items, user.nextBoolean()), now())
          .forEach(this::perform);
    }
  }

  private Now now() {
    return new Now(nanos, Instant.EPOCH.plusNanos(nanos).plus(wallAhead));
  }

  private void start() {
    slotStates.clear();
    for (int i = 0; i < slots; i++) {
      slotStates.add(new Slot());
    }
    draining = false;
    storeBehind = false;
    merges.clear();
    requests.clear();
    reductions = new Reductions(merges::add, shortPartialBytes);
    core = new SchedulerCore(slots, MEMORY, Simulation::memoryOf);
  }

  /** Causes faults of the whole service or of its store. */
  private void bringFaults(int dice) {
    if (dice < 3) {
      draining = true;
      core.handle(new CoreEvent.Drain(), now()).forEach(this::perform);
    } else if (dice < 10) {
      storeBehind = true;
      core.handle(new CoreEvent.StoreBehind(true), now()).forEach(this::perform);
    } else if (dice < 14 && !jobs.isEmpty()) {
      loseLease(any());
    } else if (dice < 20) {
      wallAhead = Duration.ofSeconds(random.nextInt(-100_000, 100_000));
    } else if (dice < 40 && !jobs.isEmpty()) {
      speakOfThePast();
    } else if (dice < 140) {
      recover();
    }
    if (draining && slotStates.stream().allMatch(slot -> slot.chunks.isEmpty())) {
      assertThat(core.busySlots()).as("a drained core").isZero();
      restart();
    }
  }

  /** The store refuses a write; some time later the job is granted again. */
  private void loseLease(SimulatedJob world) {
    if (world.end == null && !world.leaseLost) {
      long lost = world.version++;
      world.leaseLost = true;
      reductions.forget(world.id(), lost);
      core.handle(new CoreEvent.LeaseLost(world.id(), lost), now()).forEach(this::perform);
    }
  }

  private void recover() {
    if (storeBehind) {
      storeBehind = false;
      core.handle(new CoreEvent.StoreBehind(false), now()).forEach(this::perform);
    }
    for (SimulatedJob world : jobs.values()) {
      if (world.leaseLost && world.end == null) {
        grant(world);
      }
    }
  }

  /** Answers and refusals that come late, or twice; they are nothing to anybody. */
  private void speakOfThePast() {
    var world = any();
    int slot = random.nextInt(slots);
    core.handle(new CoreEvent.LeaseLost(world.id(), world.version - 1), now())
        .forEach(this::perform);
    var items = new ItemRange(0, 1 + random.nextInt(5));
    long chunk = -1 - random.nextInt(9);
    core.handle(
            new SlotEvent.Reported(slot, chunk, List.of(world.remembered(items)), true, 1, 1),
            now())
        .forEach(this::perform);
    core.handle(new SlotEvent.Returned(slot, chunk, items.first()), now()).forEach(this::perform);
  }

  /** kill -9 and a new start: what was not recorded is forgotten, what was is not. */
  private void restart() {
    start();
    for (SimulatedJob world : jobs.values()) {
      if (world.end == null) {
        world.version++;
        grant(world);
      }
    }
  }

  private void grant(SimulatedJob world) {
    var run = world.grant(now());
    reductions.begin(run.job(), run.version());
    reductions.merge(world.id(), world.partials());
    core.handle(run, now()).forEach(this::perform);
  }

  private void submit() {
    var id = new JobId(new UUID(jobs.size() + 1, random.nextLong()));
    var world = new SimulatedJob(id, random);
    if (recycles && random.nextInt(3) == 0) {
      world.recycle(1 + random.nextInt(9));
    }
    jobs.put(id, world);
    grant(world);
  }

  private SimulatedJob any() {
    return List.copyOf(jobs.values()).get(random.nextInt(jobs.size()));
  }

  /** A user changes what may be changed. */
  private void changeOne() {
    var world = any();
    if (!world.isOver()) {
      var spec =
          world
              .spec()
              .withControls(
                  random.nextBoolean() ? null : 1 + random.nextInt(3),
                  random.nextInt(10),
                  random.nextInt(3),
                  world.spec().maxFailuresPercent(),
                  !world.spec().paused() && random.nextInt(3) == 0);
      world.job = world.job.withSpec(spec);
      core.handle(new CoreEvent.Change(world.id(), spec), now()).forEach(this::perform);
    }
  }

  /** Stores more inputs, or notifies the core of inputs that are stored. */
  private void moveInputs() {
    var world = any();
    var id = world.id();
    if (!world.untold.isEmpty() && random.nextBoolean()) {
      core.handle(world.untold.remove(random.nextInt(world.untold.size())), now())
          .forEach(this::perform);
    } else if (world.open && world.end == null && world.toAppend > 0) {
      long count = 1 + random.nextLong(world.toAppend);
      world.untold.add(new CoreEvent.Append(id, ItemRange.ofCount(world.stored, count)));
      world.toAppend -= count;
      world.stored += count;
    } else if (world.open && world.end == null) {
      world.open = false;
      world.untold.add(new CoreEvent.CloseInputs(id, world.stored));
    }
  }

  /** Answers, for some items, whether the memo knows them. */
  private void answerLookUp() {
    var world = any();
    if (world.lookedUp.isEmpty()) {
      return;
    }
    long first = world.lookedUp.first();
    long end = first;
    boolean known = random.nextBoolean() && world.mayBeKnown(first);
    int most = 1 + random.nextInt(100);
    while (end - first < most
        && world.lookedUp.contains(end)
        && (!known || world.mayBeKnown(end))) {
      world.lookedUp.remove(end++);
    }
    var items = new ItemRange(first, end);
    var id = world.id();
    // Now and then it still speaks of an earlier grant, which is nothing to anybody.
    core.handle(new CoreEvent.Release(id, world.version - 1, items), now()).forEach(this::perform);
    core.handle(
            known
                ? new CoreEvent.Known(id, world.version, remembered(world, items))
                : new CoreEvent.Release(id, world.version, items),
            now())
        .forEach(this::perform);
  }

  private OutcomeReport remembered(SimulatedJob world, ItemRange items) {
    return new OutcomeReport(
        world.remembered(items), OutcomeReport.REMEMBERED, 0, now().wall(), now().wall(), 1);
  }

  private void cancelOne() {
    var world = any();
    world.cancelled = true;
    core.handle(new CoreEvent.Cancel(world.id()), now()).forEach(this::perform);
  }

  // ---- what the core asks for

  private void perform(Action action) {
    log.accept(action);
    switch (action) {
      case Action.Dispatch dispatch -> {
        assertThat(draining || storeBehind).as("work is handed out that must wait").isFalse();
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
        assertThat(jobs.get(dispatch.chunk().job()).spec().paused())
            .as("chunk of a paused job")
            .isFalse();
        checkWorkersCap(dispatch.chunk().job());
        var recycle = jobs.get(dispatch.chunk().job()).spec().recycle();
        assertThat(items.count())
            .as("items of a chunk, and of a worker")
            .isLessThanOrEqualTo(recycle == null ? Long.MAX_VALUE : recycle.items());
        jobs.get(dispatch.chunk().job()).checkNotCancelled(items);
        assertThat(memoryInUse()).as("memory of workers at work").isLessThanOrEqualTo(MEMORY);
      }
      case Action.Recall recall -> slotStates.get(recall.slot()).recallFrom = recall.fromChunk();
      case Action.Stop stop -> slotStates.get(stop.slot()).stop = true;
      case Action.RecordOutcomes write -> record(write);
      case Action.CancelItems cancel -> {
        var world = jobs.get(cancel.job());
        assertThat(cancel.version()).isEqualTo(world.version);
        world.cancelItems(cancel.items());
        if (cancel.answer() != null) {
          world.checkAnswer(requests.remove(cancel.answer().request()), cancel.answer().fates());
        }
      }
      case Action.NotCancelled not -> {
        assertThat(requests.remove(not.request())).as("items of a request").isNotNull();
        assertThat(not.why()).isEqualTo(Cancellation.Result.NOT_HERE);
      }
      case Action.Finish finish -> {
        var world = jobs.get(finish.job());
        assertThat(world.isOver()).as("job ends once").isFalse();
        assertThat(finish.version()).isEqualTo(world.version);
        if ("timeout".equals(finish.status().stopReason())) {
          assertThat(world.deadlineNanos)
              .as("the job's deadline")
              .isNotNull()
              .isLessThanOrEqualTo(nanos);
        }
        world.ending = true;
        boolean reduces = world.spec().reduce() != JobSpec.Reduce.LIST;
        reductions.finish(finish, reduces).thenAccept(world::end);
      }
      case Action.LookUp lookUp -> {
        var world = jobs.get(lookUp.job().id());
        assertThat(lookUp.version()).isEqualTo(world.version);
        lookUp
            .items()
            .forEach(
                items -> LongStream.range(items.first(), items.end()).forEach(world.lookedUp::add));
      }
      case Action.NoteStart start -> jobs.get(start.job()).started(now());
      case Action.Publish publish -> {
        var tally = publish.status().tally();
        assertThat(tally.done()).isLessThanOrEqualTo(tally.total());
      }
    }
  }

  private static long memoryOf(JobSpec spec) {
    return spec.memory() == null ? 1 : spec.memory();
  }

  private long memoryInUse() {
    return slotStates.stream()
        .filter(slot -> !slot.chunks.isEmpty())
        .mapToLong(slot -> memoryOf(jobs.get(slot.chunks.element().job()).spec()))
        .sum();
  }

  private void checkWorkersCap(JobId id) {
    Integer cap = jobs.get(id).spec().workers();
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
    world.record(write.report());
    reductions.merge(write.job(), List.of(write.report().outcomes().values()));
  }

  // ---- what holds whenever nothing is under way

  /** A job with a time limit ends in time, though nothing else happens. */
  private void checkClock() {
    for (SimulatedJob world : jobs.values()) {
      Long deadline = world.deadlineNanos;
      if (deadline != null && !world.isOver() && !world.leaseLost) {
        assertThat(core.wakeNanos()).as("the core sleeps over a deadline").isPresent();
        assertThat(core.wakeNanos().getAsLong()).isLessThanOrEqualTo(deadline);
      }
    }
  }

  /**
   * Checks work conservation: no slot is free while a job has items for it and room under its cap.
   * The exception is a waiting job that needs more memory than there is, because it keeps its turn.
   */
  private void checkNobodyWaitsForNothing() {
    if (draining || storeBehind || slotStates.stream().noneMatch(s -> s.chunks.isEmpty())) {
      return;
    }
    var waitingJobs = new ArrayList<SimulatedJob>();
    for (SimulatedJob world : jobs.values()) {
      boolean mayWait = world.spec().paused() || !world.spec().retry().backoff().isZero();
      if (world.isOver() || world.leaseLost || mayWait) {
        continue;
      }
      long waiting = world.toRun();
      long held = 0;
      for (Slot slot : slotStates) {
        if (isOf(slot, world)) {
          held++;
          long reported = slot.nextItem - slot.chunks.element().items().first();
          long all = slot.chunks.stream().mapToLong(chunk -> chunk.items().count()).sum();
          waiting -= all - reported;
        }
      }
      Integer cap = world.spec().workers();
      boolean hasRoom = held < (cap == null ? slots : Math.min(cap, slots));
      if (waiting > 0 && hasRoom) {
        waitingJobs.add(world);
      }
    }
    long left = MEMORY - memoryInUse();
    boolean anyWouldFit =
        jobs.values().stream()
            .filter(world -> !world.isOver())
            .allMatch(world -> memoryOf(world.spec()) <= left);
    if (anyWouldFit) {
      assertThat(waitingJobs.stream().map(SimulatedJob::id))
          .as("jobs that wait while a slot is free")
          .isEmpty();
    }
  }

  private static boolean isOf(Slot slot, SimulatedJob world) {
    Chunk chunk = slot.chunks.peek();
    return chunk != null && chunk.job().equals(world.id()) && chunk.version() == world.version;
  }

  // ---- what workers do

  private void stepSlot(Slot slot, int dice) {
    int index = slotStates.indexOf(slot);
    Chunk chunk = slot.chunks.peek();
    if (chunk == null) {
      core.handle(new CoreEvent.Tick(), now()).forEach(this::perform);
      return;
    }
    SimulatedJob world = jobs.get(chunk.job());
    if (world.doesNotLoad) {
      clear(slot);
      var error = new JobError("FUNCTION_NOT_LOADED", "no such entry", null);
      core.handle(new SlotEvent.NotLoaded(index, chunk.job(), error, anyFault()), now())
          .forEach(this::perform);
    } else if (slot.nextItem == chunk.items().first() && dice > 990 && dice < 995) {
      notStarted(slot, index, chunk, world);
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

  /** The worker did not come up, which may be better the next time. */
  private void notStarted(Slot slot, int index, Chunk chunk, SimulatedJob world) {
    clear(slot);
    if (chunk.version() == world.version) {
      world.startFailures++;
    }
    var error = new JobError("WORKER_NOT_STARTED", "no memory", null);
    core.handle(new SlotEvent.NotLoaded(index, chunk.job(), error, StartFault.PASSING), now())
        .forEach(this::perform);
  }

  private StartFault anyFault() {
    var all = StartFault.values();
    return all[random.nextInt(all.length)];
  }

  /** Runs up to a random number of items, until the chunk ends or a poison item ends the worker. */
  private void runItems(Slot slot, int index, Chunk chunk, SimulatedJob world) {
    int threads = world.spec().threads();
    long from = slot.nextItem;
    long to = Math.min(chunk.items().end(), from + 1 + random.nextInt(200));
    for (long i = from; i < to; i++) {
      nanos += (long) (world.secondsPerItem * 1e9);
      boolean once = world.poisonOnce.remove(i);
      if (once || world.poison.contains(i)) {
        var named = random.nextInt(5) == 0 ? List.<Long>of() : together(slot, i, threads);
        if (once) {
          world.unlucky.add(i);
        }
        lose(slot, index, named, SimulatedJob.death(i));
        return;
      }
      var poisonAhead =
          together(slot, i, threads).stream()
              .filter(other -> !chunk.items().contains(other) && world.poison.contains(other))
              .findFirst();
      if (poisonAhead.isPresent() && random.nextBoolean()) {
        var named = random.nextBoolean() ? List.of(poisonAhead.get()) : together(slot, i, threads);
        lose(slot, index, named, SimulatedJob.death(poisonAhead.get()));
        return;
      }
      boolean hangsOnce = world.hangingOnce.remove(i);
      if (hangsOnce || world.hanging.contains(i)) {
        nanos += random.nextInt(1_000_000_000);
        if (hangsOnce) {
          world.unlucky.add(i);
        }
        boolean silent = random.nextInt(5) == 0;
        lose(slot, index, silent ? List.of() : List.of(i), SlotEvent.Cause.TIMEOUT);
        return;
      }
    }
    var items = new ItemRange(from, to);
    boolean last = to == chunk.items().end();
    if (last) {
      next(slot);
    } else {
      slot.nextItem = to;
    }
    if (chunk.version() == world.version) {
      world.startFailures = 0;
    }
    core.handle(new SlotEvent.Reported(index, chunk.number(), world.run(items), last, 1, 1), now())
        .forEach(this::perform);
  }

  /** Returns the items that run at once when this one begins; also those of the second chunk. */
  private static List<Long> together(Slot slot, long item, int threads) {
    return slot.chunks.stream()
        .flatMapToLong(chunk -> LongStream.range(chunk.items().first(), chunk.items().end()))
        .dropWhile(other -> other != item)
        .limit(threads)
        .boxed()
        .toList();
  }

  private void giveBack(Slot slot, int index) {
    var chunks = List.copyOf(slot.chunks);
    long first = slot.nextItem;
    clear(slot);
    for (Chunk chunk : chunks) {
      core.handle(
              new SlotEvent.Returned(
                  index, chunk.number(), first == -1 ? chunk.items().first() : first),
              now())
          .forEach(this::perform);
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
    core.handle(new SlotEvent.WorkerLost(index, chunk, items, false, death, 1, 1, null), now())
        .forEach(this::perform);
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
}
