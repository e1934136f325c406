package dev.manyhands.harness;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Converts an item's JSON to the type that a function declares. Never guesses, and rounds only for
 * {@code double} and {@code float}.
 */
final class Argument {
  private static final int MAX_DIGITS = 10_000;

  private Argument() {}

  /**
   * @param json a value of {@link JsonReader}
   * @throws IllegalArgumentException if the value does not fit the type; the message is for the
   *     user
   */
  static @Nullable Object convert(@Nullable Object json, Type type) {
    return switch (type) {
      case Class<?> plain -> toClass(json, plain);
      case ParameterizedType generic -> toGeneric(json, generic);
      case GenericArrayType array -> toArray(json, array.getGenericComponentType());
      case WildcardType wildcard -> convert(json, wildcard.getUpperBounds()[0]);
      default -> json; // a type variable, which the function sees as Object
    };
  }

  private static @Nullable Object toClass(@Nullable Object json, Class<?> type) {
    if (json == null) {
      if (type.isPrimitive()) {
        throw mismatch(null, type);
      }
      return type == Optional.class ? Optional.empty() : null;
    }
    if (type == Object.class || (type.isInstance(json) && type != Number.class)) {
      return json;
    }
    if (json instanceof Number number) {
      Object converted = toNumber(number, type);
      if (converted != null) {
        return converted;
      }
    } else if (json instanceof Boolean && type == boolean.class) {
      return json;
    } else if (json instanceof String text) {
      if (type.isEnum()) {
        return toEnum(text, type);
      }
      if ((type == char.class || type == Character.class) && text.length() == 1) {
        return text.charAt(0);
      }
    }
    if (type.isArray()) {
      return toArray(json, type.getComponentType());
    }
    if (type.isRecord()) {
      return toRecord(json, type);
    }
    if (type == Collection.class || type == Iterable.class) {
      return elements(json, type);
    }
    throw mismatch(json, type);
  }

  /** Converts to a numeric type; null if the type is not numeric. */
  private static @Nullable Object toNumber(Number number, Class<?> type) {
    try {
      if (type == double.class || type == Double.class) {
        return finite(number.doubleValue());
      }
      if (type == float.class || type == Float.class) {
        return (float) finite(number.floatValue());
      }
      if (type == Number.class) {
        return number;
      }
      if (type == BigDecimal.class) {
        return number instanceof Double value
            ? BigDecimal.valueOf(value)
            : new BigDecimal(number.toString());
      }
      if (type == BigInteger.class) {
        return integer(number);
      }
      if (type == long.class || type == Long.class) {
        return number instanceof Long ? number : (Object) integer(number).longValueExact();
      }
      if (type == int.class || type == Integer.class) {
        return integer(number).intValueExact();
      }
      if (type == short.class || type == Short.class) {
        return integer(number).shortValueExact();
      }
      if (type == byte.class || type == Byte.class) {
        return integer(number).byteValueExact();
      }
      return null;
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(number + " is not a value of " + type.getSimpleName(), e);
    }
  }

  private static double finite(double value) {
    if (Double.isInfinite(value)) {
      throw new ArithmeticException("it is too large");
    }
    return value;
  }

  /** Converts to an integer. 3.0 and 3e0 are integers too. */
  private static BigInteger integer(Number number) {
    return switch (number) {
      case Long value -> BigInteger.valueOf(value);
      case BigInteger value -> value;
      case Double value -> BigDecimal.valueOf(value).toBigIntegerExact();
      default -> integer(new BigDecimal(number.toString()));
    };
  }

  /**
   * Converts to an integer of at most {@link #MAX_DIGITS} digits. 1e999999 has few bytes, but as an
   * integer it would fill a megabyte or more. The divisor for 1e-999999 would be as large.
   */
  private static BigInteger integer(BigDecimal number) {
    if (number.signum() == 0) {
      return BigInteger.ZERO;
    }
    if (number.scale() > number.precision()) {
      throw new ArithmeticException("it is less than one");
    }
    if ((long) number.precision() - number.scale() > MAX_DIGITS) {
      throw new ArithmeticException("it has more than " + MAX_DIGITS + " digits");
    }
    return number.toBigIntegerExact();
  }

  private static Object toEnum(String name, Class<?> type) {
    Object[] constants = type.getEnumConstants();
    for (Object constant : constants) {
      if (((Enum<?>) constant).name().equals(name)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        "'" + name + "' is none of " + Arrays.toString(constants) + " of " + type.getSimpleName());
  }

  private static @Nullable Object toGeneric(@Nullable Object json, ParameterizedType type) {
    Class<?> raw = (Class<?>) type.getRawType();
    Type[] arguments = type.getActualTypeArguments();
    if (raw == Optional.class) {
      return Optional.ofNullable(convert(json, arguments[0]));
    }
    if (json == null) {
      return null;
    }
    if (raw == List.class || raw == Collection.class || raw == Iterable.class) {
      List<?> elements = elements(json, raw);
      List<@Nullable Object> converted = new ArrayList<>(elements.size());
      for (int i = 0; i < elements.size(); i++) {
        converted.add(element(elements.get(i), arguments[0], i));
      }
      return converted;
    }
    if (raw == Map.class && json instanceof Map<?, ?> members) {
      if (arguments[0] != String.class && arguments[0] != Object.class) {
        throw new IllegalArgumentException("only maps with String keys can be made from JSON");
      }
      Map<Object, @Nullable Object> converted = new LinkedHashMap<>();
      for (Map.Entry<?, ?> member : members.entrySet()) {
        converted.put(
            member.getKey(), member(member.getValue(), arguments[1], "" + member.getKey()));
      }
      return converted;
    }
    return toClass(json, raw);
  }

  private static @Nullable Object toArray(@Nullable Object json, Type elementType) {
    if (json == null) {
      return null;
    }
    Class<?> raw = raw(elementType);
    List<?> elements = elements(json, raw.arrayType());
    Object array = Array.newInstance(raw, elements.size());
    for (int i = 0; i < elements.size(); i++) {
      Array.set(array, i, element(elements.get(i), elementType, i));
    }
    return array;
  }

  private static Class<?> raw(Type type) {
    return switch (type) {
      case Class<?> plain -> plain;
      case ParameterizedType generic -> (Class<?>) generic.getRawType();
      case GenericArrayType array -> raw(array.getGenericComponentType()).arrayType();
      default -> Object.class;
    };
  }

  private static List<?> elements(Object json, Class<?> wanted) {
    if (json instanceof List<?> elements) {
      return elements;
    }
    throw mismatch(json, wanted);
  }

  private static Object toRecord(Object json, Class<?> type) {
    RecordShape shape = RecordShape.of(type);
    @Nullable Object[] values = new @Nullable Object[shape.size()];
    if (json instanceof List<?> elements) {
      if (elements.size() != values.length) {
        throw new IllegalArgumentException(
            type.getSimpleName()
                + " has "
                + values.length
                + " components and the array "
                + elements.size()
                + " elements");
      }
      for (int i = 0; i < values.length; i++) {
        values[i] = element(elements.get(i), shape.type(i), i);
      }
    } else if (json instanceof Map<?, ?> members) {
      int known = 0;
      for (int i = 0; i < values.length; i++) {
        String name = shape.name(i);
        known += members.containsKey(name) ? 1 : 0;
        values[i] = member(members.get(name), shape.type(i), name);
      }
      if (known < members.size()) {
        throw unknownMember(members, shape, type);
      }
    } else {
      throw mismatch(json, type);
    }
    return shape.create(values);
  }

  private static IllegalArgumentException unknownMember(
      Map<?, ?> members, RecordShape shape, Class<?> type) {
    List<Object> unknown = new ArrayList<>(members.keySet());
    List<String> names = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      names.add(shape.name(i));
    }
    unknown.removeAll(names);
    return new IllegalArgumentException(
        type.getSimpleName() + " has no " + unknown + "; it has " + names);
  }

  private static @Nullable Object element(@Nullable Object json, Type type, int index) {
    try {
      return convert(json, type);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("element " + index + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable Object member(@Nullable Object json, Type type, String name) {
    try {
      return convert(json, type);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + name + "': " + e.getMessage(), e);
    }
  }

  private static IllegalArgumentException mismatch(@Nullable Object json, Class<?> wanted) {
    String name =
        switch (json) {
          case null -> "null";
          case String text -> "a string";
          case Boolean truth -> "a boolean";
          case Number number -> "the number " + number;
          case List<?> elements -> "an array";
          default -> "an object";
        };
    String type = wanted.getSimpleName();
    String article = "aeioAEIO".indexOf(type.charAt(0)) < 0 ? " is not a " : " is not an ";
    return new IllegalArgumentException(name + article + type);
  }
}
