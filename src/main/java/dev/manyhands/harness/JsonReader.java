package dev.manyhands.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON from UTF-8. Strict (RFC 8259). A library would not do: it could clash with another
 * version in a user's jar.
 *
 * <table>
 *   <caption>Java types of JSON values</caption>
 *   <tr><td>object, array</td><td>{@code LinkedHashMap}, {@code ArrayList}</td></tr>
 *   <tr><td>integer</td><td>{@code Long}, or {@code BigInteger} where that is too small</td></tr>
 *   <tr><td>other number</td><td>{@code Double}, or {@code BigDecimal} where that would lose digits</td></tr>
 * </table>
 */
final class JsonReader {
  static final int MAX_DEPTH = 1000;

  /** The most digits for which every number fits in a {@code long}. */
  private static final int LONG_DIGITS = 18;

  /**
   * The most digits of a number that becomes a {@code double} even if digits are lost. Users mean
   * such a number as a {@code double}.
   */
  private static final int DOUBLE_DIGITS = 17;

  private final byte[] text;
  private int at;
  private int depth;

  private JsonReader(byte[] text, int from) {
    this.text = text;
    this.at = from;
  }

  /** Reads the single value in the text from an offset on. */
  static @Nullable Object read(byte[] text, int from) {
    JsonReader reader = new JsonReader(text, from);
    Object value = reader.value();
    reader.expectEnd();
    return value;
  }

  /**
   * Reads an array of items. An item that cannot be read becomes a {@link JsonException} in the
   * list, and fails alone. The service has checked the syntax. Two faults remain: nesting that is
   * too deep, and an exponent out of range.
   */
  static List<@Nullable Object> readItems(byte[] text, int from) {
    JsonReader reader = new JsonReader(text, from);
    List<@Nullable Object> items = reader.items();
    reader.expectEnd();
    return items;
  }

  private List<@Nullable Object> items() {
    List<@Nullable Object> items = new ArrayList<>();
    expect('[');
    if (skipTo(']')) {
      return items;
    }
    do {
      space();
      int start = at;
      try {
        items.add(value());
      } catch (JsonException e) {
        depth = 0;
        at = start;
        skipElement();
        items.add(e);
      }
    } while (more(']'));
    return items;
  }

  private @Nullable Object value() {
    space();
    return switch (peek()) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private Map<String, @Nullable Object> object() {
    enter('{');
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    if (!skipTo('}')) {
      do {
        space();
        String name = string();
        expect(':');
        members.put(name, value());
      } while (more('}'));
    }
    depth--;
    return members;
  }

  private List<@Nullable Object> array() {
    enter('[');
    List<@Nullable Object> elements = new ArrayList<>();
    if (!skipTo(']')) {
      do {
        elements.add(value());
      } while (more(']'));
    }
    depth--;
    return elements;
  }

  private void enter(char open) {
    if (++depth > MAX_DEPTH) {
      throw new JsonException("it is nested more than " + MAX_DEPTH + " deep");
    }
    expect(open);
  }

  private @Nullable Object word(String word, @Nullable Object value) {
    for (int i = 0; i < word.length(); i++) {
      if (peek() != word.charAt(i)) {
        throw unexpected();
      }
      at++;
    }
    return value;
  }

  private Object number() {
    int start = at;
    boolean negative = peek() == '-';
    if (negative) {
      at++;
    }
    int firstDigit = at;
    long small = digits();
    int digits = at - firstDigit;
    if (digits > 1 && text[firstDigit] == '0') {
      throw new JsonException("a number with a leading zero", start);
    }
    int next = peek();
    if (next != '.' && next != 'e' && next != 'E') {
      if (digits <= LONG_DIGITS) {
        return negative ? -small : small;
      }
      return shortest(new BigInteger(ascii(start)));
    }
    if (next == '.') {
      at++;
      int fraction = at;
      digits();
      digits += at - fraction;
    }
    if (peek() == 'e' || peek() == 'E') {
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      digits();
    }
    String number = ascii(start);
    double value = Double.parseDouble(number);
    if (digits <= DOUBLE_DIGITS && !Double.isInfinite(value) && value != 0) {
      return value;
    }
    try {
      BigDecimal exact = new BigDecimal(number);
      boolean same = !Double.isInfinite(value) && BigDecimal.valueOf(value).compareTo(exact) == 0;
      return same ? (Object) value : exact;
    } catch (NumberFormatException e) {
      throw new JsonException("a number whose exponent is out of range", start);
    }
  }

  /** Reads at least one digit. The value is right for up to {@link #LONG_DIGITS} digits. */
  private long digits() {
    int start = at;
    long value = 0;
    while (at < text.length && text[at] >= '0' && text[at] <= '9') {
      value = value * 10 + (text[at++] - '0');
    }
    if (at == start) {
      throw unexpected();
    }
    return value;
  }

  private static Object shortest(BigInteger value) {
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  private String ascii(int start) {
    return new String(text, start, at - start, UTF_8);
  }

  private String string() {
    expect('"');
    int start = at;
    StringBuilder escaped = null;
    while (true) {
      int next = peek();
      if (next == '"') {
        String rest = new String(text, start, at++ - start, UTF_8);
        return escaped == null ? rest : escaped.append(rest).toString();
      }
      if (next == '\\') {
        if (escaped == null) {
          escaped = new StringBuilder();
        }
        escaped.append(new String(text, start, at++ - start, UTF_8)).append(escape());
        start = at;
      } else if (next >= 0 && next < ' ') {
        throw new JsonException("a control character or the end of the text in a string", at);
      } else {
        at++;
      }
    }
  }

  private char escape() {
    int kind = peek();
    at++;
    return switch (kind) {
      case '"', '\\', '/' -> (char) kind;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> hexadecimal();
      default -> throw new JsonException("an unknown escape in a string", at - 1);
    };
  }

  private char hexadecimal() {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(peek(), 16);
      if (digit < 0) {
        throw unexpected();
      }
      value = value * 16 + digit;
      at++;
    }
    return (char) value;
  }

  /** Skips a value by its brackets and quotes alone, however deep it is. */
  private void skipElement() {
    int open = 0;
    while (at < text.length) {
      byte next = text[at];
      if (next == '"') {
        string();
        continue;
      }
      if (open == 0 && (next == ',' || next == ']')) {
        return;
      }
      if (next == '[' || next == '{') {
        open++;
      } else if (next == ']' || next == '}') {
        open--;
      }
      at++;
    }
  }

  /** Moves past the character after an element: true for a comma, false for the closing bracket. */
  private boolean more(char close) {
    space();
    int next = peek();
    if (next != ',' && next != close) {
      throw unexpected();
    }
    at++;
    return next == ',';
  }

  /** Moves past the closing bracket if it comes next. */
  private boolean skipTo(char close) {
    space();
    if (peek() != close) {
      return false;
    }
    at++;
    return true;
  }

  private void expect(char expected) {
    space();
    if (peek() != expected) {
      throw unexpected();
    }
    at++;
  }

  private void expectEnd() {
    space();
    if (at < text.length) {
      throw unexpected();
    }
  }

  private void space() {
    while (at < text.length) {
      byte next = text[at];
      if (next != ' ' && next != '\n' && next != '\r' && next != '\t') {
        return;
      }
      at++;
    }
  }

  /** Returns the next byte; 0 at the end, which no rule accepts. */
  private int peek() {
    return at < text.length ? text[at] : 0;
  }

  private JsonException unexpected() {
    if (at >= text.length) {
      return new JsonException("JSON that ends too early", at);
    }
    return new JsonException("unexpected '" + (char) (text[at] & 0xFF) + "' in JSON", at);
  }
}
