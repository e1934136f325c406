package dev.manyhands.engine.worker.protocol;

import dev.manyhands.model.json.JsonLimits;
import dev.manyhands.model.json.JsonScanner;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The value that ends a job when a result equals it. Numbers are equal by value. All other values
 * are equal when kind and contents are, whatever the order of members. Only the last of several
 * members with one name counts.
 *
 * <p>{@link FrameChannel#RESULT_LIMITS} allows deep results and long numbers. Therefore the result
 * is walked over without recursion and without a tree, and its numbers are compared as digits.
 */
final class WantedValue {
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(FrameChannel.RESULT_LIMITS.maxDepth())
                          .maxNumberLength(FrameChannel.RESULT_LIMITS.maxNumberLength())
                          .maxStringLength(FrameChannel.RESULT_LIMITS.maxValueBytes())
                          .build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private final JsonNode wanted;

  /**
   * Creates a wanted value.
   *
   * @param json a valid value, as a user has specified it
   */
  WantedValue(String json) {
    this.wanted = JSON.readTree(json);
  }

  /** An array or object that is open around the position in a result, and that matches so far. */
  private static final class Open {
    final JsonNode wanted;
    private boolean same = true;
    private int elements;

    /** For an object: whether its members match. */
    private final Map<String, Boolean> members = new HashMap<>();

    private String name = "";

    Open(JsonNode wanted) {
      this.wanted = wanted;
    }

    /** Returns the expected value of the next element or member; null if none is expected. */
    @Nullable JsonNode next(JsonScanner scanner) {
      if (wanted.isArray()) {
        return wanted.get(elements++);
      }
      int start = scanner.value();
      name = string(scanner.buffer(), start, scanner.position());
      scanner.expect(':');
      return wanted.get(name);
    }

    void ended(boolean isSame) {
      if (wanted.isArray()) {
        same &= isSame;
      } else if (wanted.has(name)) {
        members.put(name, isSame);
      } else {
        same = false;
      }
    }

    boolean isSame() {
      return wanted.isArray()
          ? same && elements == wanted.size()
          : same && members.size() == wanted.size() && !members.containsValue(false);
    }
  }

  /**
   * Returns whether a result equals the wanted value.
   *
   * @param json holds the result as one valid JSON value in [from, to)
   */
  boolean equals(byte[] json, int from, int to) {
    var scanner = new JsonScanner(json, from, to, JsonLimits.STORED);
    var around = new ArrayDeque<Open>();
    JsonNode next = wanted;
    while (true) {
      boolean same;
      int first = scanner.peek();
      boolean opens =
          next != null && (first == '[' ? next.isArray() : first == '{' && next.isObject());
      if (next != null && opens) {
        scanner.expect((char) first);
        if (!scanner.take(closing(next))) {
          around.push(new Open(next));
          next = around.element().next(scanner);
          continue;
        }
        same = next.isEmpty();
      } else {
        int start = scanner.value();
        same = next != null && isScalar(next, json, start, scanner.position());
      }
      while (true) {
        Open open = around.peek();
        if (open == null) {
          return same;
        }
        open.ended(same);
        if (scanner.take(',')) {
          next = open.next(scanner);
          break;
        }
        scanner.expect(closing(open.wanted));
        around.pop();
        same = open.isSame();
      }
    }
  }

  private static char closing(JsonNode wanted) {
    return wanted.isArray() ? ']' : '}';
  }

  private static boolean isScalar(JsonNode wanted, byte[] json, int from, int to) {
    return switch (json[from]) {
      case 'n' -> wanted.isNull();
      case 't' -> wanted.isBoolean() && wanted.booleanValue();
      case 'f' -> wanted.isBoolean() && !wanted.booleanValue();
      case '"' -> wanted.isString() && wanted.stringValue().equals(string(json, from, to));
      case '[', '{' -> false;
      default -> wanted.isNumber() && isNumber(wanted, json, from, to);
    };
  }

  private static boolean isNumber(JsonNode wanted, byte[] json, int from, int to) {
    String text = new String(json, from, to - from, StandardCharsets.US_ASCII);
    return Decimal.of(text).equals(Decimal.of(wanted.asString()));
  }

  /**
   * A number as digits: 0.DIGITS times ten to the power of the exponent. There are no zeros at
   * either end of the digits; zero has no digits.
   */
  private record Decimal(boolean negative, String digits, long exponent) {
    private static final Decimal ZERO = new Decimal(false, "", 0);

    /**
     * The most digits of an exponent that a wanted number can have. A result with more of them
     * equals no wanted number.
     */
    private static final int MOST_EXPONENT_DIGITS = 17;

    private static final long BEYOND = Long.MAX_VALUE / 2;

    static Decimal of(String text) {
      boolean negative = text.charAt(0) == '-';
      int e = Math.max(text.indexOf('e'), text.indexOf('E'));
      String mantissa = text.substring(negative ? 1 : 0, e < 0 ? text.length() : e);
      int point = mantissa.indexOf('.');
      int whole = point < 0 ? mantissa.length() : point;
      String all =
          point < 0 ? mantissa : mantissa.substring(0, point) + mantissa.substring(point + 1);
      int from = 0;
      while (from < all.length() && all.charAt(from) == '0') {
        from++;
      }
      int to = all.length();
      while (to > from && all.charAt(to - 1) == '0') {
        to--;
      }
      if (from == to) {
        return ZERO;
      }
      long exponent = e < 0 ? 0 : exponent(text, e + 1);
      return new Decimal(negative, all.substring(from, to), exponent + whole - from);
    }

    private static long exponent(String text, int at) {
      char sign = text.charAt(at);
      int from = sign == '-' || sign == '+' ? at + 1 : at;
      while (from < text.length() - 1 && text.charAt(from) == '0') {
        from++;
      }
      long size =
          text.length() - from > MOST_EXPONENT_DIGITS
              ? BEYOND
              : Long.parseLong(text, from, text.length(), 10);
      return sign == '-' ? -size : size;
    }
  }

  /** Returns the text of a JSON string in quotes. */
  private static String string(byte[] json, int from, int to) {
    String raw = new String(json, from + 1, to - from - 2, StandardCharsets.UTF_8);
    int escape = raw.indexOf('\\');
    if (escape < 0) {
      return raw;
    }
    var text = new StringBuilder(raw.length());
    int at = 0;
    for (; escape >= 0; escape = raw.indexOf('\\', at)) {
      text.append(raw, at, escape);
      char kind = raw.charAt(escape + 1);
      at = escape + (kind == 'u' ? 6 : 2);
      switch (kind) {
        case 'b' -> text.append('\b');
        case 'f' -> text.append('\f');
        case 'n' -> text.append('\n');
        case 'r' -> text.append('\r');
        case 't' -> text.append('\t');
        case 'u' -> text.append((char) Integer.parseInt(raw, escape + 2, at, 16));
        default -> text.append(kind);
      }
    }
    return text.append(raw, at, raw.length()).toString();
  }
}
