package dev.manyhands.harness;

import dev.manyhands.sdk.Context;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The context of the item that is being run. A job whose items run one after the other has one
 * context, which moves from item to item. Any other item has a context of its own.
 */
final class ItemContext implements Context {
  private final ControlPage page;
  private final Map<String, @Nullable Object> common;
  private final @Nullable Long seed;
  private final @Nullable String traceparent;
  private long chunk;
  private long index;
  private volatile boolean toldToStop;
  private @Nullable RandomGenerator random;

  ItemContext(
      ControlPage page,
      Map<String, @Nullable Object> common,
      @Nullable Long seed,
      @Nullable String traceparent) {
    this.page = page;
    this.common = common;
    this.seed = seed;
    this.traceparent = traceparent;
  }

  /** Returns a context for another item of the job. */
  ItemContext another() {
    return new ItemContext(page, common, seed, traceparent);
  }

  void begin(long newChunk, long newIndex) {
    chunk = newChunk;
    index = newIndex;
    toldToStop = false;
    if (seed != null) {
      random = null;
    }
  }

  /** Whether the function knows that its result is not wanted. The result may then be anything. */
  boolean toldToStop() {
    return toldToStop;
  }

  @Override
  public boolean stopped() {
    if (!page.stops(chunk)) {
      return false;
    }
    toldToStop = true;
    return true;
  }

  @Override
  public long itemIndex() {
    return index;
  }

  @Override
  public RandomGenerator random() {
    RandomGenerator generator = random;
    if (generator == null) {
      generator = seed == null ? new SplittableRandom() : new ItemRandom(seed, index);
      random = generator;
    }
    return generator;
  }

  @Override
  public Optional<String> traceparent() {
    return Optional.ofNullable(traceparent);
  }

  @Override
  public Map<String, @Nullable Object> common() {
    return common;
  }
}
