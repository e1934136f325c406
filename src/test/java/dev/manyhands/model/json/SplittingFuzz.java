package dev.manyhands.model.json;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Values that are cut out of a text are the values that a parser finds in it. */
public final class SplittingFuzz {
  private static final JsonLimits LIMITS = new JsonLimits(60, 1_000, 1 << 20);

  private SplittingFuzz() {}

  public static void fuzzerTestOneInput(byte[] text) {
    List<byte[]> whole;
    try {
      whole = cut(new JsonScanner(text, LIMITS));
    } catch (JsonException e) {
      // Text in pieces must be refused for the problem of the whole text.
      try {
        cut(inPieces(text));
      } catch (JsonException again) {
        check(again.problem() == e.problem(), again + " in pieces, and whole " + e);
        return;
      }
      throw new AssertionError("only in pieces it is accepted", e);
    }
    List<byte[]> pieces = cut(inPieces(text));
    check(whole.size() == pieces.size(), "other values in pieces");
    var joined = new StringBuilder();
    for (int i = 0; i < whole.size(); i++) {
      check(Arrays.equals(whole.get(i), pieces.get(i)), "other values in pieces");
      joined.append(i > 0 ? "," : "").append(new String(whole.get(i), StandardCharsets.UTF_8));
    }
    JsonNode array = JsonScannerFuzz.JACKSON.readTree("[" + joined + "]");
    check(array.size() == whole.size(), "a parser finds other values");
    if (whole.isEmpty()) {
      return;
    }
    byte[] bytes = joined.toString().getBytes(StandardCharsets.UTF_8);
    var values = JoinedValues.of(bytes, whole.size(), LIMITS);
    for (int i = 0; i < whole.size(); i++) {
      check(Arrays.equals(values.slice(i, i + 1), whole.get(i)), "a wrong slice");
    }
    byte[] from = ("[" + joined + "]").getBytes(StandardCharsets.UTF_8);
    byte[] back = JoinedValues.fromArray(from, 0, whole.size(), LIMITS);
    check(Arrays.equals(back, bytes), "another array");
  }

  /** As lines of items are cut. */
  private static List<byte[]> cut(JsonScanner scanner) {
    var values = new ArrayList<byte[]>();
    while (scanner.peek() != -1) {
      int start = scanner.value();
      values.add(Arrays.copyOfRange(scanner.buffer(), start, scanner.position()));
    }
    return values;
  }

  private static JsonScanner inPieces(byte[] text) {
    var in =
        new ByteArrayInputStream(text) {
          @Override
          public synchronized int read(byte[] buffer, int offset, int length) {
            return super.read(buffer, offset, Math.min(length, 1 + pos % 7));
          }
        };
    return new JsonScanner(in, LIMITS);
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
