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
 * The class needs a public constructor without parameters, or none at all. One instance lives as
 * long as its worker and runs one item at a time, so a field may hold what is costly to make. It
 * must not hold what a later result depends on: which items meet in one worker is chance. In a job
 * with {@code threads} above 1 the instance runs so many items at a time, on threads that it must
 * be safe for.
 *
 * @param <I> what an item's JSON is converted to: a boxed number or boolean, {@code String}, {@code
 *     BigInteger}, {@code BigDecimal}, an enum, a {@code List}, a {@code Map} with {@code String}
 *     keys, an array, a record (from an object by the names of its components, or from an array by
 *     their positions), or {@code Object} for the JSON as it is
 * @param <O> the result: any of these, or an {@code Optional} of them; null is a result too
 */
@FunctionalInterface
public interface ItemFunction<I extends @Nullable Object, O extends @Nullable Object> {

  /**
   * Maps one item to its result.
   *
   * @throws Exception anything thrown is the outcome of this item only; the others are run all the
   *     same
   */
  O apply(I item, Context context) throws Exception;
}
