package dev.manyhands.harness;

import org.jspecify.annotations.Nullable;

/** The JSON form of NaN and the infinities in results. */
enum NonFinite {
  /** None: the item fails. */
  ERROR,
  NULL,
  /** {@code "NaN"}, {@code "Infinity"} or {@code "-Infinity"}. */
  STRING;

  /** Returns the form that a frame names; {@link #ERROR} if the frame names none. */
  static NonFinite of(@Nullable String name) {
    return "null".equals(name) ? NULL : "string".equals(name) ? STRING : ERROR;
  }
}
