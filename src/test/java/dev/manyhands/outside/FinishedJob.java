package dev.manyhands.outside;

import java.util.List;
import org.assertj.core.api.AssertProvider;
import tools.jackson.databind.JsonNode;

/**
 * A job that has ended. {@code assertThat} of AssertJ gives a {@link JobAssert} for it.
 *
 * @param json the job as the service shows it
 */
record FinishedJob(Service service, JsonNode json) implements AssertProvider<JobAssert> {
  static JobState state(JsonNode job) {
    return JobState.valueOf(job.get("state").stringValue());
  }

  static List<String> notes(JsonNode job) {
    return job.required("notes").valueStream().map(JsonNode::stringValue).toList();
  }

  String id() {
    return json.get("id").stringValue();
  }

  String path() {
    return "/api/v1/jobs/" + id();
  }

  JobState state() {
    return state(json);
  }

  /** Returns a member of the job, which must be there. */
  JsonNode get(String member) {
    return json.required(member);
  }

  /** Returns the result that is part of the job. */
  JsonNode result() {
    return get("result");
  }

  long succeeded() {
    return json.get("items").get("succeeded").longValue();
  }

  long failed() {
    return json.get("items").get("failed").longValue();
  }

  long skipped() {
    return json.get("items").get("skipped").longValue();
  }

  /** Returns all results, page by page. */
  List<JsonNode> results() {
    return service.results(id());
  }

  /** Returns the errors of all items, page by page. */
  List<JsonNode> errors() {
    return service.errors(id());
  }

  /**
   * Returns the error of an item.
   *
   * @throws AssertionError if the results show no error there
   */
  JsonNode errorAt(long index) {
    return errors().stream()
        .filter(error -> error.get("index").longValue() == index)
        .findFirst()
        .orElseThrow(() ->
            new AssertionError(
                "no error at " + index + " but " + errors() + "\n" + json.toPrettyString()));
  }

  /** Returns the first page of results. */
  JsonNode page() {
    return service.get(path() + "/results").json();
  }

  JsonNode item(long index) {
    return service.get(path() + "/items/" + index).json();
  }

  List<String> notes() {
    return notes(json);
  }

  @Override
  public JobAssert assertThat() {
    return new JobAssert(this);
  }
}
