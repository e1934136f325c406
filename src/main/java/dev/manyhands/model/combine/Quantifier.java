package dev.manyhands.model.combine;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Decides whether any result is truthy, or all are, or finds a truthy result with its index. Among
 * several deciding results, the result with the lowest index decides. A partial has this index
 * after the count and, for {@code find}, the result itself. Without a deciding result, the partial
 * ends after the count.
 */
final class Quantifier extends Combiner {
  enum Kind {
    ANY,
    ALL,
    FIND
  }

  private static final long NONE = Long.MAX_VALUE;

  private final Kind kind;
  private long decidedBy = NONE;
  private String value = "";

  Quantifier(Kind kind) {
    this.kind = kind;
  }

  @Override
  void take(long index, byte[] json, int from, int to) {
    boolean decides = Truth.isTruthy(json, from, to) != (kind == Kind.ALL);
    if (decides && index < decidedBy) {
      decidedBy = index;
      if (kind == Kind.FIND) {
        value = new String(json, from, to - from, StandardCharsets.UTF_8);
      }
    }
  }

  @Override
  String rest() {
    if (decidedBy == NONE) {
      return "";
    }
    return kind == Kind.FIND ? decidedBy + "," + value : Long.toString(decidedBy);
  }

  @Override
  void takePartial(String rest) {
    if (rest.isEmpty()) {
      return;
    }
    int comma = kind == Kind.FIND ? rest.indexOf(',') : rest.length();
    if (comma < 0) {
      throw new IllegalArgumentException(
          "not the partial of " + kind.name().toLowerCase(Locale.ROOT) + ": " + excerpt(rest));
    }
    long index = Long.parseLong(rest.substring(0, comma).strip());
    if (index < decidedBy) {
      decidedBy = index;
      value = comma < rest.length() ? rest.substring(comma + 1).strip() : "";
    }
  }

  @Override
  public String result() {
    return switch (kind) {
      case ANY -> Boolean.toString(decidedBy != NONE);
      case ALL -> Boolean.toString(decidedBy == NONE);
      case FIND ->
          decidedBy == NONE ? "null" : "{\"index\":" + decidedBy + ",\"value\":" + value + "}";
    };
  }
}
