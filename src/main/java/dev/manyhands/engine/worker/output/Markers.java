package dev.manyhands.engine.worker.output;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Finds the markers of docs/reference/worker-protocol.md in what a worker writes to stderr, and
 * passes on the text without them. A marker may be split over any number of reads. Bytes that only
 * begin like a marker are text.
 *
 * <pre>
 *   1E chunk SPACE item LF    the text that follows is this item's
 *   1E LF                     the text that follows has no known item
 * </pre>
 */
final class Markers {
  static final byte MARK = 0x1E;

  /**
   * The longest marker: two numbers of 64 bits with their signs, and the characters around them.
   * Longer bytes are text.
   */
  private static final int LONGEST = 1 + 20 + 1 + 20 + 1;

  /** Receives text and markers, in order. */
  interface Reader {
    void text(byte[] bytes, int from, int to);

    void begins(long chunk, long item);

    void ends();
  }

  private final Reader reader;

  /** Bytes that may become a marker. */
  private final byte[] held = new byte[LONGEST];

  private int heldLength;

  Markers(Reader reader) {
    this.reader = reader;
  }

  void read(byte[] bytes, int length) {
    int text = 0;
    for (int i = 0; i < length; i++) {
      byte b = bytes[i];
      if (heldLength > 0) {
        text = hold(b) ? i + 1 : i;
      }
      // No else here: the byte that ends a false marker may begin a true one.
      if (heldLength == 0 && b == MARK) {
        pass(bytes, text, i);
        held[heldLength++] = b;
        text = i + 1;
      }
    }
    pass(bytes, text, length);
  }

  /** Ends the input. A beginning of a marker is text then. */
  void end() {
    release();
  }

  /** Returns whether the byte was accepted. If not, the held bytes are no marker. */
  private boolean hold(byte b) {
    boolean fits = heldLength < LONGEST && (b == '\n' || b == ' ' || b == '-' || isDigit(b));
    if (!fits) {
      release();
      return false;
    }
    held[heldLength++] = b;
    if (b == '\n') {
      understand();
    }
    return true;
  }

  private void understand() {
    if (heldLength == 2) {
      heldLength = 0;
      reader.ends();
      return;
    }
    String[] numbers = new String(held, 1, heldLength - 2, US_ASCII).split(" ", -1);
    try {
      if (numbers.length == 2) {
        long chunk = Long.parseLong(numbers[0]);
        long item = Long.parseLong(numbers[1]);
        heldLength = 0;
        reader.begins(chunk, item);
      }
    } catch (NumberFormatException noMarker) {
      // The user's own text may look like a marker. It is released below.
    }
    release();
  }

  private void release() {
    int length = heldLength;
    heldLength = 0;
    pass(held, 0, length);
  }

  private void pass(byte[] bytes, int from, int to) {
    if (from < to) {
      reader.text(bytes, from, to);
    }
  }

  private static boolean isDigit(byte b) {
    return '0' <= b && b <= '9';
  }
}
