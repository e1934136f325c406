package dev.manyhands.support;

/** Recognizes Base64 without decoding it, because the service only passes it on. */
public final class Base64Text {
  private Base64Text() {}

  /** Whether a text is standard Base64 with padding; at least one byte. */
  public static boolean is(String text) {
    int length = text.length();
    if (length == 0 || length % 4 != 0) {
      return false;
    }
    int end = text.endsWith("==") ? length - 2 : text.endsWith("=") ? length - 1 : length;
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      boolean isDigit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      if (!isDigit && c != '+' && c != '/') {
        return false;
      }
    }
    return true;
  }
}
