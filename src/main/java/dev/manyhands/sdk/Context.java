package dev.manyhands.sdk;

import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The context of the item that a function runs for. Valid until the function returns. */
public interface Context {

  /**
   * Returns whether the result is no longer wanted. Costs one memory access, so an inner loop may
   * call it. A function that sees true should return any value, which is not kept.
   */
  boolean stopped();

  /** Returns the position of the item among the inputs of the job, from 0. */
  long itemIndex();

  /**
   * Returns the item's own random numbers. The numbers of a job with a seed depend only on the seed
   * and {@link #itemIndex()}, not on the worker, the chunk or the attempt. All calls within one
   * item return one generator.
   */
  RandomGenerator random();

  /**
   * Returns the job's place in a distributed trace, as the value of the W3C header {@code
   * traceparent}. Use it as the parent of the function's own spans. Empty when the job is in no
   * trace.
   */
  default Optional<String> traceparent() {
    return Optional.empty();
  }

  /**
   * Returns the arguments that all items of the job share, as JSON values; empty when there are
   * none.
   */
  Map<String, @Nullable Object> common();

  /**
   * Returns one of {@link #common()}.
   *
   * @throws IllegalArgumentException if the job has no such argument
   */
  default @Nullable Object common(String name) {
    if (!common().containsKey(name)) {
      throw new IllegalArgumentException(
          "the job has no common argument '" + name + "'; it has " + common().keySet());
    }
    return common().get(name);
  }

  /**
   * Returns a dict that the job declares in {@code shared}. Use it only while the function runs.
   *
   * @throws IllegalArgumentException if the job declares no dict of this name
   */
  default SharedDict sharedDict(String name) {
    throw noObject(name);
  }

  /**
   * Returns a list that the job declares in {@code shared}. Use it only while the function runs.
   *
   * @throws IllegalArgumentException if the job declares no list of this name
   */
  default SharedList sharedList(String name) {
    throw noObject(name);
  }

  /**
   * Returns a queue that the job declares in {@code shared}. Use it only while the function runs.
   *
   * @throws IllegalArgumentException if the job declares no queue of this name
   */
  default SharedQueue sharedQueue(String name) {
    throw noObject(name);
  }

  /**
   * Returns a semaphore that the job declares in {@code shared}. Use it only while the function
   * runs.
   *
   * @throws IllegalArgumentException if the job declares no semaphore of this name
   */
  default SharedSemaphore sharedSemaphore(String name) {
    throw noObject(name);
  }

  /**
   * Returns a value that the job declares in {@code shared}. Use it only while the function runs.
   *
   * @throws IllegalArgumentException if the job declares no value of this name
   */
  default SharedValue sharedValue(String name) {
    throw noObject(name);
  }

  /**
   * Returns a lock that the job declares in {@code shared}. Use it only while the function runs.
   *
   * @throws IllegalArgumentException if the job declares no lock of this name
   */
  default SharedLock sharedLock(String name) {
    throw noObject(name);
  }

  private static IllegalArgumentException noObject(String name) {
    return new IllegalArgumentException("this context has no shared object '" + name + "'");
  }
}
