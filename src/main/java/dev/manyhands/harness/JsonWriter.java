package dev.manyhands.harness;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Writes JSON as UTF-8 into memory. Throws {@link UnserializableException} beyond a limit. */
final class JsonWriter {
  private final int limit;
  private NonFinite nonFinite = NonFinite.ERROR;
  private byte[] bytes = new byte[256];
  private int size;

  JsonWriter(int limit) {
    this.limit = limit;
  }

  /** Sets what is written for NaN and the infinities from now on. */
  void nonFinite(NonFinite form) {
    nonFinite = form;
  }

  int size() {
    return size;
  }

  byte[] bytes() {
    return bytes;
  }

  void clear() {
    size = 0;
    if (bytes.length > 1 << 20) {
      bytes = new byte[256]; // one large value must not occupy memory for ever
    }
  }

  void value(@Nullable Object value) throws UnserializableException {
    value(value, 0);
  }

  private void value(@Nullable Object value, int depth) throws UnserializableException {
    switch (value) {
      case null -> ascii("null");
      case String text -> string(text);
      case Boolean truth -> ascii(truth ? "true" : "false");
      case Long number -> number(number);
      case Integer number -> number(number);
      case Double number -> number(number);
      case Float number -> number(number, number.toString());
      case Short number -> number(number);
      case Byte number -> number(number);
      case BigInteger number -> ascii(number.toString());
      case BigDecimal number -> ascii(number.toString());
      case AtomicInteger number -> number(number.get());
      case AtomicLong number -> number(number.get());
      case Character character -> string(character.toString());
      case Enum<?> constant -> string(constant.name());
      case Optional<?> optional -> value(optional.orElse(null), depth);
      default -> compound(value, depth + 1);
    }
  }

  private void compound(Object value, int depth) throws UnserializableException {
    if (depth > JsonReader.MAX_DEPTH) {
      throw new UnserializableException("the result contains itself or is nested too deeply");
    }
    switch (value) {
      case Map<?, ?> map -> {
        char before = '{';
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          put(before);
          string(key(entry.getKey()));
          put(':');
          value(entry.getValue(), depth);
          before = ',';
        }
        close(before, '{', '}');
      }
      case Iterable<?> elements -> {
        char before = '[';
        for (Object element : elements) {
          put(before);
          value(element, depth);
          before = ',';
        }
        close(before, '[', ']');
      }
      case Record data -> {
        RecordShape shape = RecordShape.of(data.getClass());
        char before = '{';
        for (int i = 0; i < shape.size(); i++) {
          put(before);
          string(shape.name(i));
          put(':');
          value(shape.get(data, i), depth);
          before = ',';
        }
        close(before, '{', '}');
      }
      default -> {
        if (!value.getClass().isArray()) {
          throw new UnserializableException(
              "the result has a "
                  + value.getClass().getName()
                  + " in it, which has no JSON form; return numbers, strings, booleans, null,"
                  + " records, enums, or lists, arrays and maps of them");
        }
        int length = Array.getLength(value);
        char before = '[';
        for (int i = 0; i < length; i++) {
          put(before);
          value(Array.get(value, i), depth);
          before = ',';
        }
        close(before, '[', ']');
      }
    }
  }

  /** Ends an object or array. Its first element, if any, has opened it. */
  private void close(char before, char open, char close) throws UnserializableException {
    if (before == open) {
      put(open);
    }
    put(close);
  }

  private static String key(@Nullable Object key) throws UnserializableException {
    return switch (key) {
      case String text -> text;
      case Enum<?> constant -> constant.name();
      case Number number -> number.toString();
      case Boolean truth -> truth.toString();
      case Character character -> character.toString();
      case null -> throw new UnserializableException("the result has a map with a null key in it");
      default ->
          throw new UnserializableException(
              "the result has a map with keys of "
                  + key.getClass().getName()
                  + " in it; JSON has only strings");
    };
  }

  private void number(double number) throws UnserializableException {
    number(number, Double.toString(number));
  }

  private void number(double number, String text) throws UnserializableException {
    if (Double.isFinite(number)) {
      ascii(text);
      return;
    }
    switch (nonFinite) {
      case NULL -> ascii("null");
      case STRING -> string(text);
      case ERROR ->
          throw new UnserializableException(
              "the result has "
                  + text
                  + " in it, which has no JSON form; return null or a string, or submit the job"
                  + " with \"nonFinite\": \"null\" or \"string\"");
    }
  }

  private void number(long number) throws UnserializableException {
    if (number < 0 || number > Integer.MAX_VALUE) {
      ascii(Long.toString(number));
      return;
    }
    int rest = (int) number;
    int digits = 1;
    for (int power = rest; power >= 10; power /= 10) {
      digits++;
    }
    reserve(digits);
    for (int i = size + digits - 1; i >= size; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    size += digits;
  }

  void string(String text) throws UnserializableException {
    int length = text.length();
    put('"');
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == '"' || c == '\\') {
        escape(c);
      } else if (c < 0x80) {
        put(c);
      } else if (c < 0x800) {
        put(0xC0 | (c >> 6));
        put(0x80 | (c & 0x3F));
      } else if (!Character.isSurrogate(c)) {
        put(0xE0 | (c >> 12));
        put(0x80 | ((c >> 6) & 0x3F));
        put(0x80 | (c & 0x3F));
      } else {
        int point = text.codePointAt(i++);
        if (point < Character.MIN_SUPPLEMENTARY_CODE_POINT) {
          throw new UnserializableException(
              "the result has a string with a lone surrogate in it, which is not Unicode text");
        }
        put(0xF0 | (point >> 18));
        put(0x80 | ((point >> 12) & 0x3F));
        put(0x80 | ((point >> 6) & 0x3F));
        put(0x80 | (point & 0x3F));
      }
    }
    put('"');
  }

  private void escape(char c) throws UnserializableException {
    put('\\');
    switch (c) {
      case '"', '\\' -> put(c);
      case '\n' -> put('n');
      case '\r' -> put('r');
      case '\t' -> put('t');
      default -> {
        ascii("u00");
        put(Character.forDigit(c >> 4, 16));
        put(Character.forDigit(c & 0xF, 16));
      }
    }
  }

  /** Writes text that needs no escapes: numbers, names, punctuation. */
  void ascii(String text) throws UnserializableException {
    int length = text.length();
    reserve(length);
    for (int i = 0; i < length; i++) {
      bytes[size + i] = (byte) text.charAt(i);
    }
    size += length;
  }

  void put(int b) throws UnserializableException {
    reserve(1);
    bytes[size++] = (byte) b;
  }

  void append(JsonWriter other) throws UnserializableException {
    reserve(other.size);
    System.arraycopy(other.bytes, 0, bytes, size, other.size);
    size += other.size;
  }

  private void reserve(int more) throws UnserializableException {
    int needed = size + more;
    if (needed > limit || needed < 0) {
      throw new UnserializableException(
          "the result is more than "
              + limit
              + " bytes of JSON; return less, or write it to a file and return its name",
          true);
    }
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(limit, Math.max(needed, 2L * bytes.length)));
    }
  }
}
