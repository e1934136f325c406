package dev.manyhands.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Passes on the bytes of a form and notes whether the last boundary has passed. A form without its
 * last boundary was cut off and may lack items. Used by one thread.
 */
final class FormEnd extends FilterInputStream {
  private static final byte CR = '\r';

  /**
   * The last boundary. It begins with a carriage return and contains no other, because a boundary
   * must contain none.
   */
  private final byte[] last;

  /** How many bytes of the last boundary have passed in a row; all of them once it is seen. */
  private int passed;

  FormEnd(InputStream in, byte[] boundary) {
    super(in);
    this.last =
        ("\r\n--" + new String(boundary, StandardCharsets.ISO_8859_1) + "--")
            .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Whether the last boundary has passed. */
  boolean isSeen() {
    return passed == last.length;
  }

  @Override
  public int read() throws IOException {
    int next = super.read();
    if (next >= 0) {
      note((byte) next);
    }
    return next;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = super.read(buffer, offset, length);
    for (int i = offset; i < offset + count; i++) {
      note(buffer[i]);
    }
    return count;
  }

  private void note(byte next) {
    if (isSeen()) {
      return;
    }
    if (next == last[passed]) {
      passed++;
    } else {
      passed = next == CR ? 1 : 0;
    }
  }
}
