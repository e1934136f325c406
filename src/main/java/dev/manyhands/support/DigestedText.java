package dev.manyhands.support;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Encodes text for digests and comparisons: different strings have different bytes. The bytes are
 * UTF-8 for all text that has a form in UTF-8. JSON can also hold half of a surrogate pair, which
 * the encoder of the JDK replaces by a question mark. Such a half gets the three bytes that its
 * number would have, as in WTF-8. They occur in no UTF-8.
 */
public final class DigestedText {
  private DigestedText() {}

  /** Returns the bytes of the text. */
  public static byte[] of(String text) {
    if (text.codePoints().noneMatch(DigestedText::isHalf)) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    var bytes = new ByteArrayOutputStream();
    text.codePoints()
        .forEach(point -> {
          if (isHalf(point)) {
            bytes.write(0xE0 | (point >> 12));
            bytes.write(0x80 | ((point >> 6) & 0x3F));
            bytes.write(0x80 | (point & 0x3F));
          } else {
            bytes.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
          }
        });
    return bytes.toByteArray();
  }

  /** Returns whether a code point of a string is half of a pair whose other half is missing. */
  private static boolean isHalf(int point) {
    return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
  }
}
