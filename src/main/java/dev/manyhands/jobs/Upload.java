package dev.manyhands.jobs;

import dev.manyhands.model.InputSegment;
import dev.manyhands.model.InputsOwner;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.json.JsonException;
import dev.manyhands.model.json.JsonScanner;
import dev.manyhands.model.json.ValueJoiner;
import dev.manyhands.store.KeyedAppend;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Sends the lines of one request to the store in segments, and reports them to the scheduler as
 * soon as they are stored. Used by one thread.
 */
final class Upload {
  /**
   * The first size of a buffer for items. Small, because a request that waits for its next line
   * holds a buffer.
   */
  private static final int FIRST_BYTES = 32;

  private final Uploads uploads;
  private final JobId id;
  private final InputsOwner by;
  private final JsonScanner scanner;
  private final @Nullable KeyedRequest keyed;
  private final @Nullable PlacedRequest placed;
  private long line = 1;
  private int count;

  /**
   * Items of the job, as far as this request knows them, including its own items that are not
   * stored yet.
   */
  private long total;

  /** Items of the request that are stored, including those that an earlier request stored. */
  private long stored;

  /** Items that this request appended itself. */
  private long appended;

  private ValueJoiner segment = new ValueJoiner(FIRST_BYTES);

  /** The append before this one. Waiting for it keeps the order and bounds the memory. */
  private @Nullable CompletableFuture<Optional<ItemRange>> before;

  Upload(
      Uploads uploads,
      Job job,
      InputsOwner by,
      JsonScanner scanner,
      @Nullable KeyedRequest keyed,
      @Nullable PlacedRequest placed) {
    this.uploads = uploads;
    this.id = job.id();
    this.total = job.status().tally().total();
    this.by = by;
    this.scanner = scanner;
    this.keyed = keyed;
    this.placed = placed;
  }

  void run() {
    try {
      while (scanner.peek() != -1) {
        line = scanner.line();
        add(scanner.valueOfLine(), scanner.valueEnd());
      }
    } catch (JsonException e) {
      throw Uploads.badItem(e, line);
    } finally {
      flush();
      awaitBefore();
    }
    if (keyed != null) {
      complete(keyed);
    }
  }

  /** Items of the request that are stored. */
  long stored() {
    return stored;
  }

  /** Whether this request appended any item. */
  boolean hasAppended() {
    return appended > 0;
  }

  Refusal counting(Refusal refusal) {
    return refusal.with("stored", stored, "items of this request that are stored: " + stored);
  }

  private void complete(KeyedRequest keyed) {
    keyed.end();
    if (!keyed.isRepeated() && !uploads.store.completeAppend(id, keyed.nextPart()).join()) {
      throw refused();
    }
  }

  private void add(int start, int end) {
    if (isStored(start, end)) {
      stored++;
      return;
    }
    if (total >= uploads.limits.maxItems()) {
      throw uploads.limits.tooManyItems(Uploads.line(line));
    }
    total++;
    segment.add(scanner.buffer(), start, end);
    count++;
    boolean full = segment.size() >= InputSegment.FULL_BYTES;
    boolean idle = scanner.isDrained() && (before == null || before.isDone());
    if (full || idle) {
      flush();
    }
  }

  /**
   * Returns whether the item is stored already: by an earlier request with the key, or by any
   * request at the item's index in the job.
   */
  private boolean isStored(int start, int end) {
    boolean ofKey = keyed != null && keyed.isStored(scanner.buffer(), start, end);
    if (placed == null) {
      return ofKey;
    }
    boolean isThere = placed.isThere(scanner.buffer(), start, end);
    if (ofKey && !isThere) {
      throw KeyedRequest.otherRequest(); // the items of the earlier request have other indexes
    }
    if (scanner.isDrained()) {
      placed.rest();
    }
    return isThere;
  }

  private void flush() {
    if (count == 0) {
      return;
    }
    if (placed != null) {
      appendPlaced(placed);
      return;
    }
    awaitBefore();
    before =
        append()
            .whenComplete((taken, failure) -> {
              if (failure == null) {
                taken.ifPresent(items -> uploads.scheduler.append(id, items));
              }
            });
    segment = new ValueJoiner(FIRST_BYTES);
    count = 0;
  }

  private void appendPlaced(PlacedRequest placed) {
    byte[] joined = segment.toBytes();
    int items = count;
    // Before the append: items that were refused must not be tried again, at another index.
    segment = new ValueJoiner(FIRST_BYTES);
    count = 0;
    KeyedAppend.Part part = keyed == null ? null : keyed.part();
    int fresh = placed.append(joined, items, part).orElseThrow(this::refused);
    if (keyed != null && part != null && fresh > 0) {
      keyed.noteStored(part);
    }
    appended += fresh;
    stored += items;
  }

  private CompletableFuture<Optional<ItemRange>> append() {
    byte[] joined = segment.toBytes();
    return keyed == null
        ? uploads.store.append(id, by, joined, count)
        : uploads.store.append(id, keyed.nextPart(), joined, count);
  }

  private Refusal refused() {
    return keyed != null && uploads.jobs.get(id).status().inputsOpen()
        ? Refusal.conflict(
            "another request appends to job "
                + id
                + " under the same Idempotency-Key; send this one again when that has ended")
        : uploads.notOpen(id);
  }

  private void awaitBefore() {
    if (before == null) {
      return;
    }
    ItemRange taken = before.join().orElseThrow(this::refused);
    before = null;
    stored += taken.count();
    appended += taken.count();
    total = Math.max(total, taken.end() + count); // other requests append as well
  }
}
