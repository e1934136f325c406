package dev.manyhands.engine.shared;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * The calls of a job's workers that wait for shared objects.
 *
 * @param workers the numbers of the workers that wait
 * @param calls how many calls wait, by the name of the object, in the order of declaration
 * @param silence how long no item has made a call, and no worker has reported outcomes
 */
public record SharedWaits(Set<Long> workers, Map<String, Integer> calls, Duration silence) {

  /** No call waits. */
  static final SharedWaits NONE = new SharedWaits(Set.of(), Map.of(), Duration.ZERO);

  /** How long nothing must have happened before the waits are worth a word. */
  public static final Duration LONG = Duration.ofSeconds(10);
}
