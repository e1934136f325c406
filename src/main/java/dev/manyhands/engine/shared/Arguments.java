package dev.manyhands.engine.shared;

import dev.manyhands.model.SharedObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * The arguments of a call, read as an operation needs them.
 *
 * @param values valid JSON values
 */
record Arguments(List<byte[]> values) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MOST_KEY_BYTES = SharedObject.MOST_KEY_BYTES;

  int count() {
    return values.size();
  }

  /** Checks the number of the arguments. */
  Arguments expect(int count) {
    if (values.size() != count) {
      throw SharedFault.type("takes " + count + " arguments, not " + values.size());
    }
    return this;
  }

  byte[] value(int i) {
    return values.get(i);
  }

  /** Returns the canonical text of a key: two keys are equal if their texts are. */
  String key(int i) {
    byte[] json = values.get(i);
    if (json.length > MOST_KEY_BYTES) {
      throw SharedFault.type(
          "a key may have at most " + MOST_KEY_BYTES + " bytes; use a digest of it");
    }
    return key(json);
  }

  /** Returns the canonical text of a key, of any length. */
  static String key(byte[] json) {
    String text = new String(json, StandardCharsets.UTF_8);
    if (text.startsWith("\"")) {
      // Most keys need no escapes. Others have several forms, of which one is chosen.
      return text.indexOf('\\') < 0 ? text : canonical(text);
    }
    boolean isInteger = text.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'));
    if (!isInteger) {
      throw SharedFault.type("a key must be text or an integer");
    }
    return text.equals("-0") ? "0" : text;
  }

  /** Escapes halves of surrogate pairs, which have no UTF-8 form, and only what else must be. */
  private static String canonical(String text) {
    String shortest = JSON.writeValueAsString(JSON.readValue(text, String.class));
    var escaped = new StringBuilder();
    shortest
        .codePoints()
        .forEach(c -> {
          if (Character.getType(c) == Character.SURROGATE) {
            escaped.append("\\u%04x".formatted(c));
          } else {
            escaped.appendCodePoint(c);
          }
        });
    return escaped.toString();
  }

  /** Returns an integer, with its sign. Integers beyond 64 bits become the nearest of 64 bits. */
  long integer(int i) {
    String text = new String(values.get(i), StandardCharsets.US_ASCII);
    if (text.length() > 1_000 || !text.matches("-?[0-9]+")) {
      throw SharedFault.type("an index must be an integer");
    }
    var number = new BigInteger(text);
    if (number.bitLength() < Long.SIZE) {
      return number.longValue();
    }
    return number.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
  }
}
