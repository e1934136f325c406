package dev.manyhands.model;

import java.util.List;

/**
 * A job handed to this node.
 *
 * @param version identifies the grant in every later write
 * @param done items that have outcomes, as ascending ranges that neither touch nor overlap
 * @param tally of the items in {@code done}
 * @param partials of a job that reduces its results: its combiner's partials of the items in {@code
 *     done}
 * @param deaths of the service while the job was running
 */
public record Grant(
    Job job,
    long version,
    List<ItemRange> done,
    Tally tally,
    List<byte[]> partials,
    ServiceDeaths deaths) {

  public Grant(Job job, long version, List<ItemRange> done, Tally tally, List<byte[]> partials) {
    this(job, version, done, tally, partials, ServiceDeaths.NONE);
  }
}
