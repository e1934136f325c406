package dev.manyhands.support;

/** Text of others, cut for people who need no more than its beginning. */
public final class ShortText {
  private ShortText() {}

  /** Returns a text of at most so many characters, and an ellipsis where it was longer. */
  public static String of(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    boolean cutsPair = most > 0 && Character.isHighSurrogate(text.charAt(most - 1));
    return text.substring(0, cutsPair ? most - 1 : most) + "…";
  }
}
