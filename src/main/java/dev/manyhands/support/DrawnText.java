package dev.manyhands.support;

/**
 * Text in a picture. Its width is an estimate, because the reader's font is not known. The estimate
 * assumes a wide font. Text may be cut too early, but is hardly ever drawn over other text.
 */
public final class DrawnText {
  private static final String NARROW = "fijlrtI.,:;'`|!()[]{}-/\\ ";
  private static final String WIDE = "mwMW@%…—";

  private DrawnText() {}

  /** Returns the text, or as much of it as fits, with an ellipsis. */
  public static String within(double width, double fontSize, String text) {
    if (width(fontSize, text) <= width) {
      return text;
    }
    double left = width - width(fontSize, "…");
    int end = 0;
    while (end < text.length()) {
      int c = text.codePointAt(end);
      left -= ems(c) * fontSize;
      if (left < 0) {
        break;
      }
      end += Character.charCount(c);
    }
    return text.substring(0, end) + "…";
  }

  /** Returns about how wide the text is. */
  public static double width(double fontSize, String text) {
    return fontSize * text.codePoints().mapToDouble(DrawnText::ems).sum();
  }

  private static double ems(int c) {
    if (c >= 0x1100 && (c < 0x1E00 || c > 0x22FF)) {
      return 1.25; // Chinese, Japanese, Korean, emoji
    } else if (WIDE.indexOf(c) >= 0) {
      return 1.2;
    } else if (NARROW.indexOf(c) >= 0) {
      return 0.4;
    }
    return Character.isUpperCase(c) ? 0.74 : 0.64;
  }
}
