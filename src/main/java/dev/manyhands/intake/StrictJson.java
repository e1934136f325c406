package dev.manyhands.intake;

import dev.manyhands.model.Refusal;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.MutableCoercionConfig;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/**
 * Reads requests strictly: unknown fields, duplicates and numbers in quotes are refused. Each error
 * names its field.
 */
public final class StrictJson {
  private final JsonMapper mapper;

  public StrictJson(ApiLimits limits) {
    var constraints =
        StreamReadConstraints.builder()
            .maxNestingDepth(limits.json().maxDepth())
            .maxNumberLength(limits.json().maxNumberLength())
            .maxStringLength(limits.maxSpecBytes())
            .build();
    mapper =
        JsonMapper.builder(JsonFactory.builder().streamReadConstraints(constraints).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            // Numbers that are passed on to functions keep all their digits.
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .withCoercionConfig(LogicalType.Textual, StrictJson::onlyStrings)
            .build();
  }

  private static void onlyStrings(MutableCoercionConfig text) {
    for (var shape :
        List.of(CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean)) {
      text.setCoercion(shape, CoercionAction.Fail);
    }
  }

  /**
   * @param at JSON pointer of the text in the body; empty for the body itself
   * @throws Refusal if the text is no value of this type
   */
  public <T> T read(byte[] json, Class<T> type, String at) {
    try {
      T read = mapper.readValue(json, type);
      if (read == null) { // the text is null
        throw Refusal.malformed(at, "must be " + wanted(type));
      }
      return read;
    } catch (UnrecognizedPropertyException e) {
      throw Refusal.malformed(
          at + pointer(e), "there is no such field; there are: " + names(e.getKnownPropertyIds()));
    } catch (InvalidFormatException e) {
      throw Refusal.malformed(
          at + pointer(e), "must be " + wanted(e.getTargetType()) + ", not '" + e.getValue() + "'");
    } catch (MismatchedInputException e) {
      throw Refusal.malformed(at + pointer(e), "must be " + wanted(e.getTargetType()));
    } catch (InputCoercionException e) {
      throw Refusal.malformed(at + pointer(e), "must be a whole number of at most 64 bits");
    } catch (StreamConstraintsException e) {
      // The exception's message names the parser's settings, not those of this service.
      throw Refusal.malformed(
          at + pointer(e),
          "is nested too deep, or holds a name or a number that is too long"
              + " (manyhands.limits.depth, manyhands.limits.number-length)");
    } catch (JacksonException e) {
      throw Refusal.malformed(at + pointer(e), e.getOriginalMessage());
    } catch (NumberFormatException e) {
      // The parser accepts an exponent beyond 32 bits, which fails later.
      throw Refusal.malformed(at, "holds a number whose exponent is too large");
    }
  }

  private static String names(Collection<Object> fields) {
    return fields == null
        ? "none"
        : fields.stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
  }

  private static String pointer(JacksonException e) {
    var pointer = new StringBuilder();
    for (var step : e.getPath()) {
      String name =
          step.getPropertyName() == null
              ? String.valueOf(step.getIndex())
              : step.getPropertyName().replace("~", "~0").replace("/", "~1");
      pointer.append('/').append(name);
    }
    return pointer.toString();
  }

  /** Describes a value of this type, in words. */
  public static String wanted(@Nullable Class<?> type) {
    if (type == null) {
      return "something else";
    } else if (type == Integer.class
        || type == Long.class
        || type == int.class
        || type == long.class) {
      return "a whole number";
    } else if (type == Double.class) {
      return "a number";
    } else if (type == String.class) {
      return "a string";
    } else if (type == Boolean.class || type == boolean.class) {
      return "true or false";
    } else if (Collection.class.isAssignableFrom(type)) {
      return "an array";
    } else {
      return "an object";
    }
  }
}
