package dev.manyhands.model.json;

import dev.manyhands.model.json.JsonException.Problem;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * JSON values joined by commas, like an array without its brackets, and the position of each value.
 * Items and results are stored and sent in this form, so that a run of values is one copy of bytes.
 * Used by one thread at a time.
 */
public final class JoinedValues {
  private final byte[] bytes;
  private final int count;

  /**
   * {@code ends[i]} is the end of value {@code i}. The next value begins one byte later, after the
   * comma. Null for stored values until a position is asked for.
   */
  private int @Nullable [] ends;

  private JoinedValues(byte[] bytes, int count, int @Nullable [] ends) {
    this.bytes = bytes;
    this.count = count;
    this.ends = ends;
  }

  /**
   * Returns values that were checked before they were stored. The positions are computed when one
   * of them is asked for. Callers that want all values need none.
   */
  public static JoinedValues stored(byte[] bytes, int count) {
    return new JoinedValues(bytes, count, null);
  }

  /**
   * Checks the bytes and finds the values.
   *
   * @throws JsonException if the bytes are not exactly {@code count} values joined by single
   *     commas. White space before the first value, behind a comma and at the end is not noticed
   */
  public static JoinedValues of(byte[] bytes, int count, JsonLimits limits) {
    return new JoinedValues(bytes, count, ends(bytes, count, limits));
  }

  private static int[] ends(byte[] bytes, int count, JsonLimits limits) {
    var scanner = new JsonScanner(bytes, limits);
    int[] ends = new int[count];
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        expectComma(bytes, scanner);
      }
      scanner.value();
      ends[i] = scanner.position();
    }
    scanner.expectEnd();
    return ends;
  }

  /** Rejects white space before the comma, because the next value is cut from the end of this. */
  private static void expectComma(byte[] bytes, JsonScanner scanner) {
    int at = scanner.position();
    scanner.expect(',');
    if (bytes[at] != ',') {
      throw new JsonException(Problem.SYNTAX, "white space between joined values", at);
    }
  }

  /**
   * Checks a JSON array and copies its values out.
   *
   * @param from the index of the opening bracket, or of white space before it
   * @throws JsonException if the text from there on is not an array of exactly {@code count} values
   */
  public static byte[] fromArray(byte[] text, int from, int count, JsonLimits limits) {
    var scanner = new JsonScanner(text, from, text.length, limits);
    scanner.expect('[');
    int begin = scanner.position();
    int end = begin;
    boolean compact = true;
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        scanner.expect(',');
      }
      int start = scanner.value();
      compact &= start == (i == 0 ? begin : end + 1);
      end = scanner.position();
    }
    scanner.expect(']');
    scanner.expectEnd();
    return compact
        ? Arrays.copyOfRange(text, begin, end)
        : withoutSpace(text, begin, count, limits);
  }

  /** Copies values that have white space around them. The workers of this service write none. */
  private static byte[] withoutSpace(byte[] text, int begin, int count, JsonLimits limits) {
    var scanner = new JsonScanner(text, begin, text.length, limits);
    var joined = new ByteArrayOutputStream(text.length - begin);
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        scanner.expect(',');
        joined.write(',');
      }
      int start = scanner.value();
      joined.write(text, start, scanner.position() - start);
    }
    return joined.toByteArray();
  }

  /**
   * The complete values at the beginning of a text that was cut off.
   *
   * @param end the end of the last complete value, at the comma behind it
   */
  public record Whole(int end, int count) {}

  /**
   * @param cut the beginning of joined values that were checked before they were stored
   */
  public static Whole wholeOf(byte[] cut) {
    int end = 0;
    int count = 0;
    int depth = 0;
    boolean inString = false;
    for (int i = 0; i < cut.length; i++) {
      switch (cut[i]) {
        case '"' -> inString = !inString;
        case '\\' -> i++; // backslashes are in strings only
        case '[', '{' -> depth += inString ? 0 : 1;
        case ']', '}' -> depth -= inString ? 0 : 1;
        case ',' -> {
          if (depth == 0 && !inString) {
            end = i;
            count++;
          }
        }
        default -> {}
      }
    }
    return new Whole(end, count);
  }

  public int count() {
    return count;
  }

  public byte[] bytes() {
    return bytes;
  }

  /** Returns the index in {@link #bytes()} at which the value begins. */
  public int start(int index) {
    return index == 0 ? 0 : end(index - 1) + 1;
  }

  /** Returns the index in {@link #bytes()} at which the value ends. */
  public int end(int index) {
    if (index == count - 1) {
      return bytes.length;
    }
    int[] known = ends;
    if (known == null) {
      known = ends(bytes, count, JsonLimits.STORED);
      ends = known;
    }
    return known[index];
  }

  /**
   * Returns the values from {@code from} to before {@code to}, joined; at least one. For all
   * values, returns {@link #bytes()} itself and no copy.
   */
  public byte[] slice(int from, int to) {
    if (from == 0 && to == count) {
      return bytes;
    }
    return Arrays.copyOfRange(bytes, start(from), end(to - 1));
  }
}
