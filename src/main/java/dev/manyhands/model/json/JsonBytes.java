package dev.manyhands.model.json;

import dev.manyhands.model.json.JsonException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a {@link JsonScanner}: a buffer, the position in it, and the lines before. The
 * scanner extends this class, because each step of the grammar moves the position.
 */
abstract class JsonBytes {
  /**
   * As large as one read of the web server, and no larger: thousands of clients may send a byte now
   * and then.
   */
  private static final int STREAM_BUFFER = 8 << 10;

  private final @Nullable InputStream in;
  private final IntConsumer growing;
  byte[] buffer;
  int position;
  int end;

  /** The first byte that must stay in the buffer, or -1. */
  int mark = -1;

  /** Limit for the bytes of the current value. A longer value is refused. */
  int mostBytes = Integer.MAX_VALUE;

  /** Line feeds that were taken. All of them are outside strings, which must not contain any. */
  private long lineFeeds;

  /** Bytes of the stream that have left the buffer. */
  private long dropped;

  JsonBytes(byte[] text, int from, int to) {
    this.in = null;
    this.growing = capacity -> {};
    this.buffer = text;
    this.position = from;
    this.end = to;
  }

  JsonBytes(InputStream in, IntConsumer growing) {
    this.in = in;
    this.growing = growing;
    this.buffer = new byte[STREAM_BUFFER];
  }

  /**
   * Returns the bytes that {@link JsonScanner#value} refers to. The bytes are valid until the next
   * call that takes a byte or looks at one.
   */
  public byte[] buffer() {
    return buffer;
  }

  /**
   * Returns the position in {@link #buffer()}: after {@link JsonScanner#value}, the end of that
   * value.
   */
  public int position() {
    return position;
  }

  /** Returns the number of bytes of the text before the position. */
  public long offset() {
    return dropped + position;
  }

  /** Returns the line of the position; the first is 1. */
  public long line() {
    return lineFeeds + 1;
  }

  /**
   * Skips white space and returns the next byte without taking it, or -1 at the end of the text.
   */
  public int peek() {
    while (true) {
      while (position < end) {
        byte next = buffer[position];
        if (next != ' ' && next != '\n' && next != '\r' && next != '\t') {
          return next & 0xFF;
        }
        lineFeeds += next == '\n' ? 1 : 0;
        position++;
      }
      if (!fill()) {
        return -1;
      }
    }
  }

  /**
   * Whether only white space is left of the bytes read from the stream so far. The next look may
   * then wait for more bytes.
   */
  public boolean isDrained() {
    for (int i = position; i < end; i++) {
      if (buffer[i] > ' ') {
        return false;
      }
    }
    return true;
  }

  /**
   * Takes white space, and the line feed that ends it. Returns false if another character, or the
   * end of the text, comes before a line feed; white space is taken even then.
   */
  public boolean takeLineEnd() {
    return takeLineEnd(0);
  }

  /**
   * Takes the end of a line as {@link #takeLineEnd()} does, and keeps the value at the mark in the
   * buffer.
   *
   * @param length bytes of the value; the white space after the value is dropped
   */
  boolean takeLineEnd(int length) {
    while (true) {
      while (position < end) {
        byte next = buffer[position];
        if (next != ' ' && next != '\r' && next != '\t') {
          boolean isEnd = next == '\n';
          position += isEnd ? 1 : 0;
          lineFeeds += isEnd ? 1 : 0;
          return isEnd;
        }
        position++;
      }
      if (mark >= 0) {
        dropBehind(mark + length);
      }
      if (!fill()) {
        return false;
      }
    }
  }

  /** Drops the bytes of the buffer from a place on. All of them must have been taken. */
  private void dropBehind(int place) {
    dropped += position - place;
    position = place;
    end = place;
  }

  /** Skips white space and takes the next byte if it is the given one. */
  public boolean take(char wanted) {
    if (peek() != wanted) {
      return false;
    }
    position++;
    return true;
  }

  /** Skips white space and takes the next byte, which must be the given one. */
  public void expect(char wanted) {
    if (!take(wanted)) {
      throw syntax("expected '" + wanted + "' but found " + describe(peek()));
    }
  }

  /** Checks that nothing but white space follows. */
  public void expectEnd() {
    int next = peek();
    if (next != -1) {
      throw syntax("expected the end but found " + describe(next));
    }
  }

  /** Rejects the current value if it is too large; {@code to} is its end, or a place in it. */
  void boundValue(int to) {
    if (to - mark > mostBytes) {
      throw problem(Problem.VALUE_TOO_LARGE, "one value has more than " + mostBytes + " bytes");
    }
  }

  /** Takes the next byte; the text must not end here. */
  int next() {
    int c = nextOrEnd();
    if (c == -1) {
      throw syntax("the text ends in the middle of a value");
    }
    return c;
  }

  int nextOrEnd() {
    if (position == end && !fill()) {
      return -1;
    }
    return buffer[position++] & 0xFF;
  }

  /**
   * Reads more bytes behind {@code end}, and keeps the bytes from the mark on. The buffer grows if
   * it is full. Returns false at the end of the text.
   */
  private boolean fill() {
    if (in == null) {
      return false;
    }
    int keep = mark >= 0 ? mark : position;
    if (mark >= 0) {
      boundValue(end);
    }
    if (keep > 0) {
      System.arraycopy(buffer, keep, buffer, 0, end - keep);
      dropped += keep;
      position -= keep;
      end -= keep;
      mark = mark >= 0 ? 0 : -1;
    }
    if (end == buffer.length) {
      growing.accept(buffer.length * 2);
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    try {
      int read = in.read(buffer, end, buffer.length - end);
      if (read <= 0) {
        return false;
      }
      end += read;
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String describe(int c) {
    if (c == -1) {
      return "the end of the text";
    }
    return c > ' ' && c < 0x7F ? "'" + (char) c + "'" : "the byte 0x" + Integer.toHexString(c);
  }

  JsonException syntax(String message) {
    return problem(Problem.SYNTAX, message);
  }

  JsonException problem(Problem problem, String message) {
    return new JsonException(problem, message + " (at byte " + offset() + ")", offset());
  }
}
