package dev.manyhands.http.result;

import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.store.JobGoneException;
import org.jspecify.annotations.Nullable;

/** The outcomes that an answer consists of: of one job, or of a job together with its retries. */
interface ResultSource {
  /** Returns the job that gives the outcomes their indexes and inputs. */
  Job items();

  /**
   * Hands the finished items of a range to the sink, up to the first that is not finished, or until
   * the sink is full. An item that will get no outcome is finished, too.
   *
   * @return the first item that was not handed over
   * @throws JobGoneException when a job is deleted before all were handed over
   */
  long walk(ItemRange wanted, ResultSink sink);

  /**
   * Returns whether the outcomes that were sent are final and right: the job has ended, or the
   * newest of the retries. Every item up to {@code next} was sent. No more items of a kind were
   * sent than the counts allow. The items may be a part of all. May read the store.
   *
   * @param next the index or the place after the last item that was sent
   * @throws JobGoneException when a job is deleted meanwhile
   */
  boolean isComplete(Sent sent, long next);

  /** Returns the index of an item in the parent; null if the answer shows no such index. */
  @Nullable Long parentOf(long index);

  /** Returns where to continue, as JSON: the index of an item that exists or may come, or null. */
  default String next(long index) {
    var status = items().status();
    boolean more = index < status.tally().total() || status.inputsOpen();
    return more ? Long.toString(index) : "null";
  }
}
