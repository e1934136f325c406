package dev.manyhands.http.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.manyhands.engine.scheduler.Scheduler;
import dev.manyhands.engine.worker.ItemSource;
import dev.manyhands.engine.worker.WorkerView;
import dev.manyhands.http.JobPath;
import dev.manyhands.http.ParentIndexes;
import dev.manyhands.http.job.ItemView.State;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.OutcomeReport;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.json.JoinedValues;
import dev.manyhands.store.JobStore;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Shows single items: their inputs, their outcomes, and where they ran. */
public final class ItemReader {
  private final JobStore store;
  private final ItemSource source;
  private final Scheduler scheduler;

  public ItemReader(JobStore store, ItemSource source, Scheduler scheduler) {
    this.store = store;
    this.source = source;
    this.scheduler = scheduler;
  }

  /** Refuses an index that the job does not have. */
  static void check(Job job, long index) {
    long total = job.status().tally().total();
    if (index < 0 || index >= total) {
      throw Refusal.notFound(
          "job %s has no item %d; it has %s"
              .formatted(
                  job.id(),
                  index,
                  total == 0 ? "none" : total == 1 ? "item 0" : "items 0 to " + (total - 1)));
    }
  }

  /**
   * @throws Refusal if the job has no such item
   */
  ItemView get(Job job, long index) {
    check(job, index);
    String input = input(job, index);
    OutcomeReport report = report(job.id(), index);
    Long parent = new ParentIndexes(store, job).of(index);
    return report == null
        ? unfinished(job, index, parent, input)
        : finished(job, index, parent, input, report);
  }

  /** Returns the JSON of an item that the job has. */
  String input(Job job, long index) {
    // One item is read, however large it is.
    return new String(source.read(job, ItemRange.ofCount(index, 1), 1).joined(), UTF_8);
  }

  private @Nullable OutcomeReport report(JobId id, long index) {
    var found = new OutcomeReport[1];
    store.outcomes(id, ItemRange.ofCount(index, 1), report -> found[0] = report);
    return found[0];
  }

  private static ItemView finished(
      Job job, long index, @Nullable Long parent, String input, OutcomeReport report) {
    var outcomes = report.outcomes();
    ItemRange items = outcomes.items();
    boolean remembered = report.worker() == OutcomeReport.REMEMBERED;
    boolean ran = report.isOfWorker();
    Optional<ItemError> error =
        outcomes.errors().stream().filter(one -> one.index() == index).findFirst();
    Duration limit = job.spec().timeouts().item();
    ItemSpan span = ran ? ItemSpan.of(report, error.orElse(null), limit) : null;
    return new ItemView(
        index,
        parent,
        error.isPresent() ? State.FAILED : State.SUCCEEDED,
        input,
        error.isPresent() || job.spec().reduce() != Reduce.LIST ? null : value(report, index),
        error.orElse(null),
        remembered ? 0 : error.map(ItemError::attempts).orElse(report.attempt()),
        remembered,
        span == null ? null : Double.valueOf(span.seconds()),
        ran ? Long.valueOf(report.worker()) : null,
        ran ? Long.valueOf(report.pid()) : null,
        outcomes.cost().peakRss(),
        ran ? new ItemView.Chunk(List.of(items.first(), items.end())) : null,
        span == null ? null : span.startedAt(),
        report.finishedAt(),
        links(job, index));
  }

  private static String value(OutcomeReport report, long index) {
    ItemRange items = report.outcomes().items();
    byte[] bytes = report.outcomes().values();
    var values = JoinedValues.stored(bytes, Math.toIntExact(items.count()));
    int at = Math.toIntExact(index - items.first());
    return new String(bytes, values.start(at), values.end(at) - values.start(at), UTF_8);
  }

  private ItemView unfinished(Job job, long index, @Nullable Long parent, String input) {
    WorkerView worker = job.status().state().isTerminal() ? null : runningOn(job.id(), index);
    State state =
        switch (job.status().state()) {
          case SUCCEEDED, FAILED, CANCELLED -> State.SKIPPED;
          case WAITING, QUEUED, RUNNING -> {
            State running = worker == null ? State.PENDING : State.RUNNING;
            yield isCancelled(job, index) ? State.SKIPPED : running;
          }
        };
    return new ItemView(
        index,
        parent,
        state,
        input,
        null,
        null,
        0,
        false,
        null,
        worker == null ? null : worker.id(),
        worker == null ? null : worker.pid(),
        null,
        null,
        null,
        null,
        links(job, index));
  }

  private boolean isCancelled(Job job, long index) {
    return job.status().tally().skipped() > 0
        && store.cancelledItems().at(job.id(), index).isPresent();
  }

  private @Nullable WorkerView runningOn(JobId job, long index) {
    return scheduler.workers().join().stream()
        .filter(worker -> job.equals(worker.job()) && Objects.equals(worker.item(), index))
        .findFirst()
        .orElse(null);
  }

  private static ItemView.Links links(Job job, long index) {
    String of = JobPath.of(job.id());
    String self = of + "/items/" + index;
    String script = ItemScript.exists(job) ? self + "/script" : null;
    return new ItemView.Links(self, self + "/log", script, of);
  }
}
