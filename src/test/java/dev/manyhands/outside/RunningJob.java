package dev.manyhands.outside;

import dev.manyhands.outside.Service.Answer;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A job that a service has accepted.
 *
 * @param service the service that is asked about the job
 */
record RunningJob(Service service, String id) {
  String path() {
    return "/api/v1/jobs/" + id;
  }

  /** Returns this job as another service has it, such as the next one on the same data. */
  RunningJob on(Service other) {
    return new RunningJob(other, id);
  }

  JsonNode view() {
    return service.get(path()).json();
  }

  /** Returns the job once it has ended, or as it is after this time. */
  JsonNode viewAfter(double seconds) {
    return service.get(path() + "?wait=" + seconds).json();
  }

  JobState state() {
    return FinishedJob.state(view());
  }

  List<String> notes() {
    return FinishedJob.notes(view());
  }

  FinishedJob await() {
    return new FinishedJob(service, service.await(id));
  }

  /**
   * Waits until this many items are done. The service itself holds back each answer for a moment.
   *
   * @throws AssertionError if the job ends before
   */
  void awaitDone(long items) {
    JsonNode job;
    do {
      job = viewAfter(0.02);
      if (!job.get("finishedAt").isNull()) {
        throw new AssertionError("it has ended: " + job.toPrettyString());
      }
    } while (job.get("items").get("done").longValue() < items);
  }

  Answer cancel() {
    return service.post(path() + "/cancel", "");
  }

  /** Cancels the job, if it has not ended, and waits until it has. */
  FinishedJob cancelled() {
    cancel();
    return await();
  }

  /**
   * Changes options of the job.
   *
   * @param change a merge patch
   */
  Answer patch(String change) {
    return service.patch(path(), change);
  }

  /** Changes options of the job. A null restores the default. */
  Answer patch(Map<String, ?> change) {
    return patch(JobBuilder.json(change));
  }

  List<JsonNode> results() {
    return service.results(id);
  }

  List<JsonNode> errors() {
    return service.errors(id);
  }

  JsonNode item(long index) {
    return service.get(path() + "/items/" + index).json();
  }
}
