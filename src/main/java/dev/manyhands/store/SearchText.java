package dev.manyhands.store;

import dev.manyhands.model.JobId;
import dev.manyhands.model.JobOutline;
import java.util.Locale;

/**
 * A text that is searched in the words about a job: the name, the description, the name of the
 * function, the values of labels, and the beginning of the id. Upper and lower case are equal. No
 * character is a wildcard.
 *
 * @param folded the text without differences of case; the constructor accepts any case
 */
public record SearchText(String folded) {

  public SearchText {
    folded = fold(folded);
  }

  /** Returns whether the text occurs in the words about a job. */
  public boolean isIn(JobId id, String function, JobOutline outline) {
    return id.toString().startsWith(folded)
        || isIn(function)
        || isIn(outline.name())
        || (outline.description() != null && isIn(outline.description()))
        || outline.labels().values().stream().anyMatch(this::isIn);
  }

  private boolean isIn(String words) {
    return fold(words).contains(folded);
  }

  /** Returns the text in lower case, by way of upper case: some letters have two lower forms. */
  private static String fold(String text) {
    return text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
  }
}
