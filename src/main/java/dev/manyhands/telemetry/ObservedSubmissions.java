package dev.manyhands.telemetry;

import dev.manyhands.jobs.SubmissionListener;
import dev.manyhands.model.Job;
import java.util.function.Supplier;

/** Traces each submission, and counts the jobs that were accepted. */
public final class ObservedSubmissions implements SubmissionListener {
  private final Supplier<Submitting> traces;
  private final ServiceMetrics metrics;

  /**
   * @param traces starts the span of a submission
   */
  public ObservedSubmissions(Supplier<Submitting> traces, ServiceMetrics metrics) {
    this.traces = traces;
    this.metrics = metrics;
  }

  @Override
  public Submitting submitting() {
    return traces.get();
  }

  @Override
  public void stored(Job job) {
    metrics.submitted();
  }
}
