package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.WorkerSettings;
import dev.manyhands.model.Initializer;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.SharedSetId;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a worker: a worker may serve all jobs whose keys are equal to its own. The job
 * itself is not part of the key, because a worker is used again by the next job with its function.
 *
 * @param functionDigest the digest of the function; a worker never changes its function, because
 *     one user's code must not meet another's
 * @param initializer the initializer that prepares the worker; null for none
 * @param owner the only job of the worker; null for a worker that jobs share
 * @param set the set of shared objects that the worker reaches; null for none
 * @param memoryBytes the memory that the worker may hold; 0 for no limit
 * @param traceparent the trace of the only job of the worker; null if frames name the trace of each
 *     job, or there is none
 */
record WorkerKey(
    String functionDigest,
    @Nullable Initializer initializer,
    @Nullable JobId owner,
    @Nullable SetKey set,
    long memoryBytes,
    @Nullable String traceparent) {

  /**
   * A set of shared objects as a worker has it.
   *
   * @param nonFinite the form of NaN in values that the worker puts into the objects. The worker
   *     makes its objects once.
   */
  record SetKey(SharedSetId id, JobSpec.NonFinite nonFinite) {}

  static WorkerKey of(Job job, WorkerSettings settings) {
    JobSpec spec = job.spec();
    return new WorkerKey(
        spec.function().digest(),
        spec.initializer(),
        spec.ownsWorkers() ? job.id() : null,
        spec.shared().isEmpty() ? null : new SetKey(job.sharedSet(), spec.nonFinite()),
        settings.limits().memoryOf(spec, settings.pool().slots()),
        traceparent(spec));
  }

  /**
   * Returns the trace for the environment of a worker for this job. A program that only reads lines
   * gets no frame that could name the trace of the next job.
   */
  private static @Nullable String traceparent(JobSpec spec) {
    var trace = spec.trace();
    return trace != null && trace.sampled() && spec.function().definition().speaksLines()
        ? trace.traceparent()
        : null;
  }
}
