package dev.manyhands.http;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.manyhands.engine.shared.SharedSummary;
import dev.manyhands.support.Word;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A shared object as clients see it.
 *
 * @param value of a value, as JSON; null for other kinds, and for a value that was lost
 * @param length how many entries there are, or how many permits are free; null for a value and a
 *     lock
 * @param bytes about how much memory its entries take
 * @param waiting how many calls wait for the object
 * @param holder the item that holds the lock; null for none
 */
public record SharedView(
    String name,
    String kind,
    @JsonRawValue @Nullable String value,
    @Nullable Long length,
    long bytes,
    int waiting,
    @Nullable Holder holder) {

  /**
   * The item that holds a lock, as its worker has written.
   *
   * @param item null if it is not known
   * @param job the job that the worker serves; null if it is not known
   */
  public record Holder(long worker, @Nullable Long item, Instant since, @Nullable String job) {}

  public static SharedView of(SharedSummary object) {
    return new SharedView(
        object.name(),
        Word.of(object.kind()),
        object.value(),
        object.length(),
        object.bytes(),
        object.waiting(),
        holder(object.holder()));
  }

  private static @Nullable Holder holder(SharedSummary.@Nullable Holder holder) {
    return holder == null
        ? null
        : new Holder(
            holder.worker(),
            holder.item() < 0 ? null : (Long) holder.item(),
            holder.since(),
            holder.job() == null ? null : holder.job().toString());
  }

  /** Some objects, in the order of their declaration. */
  public record SharedList(List<SharedView> shared) {
    public static SharedList of(List<SharedSummary> objects) {
      return new SharedList(objects.stream().map(SharedView::of).toList());
    }
  }
}
