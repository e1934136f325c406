package dev.manyhands.http.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;

/**
 * Encodes the text of JSON as UTF-8, block by block. Half a surrogate pair has no UTF-8 form. It
 * can only be in a string, and is escaped there. Used by one thread.
 */
final class JsonUtf8 extends Writer {
  private static final char NONE = 0;

  private final OutputStream out;

  /** The first half of a pair whose second half may be in the next block. */
  private char high = NONE;

  JsonUtf8(OutputStream out) {
    this.out = out;
  }

  @Override
  public void write(char[] chars, int from, int length) throws IOException {
    var block = new StringBuilder(length + 1);
    for (int i = from; i < from + length; i++) {
      char c = chars[i];
      if (high != NONE && Character.isLowSurrogate(c)) {
        block.append(high).append(c);
        high = NONE;
        continue;
      }
      escapeHigh(block);
      if (Character.isHighSurrogate(c)) {
        high = c;
      } else if (Character.isLowSurrogate(c)) {
        escape(c, block);
      } else {
        block.append(c);
      }
    }
    write(block);
  }

  private void escapeHigh(StringBuilder block) {
    if (high != NONE) {
      escape(high, block);
      high = NONE;
    }
  }

  private static void escape(char half, StringBuilder block) {
    block.append("\\u%04x".formatted((int) half));
  }

  private void write(StringBuilder block) throws IOException {
    out.write(block.toString().getBytes(UTF_8));
  }

  /**
   * Writes the half of a pair that is held back, as an escape. Does not flush the stream behind.
   */
  @Override
  public void flush() throws IOException {
    var block = new StringBuilder();
    escapeHigh(block);
    write(block);
  }

  /** Leaves the stream open for its owner. */
  @Override
  public void close() throws IOException {
    flush();
  }
}
