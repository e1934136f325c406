package dev.manyhands.http.result;

import dev.manyhands.jobs.JobDesk;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec.Reduce;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobStore;
import dev.manyhands.support.Word;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A job with its retry, the retry of that one, and on, whose results are merged. All but the newest
 * are protected from retention until the chain is closed.
 */
final class RetryChain implements AutoCloseable {
  /**
   * The most retries in a chain; a longer chain is refused. Each costs a pass over a part of the
   * results.
   */
  private static final int MOST_RETRIES = 20;

  private final JobStore store;
  private final ArrayDeque<Job> jobs = new ArrayDeque<>();
  private final List<JobStore.Keeping> kept = new ArrayList<>();

  private RetryChain(JobStore store) {
    this.store = store;
  }

  /**
   * Finds the jobs that a retry goes back to.
   *
   * @throws Refusal if the results cannot be merged
   */
  static RetryChain of(Job newest, JobDesk desk, JobStore store) {
    if (newest.spec().parent() == null) {
      throw Refusal.conflict(
          "job "
              + newest.id()
              + " is no retry, so there is nothing to merge; leave merged out, or name a job that"
              + " POST …/retry has made");
    }
    if (newest.spec().reduce() != Reduce.LIST) {
      throw Refusal.conflict(
          "job "
              + newest.id()
              + " reduces its results ("
              + Word.of(newest.spec().reduce())
              + "), and reduced results are not merged; combine the 'result' of both jobs, or submit"
              + " a job over all inputs");
    }
    var chain = new RetryChain(store);
    boolean whole = false;
    try {
      chain.jobs.add(newest);
      chain.findParents(desk);
      whole = true;
      return chain;
    } finally {
      if (!whole) {
        chain.close();
      }
    }
  }

  private void findParents(JobDesk desk) {
    Job retry = jobs.getFirst();
    for (JobId id = retry.spec().parent(); id != null; id = retry.spec().parent()) {
      if (jobs.size() > MOST_RETRIES) {
        throw Refusal.conflict(
            "the results of more than "
                + MOST_RETRIES
                + " retries of retries are not merged; read the results of each job");
      }
      kept.add(desk.keep(id));
      JobId parent = id;
      JobId of = retry.id();
      Job found =
          store
              .find(parent)
              .orElseThrow(() ->
                  Refusal.conflict(
                      "job "
                          + of
                          + " is a retry of job "
                          + parent
                          + ", which was deleted with its results; leave merged out"));
      if (store.retriedItems().at(of, 0).isEmpty()) {
        throw Refusal.conflict(
            "job "
                + of
                + " was made by an earlier version, which did not note the items of the parent;"
                + " leave merged out");
      }
      jobs.addFirst(found);
      retry = found;
    }
  }

  /**
   * Returns the merged results.
   *
   * @param newest the newest retry as it is now
   */
  ResultSource results(Job newest) {
    var now = new ArrayList<>(jobs);
    now.set(now.size() - 1, newest);
    return new MergedResults(store, now);
  }

  @Override
  public void close() {
    kept.forEach(JobStore.Keeping::close);
  }
}
