package dev.manyhands.support;

import org.jspecify.annotations.Nullable;

/** Computes the memory of text: a byte for each character, or two if any character needs two. */
public final class TextBytes {
  private TextBytes() {}

  /** Returns the bytes; 0 for null. */
  public static long of(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0xFF) {
        return 2L * text.length();
      }
    }
    return text.length();
  }
}
