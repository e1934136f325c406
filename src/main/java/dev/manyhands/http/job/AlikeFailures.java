package dev.manyhands.http.job;

import dev.manyhands.model.FunctionRuntime;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobSpec.Call;
import dev.manyhands.model.Tally;
import dev.manyhands.support.ShortText;
import java.util.List;
import java.util.Optional;

/**
 * Recognises a job in which no item has succeeded and the errors of the first failed items have one
 * kind and one type. The usual cause is the function or the way in which it is called, not an
 * input.
 */
final class AlikeFailures {
  /** How many failed items are compared: the first ones. Two equal errors could be chance. */
  static final int SAMPLE = 3;

  private static final int MOST_CHARACTERS = 700;

  private AlikeFailures() {}

  /** Returns whether the job, by its counts alone, may be such a job. No errors are compared. */
  static boolean mayBeIn(Job job) {
    Tally tally = job.status().tally();
    return tally.succeeded() == 0 && tally.failed() >= SAMPLE;
  }

  /**
   * Returns a note for the user if the errors are alike.
   *
   * @param first errors of the first items that failed; fewer than {@link #SAMPLE} give no note
   */
  static Optional<String> note(Job job, List<ItemError> first) {
    if (first.size() < SAMPLE) {
      return Optional.empty();
    }
    ItemError error = first.getFirst();
    boolean alike =
        first.stream()
            .allMatch(other -> other.kind() == error.kind() && other.type().equals(error.type()));
    return alike
        ? Optional.of(
            "No item has succeeded, and the first %d that failed did so alike. Item %d: %s: %s.%s"
                .formatted(
                    SAMPLE,
                    error.index(),
                    error.type(),
                    ShortText.of(error.message(), MOST_CHARACTERS),
                    hint(job, error)))
        : Optional.empty();
  }

  /**
   * Returns a hint, with a space in front, if the message is Python's for arguments that do not fit
   * the function; else an empty text.
   */
  private static String hint(Job job, ItemError error) {
    boolean ofArguments =
        job.spec().function().definition().runtime() == FunctionRuntime.PYTHON
            && error.type().equals("TypeError")
            && (error.message().contains("positional argument")
                || error.message().contains("keyword argument"));
    if (!ofArguments) {
      return "";
    }
    return job.spec().call() == Call.MAP
        ? " The function gets each item as its one argument (\"call\": \"map\"). To spread an array"
            + " over its parameters, or an object by name, set \"call\": \"starmap\"."
        : " The function gets each array spread over its parameters, and each object by name"
            + " (\"call\": \"starmap\"). To pass an item as the one argument, set \"call\": \"map\".";
  }
}
