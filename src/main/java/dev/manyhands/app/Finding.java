package dev.manyhands.app;

import org.jspecify.annotations.Nullable;

/**
 * The result of one check of the {@link Doctor}.
 *
 * @param about the subject, in one word
 * @param text the state that was found
 * @param mend the remedy; null if there is nothing to do
 */
record Finding(Verdict verdict, String about, String text, @Nullable String mend) {

  /** The severity of a finding. */
  enum Verdict {
    FINE,
    /** The service runs, but an optional part does not, or little room is left. */
    NOTE,
    /** The service does not start, or cannot do what its settings ask for. */
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

  /** Returns a line for people, without the verdict. */
  String line() {
    String padded = (about + "           ").substring(0, 11);
    return padded + text + (mend == null ? "" : ". To do: " + mend);
  }
}
