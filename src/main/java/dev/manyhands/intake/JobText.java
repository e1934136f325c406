package dev.manyhands.intake;

import dev.manyhands.model.Refusal;
import dev.manyhands.model.json.JsonException;
import dev.manyhands.model.json.JsonLimits;
import dev.manyhands.model.json.JsonScanner;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object cut into its fields, each as it was written. A function therefore sees the client's
 * own bytes, even if its job was posted inside another object.
 *
 * @param fields raw JSON by name
 * @param listed how many items {@code inputs} has if it is an array; null if it is not
 */
public record JobText(Map<String, String> fields, @Nullable Long listed) {

  /**
   * Takes the object that is the whole body.
   *
   * @throws Refusal if the body is anything else, or if the object has a field twice
   */
  static JobText whole(byte[] body, JsonLimits limits) {
    var scanner = new JsonScanner(body, limits);
    try {
      JobText object = take(scanner, "");
      scanner.expectEnd();
      return object;
    } catch (JsonException e) {
      throw JobBodyReader.refusal(e, "");
    }
  }

  /**
   * Takes the object at the position of the scanner.
   *
   * @param at JSON pointer of the object in the body
   * @throws Refusal if there is none, if it is broken, or if it has a field twice
   */
  static JobText take(JsonScanner scanner, String at) {
    var fields = new LinkedHashMap<String, String>();
    Long listed = null;
    var members = new ObjectMembers(scanner, at);
    try {
      if (!scanner.take('{')) {
        throw Refusal.malformed(at, "must be an object");
      }
      for (String name = members.next(); name != null; name = members.next()) {
        if (name.indexOf('\\') >= 0) {
          // An escaped spelling of a known field would count as another field, and the field could
          // be given twice.
          throw Refusal.malformed(members.pointer(), "there is no such field");
        }
        boolean items = name.equals("inputs") && scanner.peek() == '[';
        int start = scanner.position();
        if (items) {
          listed = items(scanner, members.pointer());
        } else {
          start = scanner.valueOfAnySize();
        }
        fields.put(name, text(scanner, start));
      }
    } catch (JsonException e) {
      throw JobBodyReader.refusal(e, members.pointer());
    }
    return new JobText(fields, listed);
  }

  /**
   * Counts the items one by one, so that the limits of an item hold for each and an error names the
   * item.
   */
  private static long items(JsonScanner scanner, String at) {
    long count = 0;
    try {
      scanner.expect('[');
      if (!scanner.take(']')) {
        do {
          scanner.value();
          count++;
        } while (scanner.take(','));
        scanner.expect(']');
      }
      return count;
    } catch (JsonException e) {
      throw JobBodyReader.refusal(e, at + "/" + count);
    }
  }

  private static String text(JsonScanner scanner, int start) {
    return new String(scanner.buffer(), start, scanner.position() - start, StandardCharsets.UTF_8);
  }

  /** Returns an object with these fields. */
  static String object(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(field -> "\"" + field.getKey() + "\":" + field.getValue())
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** Returns an object with the fields of both objects. */
  public static byte[] joined(String one, String other) {
    String inner = one.substring(1, one.length() - 1);
    String comma = inner.isEmpty() || other.equals("{}") ? "" : ",";
    return ("{" + inner + comma + other.substring(1)).getBytes(StandardCharsets.UTF_8);
  }
}
