package dev.manyhands.intake;

import dev.manyhands.model.Refusal;
import dev.manyhands.model.json.JsonException;
import dev.manyhands.model.json.JsonScanner;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the members of a JSON object whose opening brace was taken. The caller takes each
 * value from the scanner. Used once, by one thread.
 */
final class ObjectMembers {
  private final JsonScanner scanner;
  private final String at;
  private final Set<String> seen = new HashSet<>();

  /** The member that the walk has reached; null before the first. */
  private @Nullable String name;

  /**
   * @param at JSON pointer of the object in the body
   */
  ObjectMembers(JsonScanner scanner, String at) {
    this.scanner = scanner;
    this.at = at;
  }

  /**
   * Moves to the value of the next member.
   *
   * @return the name as it was written, with its escapes; null behind the last member
   * @throws Refusal if the object has the name twice
   * @throws JsonException if the object is broken
   */
  @Nullable String next() {
    if (!hasNext()) {
      return null;
    }
    if (scanner.peek() != '"') {
      scanner.expect('"');
    }
    int start = scanner.valueOfAnySize() + 1;
    int end = scanner.position() - 1;
    String next = new String(scanner.buffer(), start, end - start, StandardCharsets.UTF_8);
    name = next;
    if (!seen.add(next)) {
      throw Refusal.malformed(pointer(), "stands there twice");
    }
    scanner.expect(':');
    return next;
  }

  private boolean hasNext() {
    if (seen.isEmpty()) {
      return !scanner.take('}');
    }
    if (scanner.take(',')) {
      return true;
    }
    scanner.expect('}');
    return false;
  }

  /** Returns the JSON pointer of the member that the walk has reached, or of the object. */
  String pointer() {
    return name == null ? at : at + "/" + name;
  }
}
