package dev.manyhands.outside;

import java.util.List;
import java.util.function.Supplier;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.InstanceOfAssertFactories;
import tools.jackson.databind.JsonNode;

/** Assertions about a job that has ended. Each message shows the job. */
final class JobAssert extends AbstractAssert<JobAssert, FinishedJob> {
  JobAssert(FinishedJob job) {
    super(job, JobAssert.class);
  }

  JobAssert hasState(JobState state) {
    return equal("state", actual.state(), state);
  }

  /** Checks why the job ended before all its items had run. */
  JobAssert hasStopReason(String reason) {
    return equal("stop reason", actual.get("stopReason").asString(), reason);
  }

  JobAssert hasSucceeded(long items) {
    return equal("number of items that succeeded", actual.succeeded(), items);
  }

  JobAssert hasFailed(long items) {
    return equal("number of items that failed", actual.failed(), items);
  }

  JobAssert hasSkipped(long items) {
    return equal("number of items that were skipped", actual.skipped(), items);
  }

  JobAssert hasSkippedMoreThan(long items) {
    Assertions.assertThat(actual.skipped())
        .as(named("number of items that were skipped"))
        .isGreaterThan(items);
    return this;
  }

  JobAssert hasDone(long items) {
    return equal("number of items done", actual.get("items").get("done").longValue(), items);
  }

  /**
   * Checks the result in the job.
   *
   * @param json text without spaces
   */
  JobAssert hasResult(String json) {
    return equal("result", actual.result().toString(), json);
  }

  JobAssert hasResult(long number) {
    return equal("result", actual.result().longValue(), number);
  }

  /**
   * Checks all results, page by page.
   *
   * @param json the text of each value, without spaces
   */
  JobAssert hasResults(String... json) {
    Assertions.assertThat(actual.results().stream().map(JsonNode::toString).toList())
        .as(named("results"))
        .containsExactly(json);
    return this;
  }

  /** Checks all results, page by page, as whole numbers. */
  JobAssert hasResults(List<Long> numbers) {
    Assertions.assertThat(actual.results().stream().map(JsonNode::longValue).toList())
        .as(named("results"))
        .isEqualTo(numbers);
    return this;
  }

  /** Checks how many items of the results have an error. */
  JobAssert hasErrors(int count) {
    Assertions.assertThat(actual.errors()).as(named("errors")).hasSize(count);
    return this;
  }

  JobAssert hasErrorAt(long index, String type) {
    return equal("type of the error at " + index, error(index, "type").stringValue(), type);
  }

  JobAssert hasErrorAt(long index, String kind, String type) {
    hasErrorKindAt(index, kind);
    return hasErrorAt(index, type);
  }

  /** Checks the error of an item and how often the item was tried. */
  JobAssert hasErrorAt(long index, String kind, String type, int attempts) {
    hasErrorAt(index, kind, type);
    return hasAttemptsAt(index, attempts);
  }

  JobAssert hasErrorKindAt(long index, String kind) {
    return equal("kind of the error at " + index, error(index, "kind").stringValue(), kind);
  }

  /** Checks how often an item was tried that failed each time. */
  JobAssert hasAttemptsAt(long index, int attempts) {
    return equal("attempts at " + index, error(index, "attempts").intValue(), attempts);
  }

  JobAssert hasMessageAt(long index, String... parts) {
    Assertions.assertThat(error(index, "message").stringValue())
        .as(named("message of the error at " + index))
        .contains(parts);
    return this;
  }

  JobAssert hasTracebackAt(long index, String... parts) {
    Assertions.assertThat(error(index, "traceback").stringValue())
        .as(named("traceback of the error at " + index))
        .contains(parts);
    return this;
  }

  /** Checks that there is one note, which has all of these parts. */
  JobAssert hasOnlyNote(String... parts) {
    Assertions.assertThat(actual.notes())
        .as(named("notes"))
        .singleElement(InstanceOfAssertFactories.STRING)
        .contains(parts);
    return this;
  }

  JobAssert hasNoNoteWith(String part) {
    Assertions.assertThat(actual.notes())
        .as(named("notes"))
        .noneSatisfy(note -> Assertions.assertThat(note).contains(part));
    return this;
  }

  JobAssert hasNoNotes() {
    Assertions.assertThat(actual.notes()).as(named("notes")).isEmpty();
    return this;
  }

  private JsonNode error(long index, String member) {
    return actual.errorAt(index).get(member);
  }

  private JobAssert equal(String what, Object found, Object expected) {
    Assertions.assertThat(found).as(named(what)).isEqualTo(expected);
    return this;
  }

  /** Describes the job when an assertion fails, with the errors of its items. */
  private Supplier<String> named(String what) {
    return () -> {
      String errors = actual.failed() == 0 ? "" : "\nwith errors " + actual.errors();
      return what + " of " + actual.json().toPrettyString() + errors + "\n";
    };
  }
}
