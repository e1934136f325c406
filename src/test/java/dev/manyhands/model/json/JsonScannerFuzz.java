package dev.manyhands.model.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The scanner accepts exactly the texts that a parser accepts, within the limits. */
public final class JsonScannerFuzz {
  private static final JsonLimits LIMITS = new JsonLimits(60, 1_000, 1 << 20);
  static final JsonMapper JACKSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(10_000)
                          .maxNumberLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonScannerFuzz() {}

  public static void fuzzerTestOneInput(byte[] text) {
    boolean accepted;
    try {
      var scanner = new JsonScanner(text, LIMITS);
      scanner.value();
      scanner.expectEnd();
      accepted = true;
    } catch (JsonException e) {
      if (e.problem() != JsonException.Problem.SYNTAX) {
        return;
      }
      accepted = false;
    }
    if (accepted != jacksonAccepts(text)) {
      throw new AssertionError(
          (accepted ? "only the scanner accepts " : "only the parser accepts ")
              + new String(text, StandardCharsets.ISO_8859_1));
    }
  }

  /** As UTF-8 and nothing else: given bytes, the parser would guess. */
  private static boolean jacksonAccepts(byte[] text) {
    try {
      String decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
      return !JACKSON.readTree(decoded).isMissingNode();
    } catch (CharacterCodingException | JacksonException e) {
      return false;
    }
  }
}
