package dev.manyhands.model;

import org.jspecify.annotations.Nullable;

/**
 * Counts how often the service died while a job was running, and names the suspected item.
 *
 * @param count deaths of the service since it last ran for a while with this job
 * @param alone items of the job that ran when the service died, while nothing else ran; null if
 *     other items ran as well, or nothing is known
 * @param aloneCount attempts that {@code alone} has lost in a row: deaths of the service while just
 *     these items ran, and ends of their worker before the last death; at least 1 with {@code
 *     alone}
 */
public record ServiceDeaths(int count, @Nullable ItemRange alone, int aloneCount) {

  /** Deaths after which the items of a job run alone, so that the guilty item is found. */
  public static final int SUSPICIOUS = 3;

  public static final ServiceDeaths NONE = new ServiceDeaths(0, null, 0);

  public boolean areSuspicious() {
    return count >= SUSPICIOUS;
  }
}
