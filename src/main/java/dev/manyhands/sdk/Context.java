package dev.manyhands.sdk;

import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a function can ask about the item it is run for. Valid until the function returns. */
public interface Context {

  /**
   * Whether the result is no longer wanted. Costs one memory access, so an inner loop may ask. A
   * function that sees true should return, with whatever value: it is not kept.
   */
  boolean stopped();

  /** The position of the item among the inputs of the job, from 0. */
  long itemIndex();

  /**
   * The item's own random numbers. When the job has a seed they depend on the seed and {@link
   * #itemIndex()} alone, not on the worker, the chunk or the attempt. Within one item this is
   * always the same generator.
   */
  RandomGenerator random();

  /**
   * Where the job stands in a distributed trace, as the W3C header {@code traceparent} says it: the
   * parent of spans that the function makes. Empty when the job is in no trace.
   */
  default Optional<String> traceparent() {
    return Optional.empty();
  }

  /** The arguments that all items of the job share, as JSON values; empty when there are none. */
  Map<String, @Nullable Object> common();

  /**
   * One of {@link #common()}.
   *
   * @throws IllegalArgumentException if the job does not give it
   */
  default @Nullable Object common(String name) {
    if (!common().containsKey(name)) {
      throw new IllegalArgumentException(
          "the job has no common argument '" + name + "'; it has " + common().keySet());
    }
    return common().get(name);
  }
}
