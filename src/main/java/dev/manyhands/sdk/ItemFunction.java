package dev.manyhands.sdk;

import org.jspecify.annotations.Nullable;

/**
 * A function that is run once for each item of a job.
 *
 * <pre>{@code
 * public final class Distance implements ItemFunction<Distance.Point, Double> {
 *   public record Point(double x, double y) {}
 *
 *   public Double apply(Point point, Context context) {
 *     return Math.hypot(point.x(), point.y());
 *   }
 * }
 * }</pre>
 *
 * The class needs a public constructor without parameters, or no constructor at all. One instance
 * lives as long as its worker and runs one item at a time. A field may hold an object that is
 * costly to make. A field must not hold state that a later result depends on, because chance
 * decides which items run in one worker. In a job with {@code threads} above 1, the instance runs
 * that many items at a time and must be thread-safe.
 *
 * @param <I> the type that an item's JSON is converted to. Simple types: a boxed number or boolean,
 *     {@code String}, {@code BigInteger}, {@code BigDecimal}, an enum, or {@code Object} for the
 *     unconverted value. Compound types: a {@code List}, a {@code Map} with {@code String} keys, an
 *     array, or a record. A record is made from an object by the names of its components, or from
 *     an array by their positions
 * @param <O> the type of the result: any of these types, or an {@code Optional} of them; null is a
 *     result too
 */
@FunctionalInterface
public interface ItemFunction<I extends @Nullable Object, O extends @Nullable Object> {

  /**
   * Maps one item to its result.
   *
   * @throws Exception any exception is the outcome of this item only; all other items still run
   */
  O apply(I item, Context context) throws Exception;
}
