package dev.manyhands.config;

import org.jspecify.annotations.Nullable;

/**
 * What the {@link Doctor} found out about one thing.
 *
 * @param about in a word
 * @param text how it is
 * @param mend what to do about it; null if nothing is to be done
 */
record Finding(Verdict verdict, String about, String text, @Nullable String mend) {

  /** How much it matters. */
  enum Verdict {
    FINE,
    /** The service runs, and something that somebody may want does not. */
    NOTE,
    /** The service does not start, or cannot do what its settings say. */
    WRONG
  }

  static Finding fine(String about, String text) {
    return new Finding(Verdict.FINE, about, text, null);
  }

  static Finding note(String about, String text, String mend) {
    return new Finding(Verdict.NOTE, about, text, mend);
  }

  static Finding wrong(String about, String text, String mend) {
    return new Finding(Verdict.WRONG, about, text, mend);
  }

  /** A line for people, without its verdict. */
  String line() {
    String padded = (about + "           ").substring(0, 11);
    return padded + text + (mend == null ? "" : ". To do: " + mend);
  }
}
