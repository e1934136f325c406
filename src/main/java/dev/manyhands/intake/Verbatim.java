package dev.manyhands.intake;

import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * A JSON value inside a request that functions see. Its numbers keep their spelling, including
 * {@code -0.0} and all digits, which no Java type preserves. Without white space.
 */
@JsonDeserialize(using = Verbatim.Reader.class)
record Verbatim(String json) {
  private static final JsonFactory FACTORY = new JsonFactory();

  boolean isObject() {
    return json.startsWith("{");
  }

  boolean isArray() {
    return json.startsWith("[");
  }

  static final class Reader extends ValueDeserializer<Verbatim> {
    @Override
    public Verbatim deserialize(JsonParser parser, DeserializationContext context) {
      var text = new StringWriter();
      try (var generator = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
        int depth = 0;
        JsonToken token = parser.currentToken();
        while (true) {
          depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
          copy(parser, token, generator);
          if (depth == 0) {
            break;
          }
          token = parser.nextToken();
        }
      }
      return new Verbatim(withoutHalves(text.toString()));
    }

    /**
     * Writes halves of surrogate pairs as escapes, because they have no UTF-8 form. They can only
     * be in strings.
     */
    private static String withoutHalves(String json) {
      if (!JobOptions.hasHalf(json)) {
        return json;
      }
      var escaped = new StringBuilder();
      json.codePoints()
          .forEach(c -> {
            if (Character.getType(c) == Character.SURROGATE) {
              escaped.append("\\u%04x".formatted(c));
            } else {
              escaped.appendCodePoint(c);
            }
          });
      return escaped.toString();
    }

    private static void copy(JsonParser parser, JsonToken token, JsonGenerator generator) {
      if (token.isNumeric()) {
        generator.writeRawValue(parser.getString());
      } else {
        generator.copyCurrentEvent(parser);
      }
    }
  }
}
