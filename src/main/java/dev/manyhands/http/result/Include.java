package dev.manyhands.http.result;

import dev.manyhands.model.Refusal;
import org.jspecify.annotations.Nullable;

/** The things that an answer has besides results or items. */
public enum Include {
  NOTHING,
  /** The input of each item. */
  INPUT;

  /** Reads the query parameter {@code include}; null when it is absent. */
  public static Include of(@Nullable String text) {
    if (text == null) {
      return NOTHING;
    }
    if (!text.equals("input")) {
      throw Refusal.malformed("include", "must be input");
    }
    return INPUT;
  }
}
