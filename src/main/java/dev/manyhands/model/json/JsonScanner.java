package dev.manyhands.model.json;

import dev.manyhands.model.json.JsonException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Walks over JSON text in UTF-8, checks every byte strictly (RFC 8259, RFC 3629), and reports where
 * values begin and end. The scanner makes no objects, so the service can cut a million items out of
 * a body at memory speed.
 *
 * <p>Works on an array or on a stream. The scanner holds only the current value of a stream. Not
 * safe for use by several threads. Every method throws {@link JsonException} if the text is not
 * valid.
 */
public final class JsonScanner extends JsonBytes {
  private final JsonLimits limits;
  private int valueEnd;

  /** The arrays and objects that are open at the position: true for an object. */
  private boolean[] nesting = new boolean[16];

  public JsonScanner(byte[] text, JsonLimits limits) {
    this(text, 0, text.length, limits);
  }

  public JsonScanner(byte[] text, int from, int to, JsonLimits limits) {
    super(text, from, to);
    this.limits = limits;
  }

  /**
   * Creates a scanner that reads from the stream as it goes. It throws an {@link IOException} as
   * {@link UncheckedIOException}.
   */
  public JsonScanner(InputStream in, JsonLimits limits) {
    this(in, limits, capacity -> {});
  }

  /**
   * Creates a scanner that reads from the stream and asks before its buffer grows.
   *
   * @param growing receives the new size of the buffer before it grows, and may throw
   */
  public JsonScanner(InputStream in, JsonLimits limits, IntConsumer growing) {
    super(in, growing);
    this.limits = limits;
  }

  /**
   * Skips white space, checks the value that follows, and takes the rest of its line. The value may
   * contain line feeds. Only white space may follow the value in its line.
   *
   * @return the index in {@link #buffer()} at which the value begins; its end is {@link #valueEnd}
   */
  public int valueOfLine() {
    mark = value();
    int length = position - mark;
    boolean hasEnd = takeLineEnd(length);
    int start = mark;
    mark = -1;
    valueEnd = start + length;
    if (!hasEnd && position < end) {
      throw syntax("the line goes on behind its value with " + describe(buffer[position] & 0xFF));
    }
    return start;
  }

  /** Returns the end of the value that {@link #valueOfLine} returned. */
  public int valueEnd() {
    return valueEnd;
  }

  /**
   * Skips white space, then takes one whole value of at most {@code maxValueBytes}.
   *
   * @return the index in {@link #buffer()} at which the value begins; it ends at {@link
   *     #position()}
   */
  public int value() {
    return value(limits.maxValueBytes());
  }

  /** Skips white space, then takes one whole value of any size. The caller limits the bytes. */
  public int valueOfAnySize() {
    return value(Integer.MAX_VALUE);
  }

  private int value(int most) {
    peek();
    mark = position;
    mostBytes = most;
    scan();
    boundValue(position);
    int start = mark;
    mark = -1;
    mostBytes = Integer.MAX_VALUE;
    return start;
  }

  /**
   * Scans a value. The nesting is kept in an array, without recursion, so a hostile depth costs a
   * counter and not the stack.
   */
  private void scan() {
    int depth = 0;
    while (true) {
      int first = peek();
      switch (first) {
        case '{' -> {
          position++;
          depth = open(depth, true);
          if (!take('}')) {
            memberName();
            continue;
          }
          depth--;
        }
        case '[' -> {
          position++;
          depth = open(depth, false);
          if (!take(']')) {
            continue;
          }
          depth--;
        }
        case '"' -> string();
        case 't' -> literal("true");
        case 'f' -> literal("false");
        case 'n' -> literal("null");
        case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
        default -> throw syntax("expected a value but found " + describe(first));
      }
      // A value has ended, and the array or object around it may end as well.
      while (true) {
        if (depth == 0) {
          return;
        }
        if (take(',')) {
          if (nesting[depth - 1]) {
            memberName();
          }
          break;
        }
        boolean object = nesting[depth - 1];
        if (!take(object ? '}' : ']')) {
          throw syntax(
              "expected ',' or '" + (object ? '}' : ']') + "' but found " + describe(peek()));
        }
        depth--;
      }
    }
  }

  private int open(int depth, boolean object) {
    if (depth == limits.maxDepth()) {
      throw problem(
          Problem.TOO_DEEP,
          "arrays and objects are nested more than " + limits.maxDepth() + " levels deep");
    }
    if (depth == nesting.length) {
      nesting = Arrays.copyOf(nesting, depth * 2);
    }
    nesting[depth] = object;
    return depth + 1;
  }

  private void memberName() {
    if (peek() != '"') {
      throw syntax("expected a member name in quotes but found " + describe(peek()));
    }
    string();
    expect(':');
  }

  private void literal(String word) {
    for (int i = 0; i < word.length(); i++) {
      if (next() != word.charAt(i)) {
        position--;
        throw syntax("expected '" + word + "'");
      }
    }
  }

  private void number() {
    if (plainInteger()) {
      return;
    }
    long start = offset();
    int c = next();
    if (c == '-') {
      c = next();
    }
    if (c == '0') {
      c = nextOrEnd();
    } else {
      c = digits(c);
    }
    if (c == '.') {
      c = digits(next());
    }
    if (c == 'e' || c == 'E') {
      c = next();
      c = digits(c == '+' || c == '-' ? next() : c);
    }
    if (c != -1) {
      position--;
    }
    if (offset() - start > limits.maxNumberLength()) {
      throw problem(
          Problem.NUMBER_TOO_LONG,
          "a number has more than " + limits.maxNumberLength() + " characters");
    }
  }

  /**
   * Takes an integer, other than 0, that is not too long and ends in the buffer. The byte after it
   * must be no part of a number. This is the common case. Takes nothing otherwise.
   */
  private boolean plainInteger() {
    int at = buffer[position] == '-' ? position + 1 : position;
    if (at == end || buffer[at] < '1' || buffer[at] > '9') {
      return false;
    }
    int most = (int) Math.min(end, (long) position + limits.maxNumberLength());
    while (at < most && buffer[at] >= '0' && buffer[at] <= '9') {
      at++;
    }
    if (at >= most || buffer[at] == '.' || (buffer[at] | 0x20) == 'e') {
      return false;
    }
    position = at;
    return true;
  }

  /**
   * Takes at least one digit. The first digit was taken already. Returns the byte after the digits,
   * which is taken as well.
   */
  private int digits(int first) {
    int c = first;
    if (c < '0' || c > '9') {
      position--;
      throw syntax("expected a digit but found " + describe(c));
    }
    do {
      c = nextOrEnd();
    } while (c >= '0' && c <= '9');
    return c;
  }

  private void string() {
    position++;
    while (true) {
      // The common case is a run of plain ASCII inside the buffer.
      while (position < end) {
        byte c = buffer[position];
        if (c < ' ' || c == '"' || c == '\\') {
          break;
        }
        position++;
      }
      int c = next();
      if (c == '"') {
        return;
      } else if (c == '\\') {
        escape();
      } else if (c < ' ') {
        position--;
        throw syntax("a control character in a string must be escaped");
      } else if (c >= 0x80) {
        multibyte(c);
      }
    }
  }

  private void escape() {
    int c = next();
    switch (c) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {}
      case 'u' -> {
        for (int i = 0; i < 4; i++) {
          if (Character.digit(next(), 16) < 0) {
            position--;
            throw syntax("\\u must be followed by four hexadecimal digits");
          }
        }
      }
      default -> {
        position--;
        throw syntax("there is no escape \\" + describe(c));
      }
    }
  }

  /**
   * Takes a character of several bytes (RFC 3629, section 4): shortest forms only, no surrogates,
   * nothing above U+10FFFF.
   */
  private void multibyte(int lead) {
    int low = 0x80;
    int high = 0xBF;
    int more;
    if (lead >= 0xC2 && lead <= 0xDF) {
      more = 1;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      more = 2;
      low = lead == 0xE0 ? 0xA0 : low;
      high = lead == 0xED ? 0x9F : high;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      more = 3;
      low = lead == 0xF0 ? 0x90 : low;
      high = lead == 0xF4 ? 0x8F : high;
    } else {
      throw syntax("the text is not valid UTF-8");
    }
    for (; more > 0; more--) {
      int c = next();
      if (c < low || c > high) {
        throw syntax("the text is not valid UTF-8");
      }
      low = 0x80;
      high = 0xBF;
    }
  }
}
