package dev.manyhands.model;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A job that this service may run, until another service takes the job over.
 *
 * @param version identifies the grant in every later write
 * @param done items that have outcomes, as ascending ranges that neither touch nor overlap
 * @param cancelled items that a user has cancelled, as ranges like {@code done}
 * @param tally of the items in {@code done} and {@code cancelled}
 * @param partials of a job that reduces its results: its combiner's partials of the items in {@code
 *     done}
 * @param deaths of the service while the job was running
 */
public record Grant(
    Job job,
    long version,
    List<ItemRange> done,
    List<ItemRange> cancelled,
    Tally tally,
    List<byte[]> partials,
    ServiceDeaths deaths) {

  public Grant(Job job, long version, List<ItemRange> done, Tally tally, List<byte[]> partials) {
    this(job, version, done, List.of(), tally, partials, ServiceDeaths.NONE);
  }

  /** Returns the items that need not run any more, as ascending ranges that do not overlap. */
  public List<ItemRange> over() {
    return Stream.concat(done.stream(), cancelled.stream())
        .sorted(Comparator.comparingLong(ItemRange::first))
        .toList();
  }
}
