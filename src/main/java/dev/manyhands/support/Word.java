package dev.manyhands.support;

import java.util.Locale;

/** Spells constants the way that users, workers and metrics read them: in lower case. */
public final class Word {
  private Word() {}

  /** Returns the name of a constant in lower case, whatever the language of the machine. */
  public static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
