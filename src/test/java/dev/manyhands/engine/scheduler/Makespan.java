package dev.manyhands.engine.scheduler;

import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.model.Chunk;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.Tally;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.UUID;

/**
 * How long {@link SchedulerCore} takes for one job, in virtual time: workers that are never faster
 * or slower, messages that all take as long, and the durations of the items as they are given.
 * Nothing is left to chance, so that a schedule can be held against another. All times are
 * nanoseconds.
 */
final class Makespan {
  /** From a worker to the scheduler, or back. */
  static final long MESSAGE = 150_000;

  /** Time that a worker needs for a chunk besides the time of its items. */
  private static final long CHUNK = 50_000;

  private final long[] items;
  private final List<Worker> workers = new ArrayList<>();
  private final SchedulerCore core;

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));

  private long numbers;
  private long now;
  private long end = -1;

  private record Event(long at, long number, Runnable what) {}

  /** One that runs its chunks in turn, and looks before each item whether it is recalled. */
  private static final class Worker {
    final ArrayDeque<Chunk> chunks = new ArrayDeque<>();

    /** Those that were sent and are not answered, as the service knows it. */
    final ArrayDeque<Chunk> sent = new ArrayDeque<>();

    long recalledFrom = Long.MAX_VALUE;
    boolean isBusy;
  }

  private Makespan(int slots, long[] items) {
    this.items = items;
    for (int i = 0; i < slots; i++) {
      workers.add(new Worker());
    }
    this.core = new SchedulerCore(slots, 0, spec -> 1);
  }

  /** From the submission to the end. */
  static long of(int slots, long[] items) {
    return new Makespan(slots, items).play();
  }

  /**
   * List scheduling (Graham, 1966), where no message takes any time: the first free worker takes
   * the next item.
   */
  static long ofList(int slots, long[] items) {
    var freeAt = new PriorityQueue<Long>();
    for (int i = 0; i < slots; i++) {
      freeAt.add(0L);
    }
    long end = 0;
    for (long item : items) {
      long done = freeAt.remove() + item;
      freeAt.add(done);
      end = Math.max(end, done);
    }
    return end;
  }

  private long play() {
    var function = new Function("f", "sha256:0", new FunctionDefinition.Python("", "f"));
    var spec = JobSpec.of(function, new Inputs.Listed(items.length));
    var status = JobStatus.queued(items.length);
    var job = new Job(new JobId(new UUID(1, 1)), spec, Instant.EPOCH, status);
    var all = List.of(new ItemRange(0, items.length));
    core.handle(new CoreEvent.Run(job, 1, all, Tally.ofTotal(items.length)), moment())
        .forEach(this::perform);
    while (end < 0) {
      OptionalLong wake = core.wakeNanos();
      if (wake.isPresent() && (events.isEmpty() || wake.getAsLong() < events.element().at())) {
        now = Math.max(now, wake.getAsLong());
        core.handle(new CoreEvent.Tick(), moment()).forEach(this::perform);
      } else {
        Event next = events.remove();
        now = next.at();
        next.what().run();
      }
    }
    return end;
  }

  private Now moment() {
    return new Now(now, Instant.EPOCH.plusNanos(now));
  }

  private void in(long nanos, Runnable what) {
    events.add(new Event(now + nanos, numbers++, what));
  }

  private void perform(Action action) {
    switch (action) {
      case Action.Dispatch dispatch -> {
        Worker worker = workers.get(dispatch.slot());
        worker.sent.add(dispatch.chunk());
        in(
            MESSAGE,
            () -> {
              worker.chunks.add(dispatch.chunk());
              if (!worker.isBusy) {
                begin(worker);
              }
            });
      }
      // In memory that both see.
      case Action.Recall recall -> workers.get(recall.slot()).recalledFrom = recall.fromChunk();
      case Action.Finish _ -> end = now;
      default -> {}
    }
  }

  private void begin(Worker worker) {
    Chunk chunk = worker.chunks.peek();
    worker.isBusy = chunk != null;
    if (chunk != null) {
      in(CHUNK, () -> run(worker, chunk, chunk.items().first()));
    }
  }

  private void run(Worker worker, Chunk chunk, long item) {
    if (item < chunk.items().end() && chunk.number() < worker.recalledFrom) {
      in(items[Math.toIntExact(item)], () -> run(worker, chunk, item + 1));
      return;
    }
    worker.chunks.remove();
    in(MESSAGE, () -> answer(worker, chunk, item));
    begin(worker);
  }

  /** The items before this one were run. */
  private void answer(Worker worker, Chunk chunk, long upto) {
    worker.sent.remove();
    if (worker.sent.isEmpty() || worker.sent.getLast().number() < worker.recalledFrom) {
      worker.recalledFrom = Long.MAX_VALUE; // what was asked for is back
    }
    int slot = workers.indexOf(worker);
    ItemRange all = chunk.items();
    if (upto > all.first()) {
      var parts = List.of(outcomes(new ItemRange(all.first(), upto)));
      boolean last = upto == all.end();
      core.handle(new SlotEvent.Reported(slot, chunk.number(), parts, last, 1, 1), moment())
          .forEach(this::perform);
    }
    if (upto < all.end()) {
      core.handle(new SlotEvent.Returned(slot, chunk.number(), upto), moment())
          .forEach(this::perform);
    }
  }

  private Outcomes outcomes(ItemRange range) {
    long nanos =
        Arrays.stream(items, Math.toIntExact(range.first()), Math.toIntExact(range.end())).sum();
    return new Outcomes(range, new byte[0], List.of(), new Outcomes.Cost(nanos / 1e9, 0, 0));
  }
}
