package dev.manyhands.engine.scheduler;

import dev.manyhands.engine.worker.SlotEvent;
import dev.manyhands.engine.worker.SlotEvent.Cause;
import dev.manyhands.engine.worker.StartFault;
import dev.manyhands.model.Chunk;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobSpecBuilder;
import dev.manyhands.model.JobStatus;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Outcomes;
import dev.manyhands.model.Tally;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A {@link SchedulerCore}, with slots and jobs that a test controls. Slots and chunks appear as
 * text: {@code "0 a[0, 4) | 1 -"} is slot 0 with items 0 to 3 of job a, and a free slot.
 */
final class CoreStage {
  private static final double ITEM_SECONDS = 0.01;

  private final SchedulerCore core;
  private final List<ArrayDeque<Chunk>> slots = new ArrayList<>();
  private final Map<JobId, String> names = new HashMap<>();
  private final Map<String, Job> jobs = new HashMap<>();

  /** Items of the first chunk of a slot that were reported. */
  private final Map<Integer, Long> reported = new HashMap<>();

  final Map<String, JobStatus> ended = new HashMap<>();

  /** The last status of each job that users were shown. */
  final Map<String, JobStatus> shown = new HashMap<>();

  final List<ItemError> errors = new ArrayList<>();

  final List<ItemRange> cancelled = new ArrayList<>();

  /** The ranges of cancelled items that have grown. */
  final List<ItemRange> grown = new ArrayList<>();

  /** Actions for slots and stores that no test has looked at. */
  private final List<String> asked = new ArrayList<>();

  private long nanos;

  CoreStage(int slotCount) {
    this(slotCount, 0);
  }

  /** Workers of a job hold as many bytes as the job asks for, or none. */
  CoreStage(int slotCount, long memory) {
    for (int i = 0; i < slotCount; i++) {
      slots.add(new ArrayDeque<>());
    }
    core =
        new SchedulerCore(slotCount, memory, spec -> Objects.requireNonNullElse(spec.memory(), 0L));
  }

  // ---- jobs

  /** Grants a job whose chunks have a size chosen by the scheduler. */
  void run(String name, long items) {
    run(name, items, spec -> {});
  }

  void run(String name, long items, Consumer<JobSpecBuilder> options) {
    run(name, items, new Inputs.Listed(items), options);
  }

  void runOpen(String name) {
    runOpen(name, spec -> {});
  }

  void runOpen(String name, Consumer<JobSpecBuilder> options) {
    run(name, 0, new Inputs.Open(false), options);
  }

  /** Grants a job of which each chunk has this many items. */
  void runInChunks(String name, long items, long size) {
    run(name, items, chunks(size));
  }

  static Consumer<JobSpecBuilder> chunks(long size) {
    return spec -> spec.chunking(new JobSpec.Chunking(size, null, JobSpec.Chunking.Order.INPUT));
  }

  private void run(String name, long items, Inputs inputs, Consumer<JobSpecBuilder> options) {
    var function = new Function("f", "sha256:0", new FunctionDefinition.Python("", "f"));
    var spec = JobSpec.builder(function, inputs);
    options.accept(spec);
    var id = new JobId(new UUID(1, names.size()));
    var status = JobStatus.queued(items, inputs instanceof Inputs.Open);
    var job = new Job(id, spec.build(), Instant.EPOCH, status);
    names.put(id, name);
    jobs.put(name, job);
    List<ItemRange> remaining = items == 0 ? List.of() : List.of(new ItemRange(0, items));
    handle(new CoreEvent.Run(job, 1, remaining, Tally.ofTotal(items)));
  }

  JobId id(String name) {
    return job(name).id();
  }

  private Job job(String name) {
    return Objects.requireNonNull(jobs.get(name));
  }

  void change(String name, Consumer<JobSpecBuilder> options) {
    var spec = job(name).spec().toBuilder();
    options.accept(spec);
    handle(new CoreEvent.Change(id(name), spec.build()));
  }

  void handle(CoreEvent command) {
    core.handle(command, now()).forEach(this::take);
  }

  void known(String name, long first, long end) {
    var outcomes = outcomes(first, end, List.of());
    handle(
        new CoreEvent.Known(
            id(name),
            1,
            new OutcomeReport(
                outcomes, OutcomeReport.REMEMBERED, 0, now().wall(), now().wall(), 1)));
  }

  // ---- time

  void pass(double seconds) {
    nanos += (long) (seconds * 1e9);
    handle(new CoreEvent.Tick());
  }

  /** Moves the clock to the time that the core has asked for, if it has. */
  boolean passUntilAlarm() {
    var alarm = core.wakeNanos();
    alarm.ifPresent(at -> {
      nanos = Math.max(nanos, at);
      handle(new CoreEvent.Tick());
    });
    return alarm.isPresent();
  }

  private Now now() {
    return new Now(nanos, Instant.EPOCH.plusNanos(nanos));
  }

  // ---- slots

  /** The slot's worker runs its chunk to the end. */
  void answer(int slot) {
    report(slot, left(slot).count());
  }

  /** The slot's worker reports its next items. Each took 10 ms. */
  void report(int slot, long count) {
    report(slot, count, List.of(), 0);
  }

  /** The slot's worker reports its next item, which raised. */
  void raise(int slot) {
    long item = left(slot).first();
    report(slot, 1, List.of(new ItemError(item, ItemError.Kind.ERROR, "E", "", null, 1)), 0);
  }

  /** The slot's worker reports its next item, which counts towards the end of the job. */
  void match(int slot) {
    report(slot, 1, List.of(), 1);
  }

  private void report(int slot, long count, List<ItemError> failed, long matched) {
    ItemRange left = left(slot);
    long chunk = running(slot).number();
    var items = ItemRange.ofCount(left.first(), count);
    nanos += (long) (count * ITEM_SECONDS * 1e9);
    boolean last = count == left.count();
    reported.merge(slot, count, Long::sum);
    if (last) {
      next(slot);
    }
    var outcomes = outcomes(items.first(), items.end(), failed);
    var parts =
        List.of(
            new Outcomes(
                outcomes.items(), outcomes.values(), failed, outcomes.cost(), matched, null));
    core.handle(new SlotEvent.Reported(slot, chunk, parts, last, 1, 1), now()).forEach(this::take);
  }

  private static Outcomes outcomes(long first, long end, List<ItemError> failed) {
    var values = new StringJoiner(",");
    LongStream.range(first, end).forEach(item -> values.add("1"));
    var cost = new Outcomes.Cost((end - first) * ITEM_SECONDS, 0, 0);
    return new Outcomes(new ItemRange(first, end), values.toString().getBytes(), failed, cost);
  }

  /** The slot's worker hands back what it has not begun: all but the next item. */
  void handBack(int slot) {
    ItemRange left = left(slot);
    var chunk = running(slot);
    var ahead = slots.get(slot).size() > 1 ? slots.get(slot).removeLast() : null;
    if (ahead != null) {
      core.handle(new SlotEvent.Returned(slot, ahead.number(), ahead.items().first()), now())
          .forEach(this::take);
    }
    if (left.count() > 1) {
      shorten(slot, left.first() + 1);
      core.handle(new SlotEvent.Returned(slot, chunk.number(), left.first() + 1), now())
          .forEach(this::take);
    }
  }

  private void shorten(int slot, long end) {
    Chunk chunk = slots.get(slot).removeFirst();
    var items = new ItemRange(chunk.items().first(), end);
    slots
        .get(slot)
        .addFirst(new Chunk(chunk.number(), chunk.job(), chunk.version(), items, chunk.attempt()));
  }

  /** Ends the slot's worker while it runs these items. No items means that they are unknown. */
  void lose(int slot, Cause cause, Long... items) {
    lose(slot, cause, false, items);
  }

  /** Kills the slot's worker because of late items, which have ended before the kill. */
  void loseOvertaken(int slot, Long... items) {
    lose(slot, Cause.TIMEOUT, true, items);
  }

  private void lose(int slot, Cause cause, boolean overtaken, Long... items) {
    var chunk = running(slot).number();
    clear(slot);
    var death = new SlotEvent.Death(cause, "T", "m", null);
    var lost = new SlotEvent.WorkerLost(slot, chunk, List.of(items), overtaken, death, 1, 1, null);
    core.handle(lost, now()).forEach(this::take);
  }

  void doNotLoad(int slot, StartFault fault) {
    JobId job = running(slot).job();
    clear(slot);
    var error = new JobError("FUNCTION_NOT_LOADED", "m", null);
    core.handle(new SlotEvent.NotLoaded(slot, job, error, fault), now()).forEach(this::take);
  }

  /** Gives up the job of a slot, as after a fault in a decision. */
  void giveUp(int slot) {
    clear(slot);
    core.giveUp(slot, new JobError("INTERNAL_ERROR", "m", null), now()).forEach(this::take);
  }

  private void clear(int slot) {
    slots.get(slot).clear();
    reported.remove(slot);
  }

  private void next(int slot) {
    slots.get(slot).remove();
    reported.remove(slot);
  }

  private Chunk running(int slot) {
    return slots.get(slot).element();
  }

  private ItemRange left(int slot) {
    var items = running(slot).items();
    return new ItemRange(items.first() + reported.getOrDefault(slot, 0L), items.end());
  }

  /** All slots with their chunks, as text. */
  String slots() {
    var text = new StringJoiner(" | ");
    for (int slot = 0; slot < slots.size(); slot++) {
      var line = new StringJoiner(" ").add("" + slot);
      slots.get(slot).forEach(chunk -> line.add(name(chunk.job()) + chunk.items()));
      text.add(slots.get(slot).isEmpty() ? slot + " -" : line.toString());
    }
    return text.toString();
  }

  /** Returns what the core has asked for since the last call, except for chunks to hand out. */
  List<String> asked() {
    var all = List.copyOf(asked);
    asked.clear();
    return all;
  }

  @Nullable String end(String name) {
    JobStatus status = ended.get(name);
    if (status == null) {
      return null;
    }
    return status.state() + (status.stopReason() == null ? "" : " " + status.stopReason());
  }

  private String name(JobId id) {
    return Objects.requireNonNull(names.get(id));
  }

  private static String text(List<ItemFate> fates) {
    return fates.stream()
        .map(fate -> fate.items() + " " + fate.state())
        .collect(Collectors.joining(", "));
  }

  private void take(Action action) {
    switch (action) {
      case Action.Dispatch dispatch -> slots.get(dispatch.slot()).add(dispatch.chunk());
      case Action.Recall recall -> asked.add("recall " + recall.slot());
      case Action.Stop stop -> asked.add("stop " + stop.slot());
      case Action.LookUp lookUp -> asked.add("look up " + name(lookUp.job().id()) + lookUp.items());
      case Action.RecordOutcomes write -> errors.addAll(write.report().outcomes().errors());
      case Action.Finish finish -> ended.put(name(finish.job()), finish.status());
      case Action.Publish publish -> shown.put(name(publish.job()), publish.status());
      case Action.NoteStart _ -> {}
      case Action.CancelItems cancel -> {
        cancelled.addAll(cancel.items());
        grown.addAll(cancel.grown());
        asked.add(
            "cancel "
                + cancel.items()
                + (cancel.answer() == null ? "" : " → " + text(cancel.answer().fates())));
      }
      case Action.NotCancelled not -> asked.add("not cancelled " + not.why());
    }
  }
}
