package dev.manyhands.model;

import dev.manyhands.support.ShortText;
import java.util.regex.Pattern;

/**
 * The common part of errors that are alike: their kind, type and message, without numbers and ids.
 * {@code no row 17} and {@code no row 18} have one pattern.
 *
 * @param type at most 300 characters, and an ellipsis if it was longer
 * @param message at most 300 characters, with {@code #} in place of numbers and ids
 */
public record ErrorPattern(ItemError.Kind kind, String type, String message) {
  /** Limit for the characters of a type or a message that count; the rest is cut off. */
  public static final int MOST_CHARACTERS = 300;

  private static final Pattern NUMBERS_AND_IDS =
      Pattern.compile(
          "0x[0-9a-fA-F]+|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
              + "|\\b(?=\\w*\\d)[0-9a-fA-F]{8,}\\b|\\d+(?:[.,:]\\d+)*");

  /** Returns the pattern of an error. */
  public static ErrorPattern of(ItemError error) {
    String message = ShortText.of(error.message(), MOST_CHARACTERS);
    return new ErrorPattern(
        error.kind(),
        ShortText.of(error.type(), MOST_CHARACTERS),
        NUMBERS_AND_IDS.matcher(message).replaceAll("#"));
  }

  /** Returns whether an error has this pattern. */
  public boolean matches(ItemError error) {
    return error.kind() == kind && of(error).equals(this);
  }
}
