package dev.manyhands.support;

/** Shortens foreign text for people who need only its beginning. */
public final class ShortText {
  private ShortText() {}

  /** Returns at most {@code most} characters of a text, and an ellipsis if the text was longer. */
  public static String of(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    boolean cutsPair = most > 0 && Character.isHighSurrogate(text.charAt(most - 1));
    return text.substring(0, cutsPair ? most - 1 : most) + "…";
  }
}
