package dev.manyhands.support;

import org.jspecify.annotations.Nullable;

/** How much memory text takes: a byte a character, or two when one of them needs two. */
public final class TextBytes {
  private TextBytes() {}

  /** Bytes; 0 for null. */
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
