package dev.manyhands.harness;

import dev.manyhands.sdk.Context;
import dev.manyhands.sdk.SharedDict;
import dev.manyhands.sdk.SharedList;
import dev.manyhands.sdk.SharedLock;
import dev.manyhands.sdk.SharedQueue;
import dev.manyhands.sdk.SharedSemaphore;
import dev.manyhands.sdk.SharedValue;
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
  private final @Nullable JobObjects shared;
  private long chunk;
  private long index;
  private volatile boolean toldToStop;
  private @Nullable RandomGenerator random;

  ItemContext(
      ControlPage page,
      Map<String, @Nullable Object> common,
      @Nullable Long seed,
      @Nullable String traceparent,
      @Nullable JobObjects shared) {
    this.page = page;
    this.common = common;
    this.seed = seed;
    this.traceparent = traceparent;
    this.shared = shared;
  }

  /** Returns a context for another item of the job. */
  ItemContext another() {
    return new ItemContext(page, common, seed, traceparent, shared);
  }

  void begin(long newChunk, long newIndex) {
    chunk = newChunk;
    index = newIndex;
    toldToStop = false;
    if (seed != null) {
      random = null;
    }
  }

  /** Releases what the item has left held. Called in its thread when the function has returned. */
  void end() {
    if (shared != null) {
      shared.abandonLocks();
    }
  }

  long chunk() {
    return chunk;
  }

  /** Notes that the wait of an item has ended, because this chunk is to stop. */
  void endWait(long stopped) {
    if (stopped == chunk) {
      toldToStop = true;
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

  @Override
  public SharedDict sharedDict(String name) {
    return objects(name).dict(name, this);
  }

  @Override
  public SharedList sharedList(String name) {
    return objects(name).list(name, this);
  }

  @Override
  public SharedQueue sharedQueue(String name) {
    return objects(name).queue(name, this);
  }

  @Override
  public SharedSemaphore sharedSemaphore(String name) {
    return objects(name).semaphore(name, this);
  }

  @Override
  public SharedValue sharedValue(String name) {
    return objects(name).value(name, this);
  }

  @Override
  public SharedLock sharedLock(String name) {
    return objects(name).lock(name, this);
  }

  private JobObjects objects(String name) {
    if (shared == null) {
      throw new IllegalArgumentException(
          "the job declares no shared object '"
              + name
              + "', and no other; submit the job with \"shared\": {\""
              + name
              + "\": {\"dict\": {}}}, or with another kind");
    }
    return shared;
  }
}
