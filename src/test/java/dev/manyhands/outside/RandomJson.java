package dev.manyhands.outside;

import static dev.manyhands.outside.Service.quote;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.random.RandomGenerator;

/** JSON of every kind, with what is easily got wrong more often than chance would have it. */
final class RandomJson {
  private static final String[] TEXTS = {
    "",
    "a",
    "naïve",
    "日本語",
    "🙂🙃",
    "a\"b\\c/d",
    "tab\tline\nend\r",
    "\u0001\u007f\u2028",
    "0",
    "null",
    "[,]{}"
  };

  private RandomJson() {}

  /** Returns a value with at most {@code depth} levels of nesting. */
  static String anything(RandomGenerator random, int depth) {
    return switch (random.nextInt(depth > 0 ? 9 : 7)) {
      case 0 -> "null";
      case 1 -> Boolean.toString(random.nextBoolean());
      case 2 -> Integer.toString(random.nextInt(-3, 4));
      case 3 ->
          new BigInteger(random.nextInt(1, 200), new java.util.Random(random.nextLong()))
              .toString();
      case 4 -> floating(random);
      case 5, 6 -> text(random);
      case 7 -> {
        var elements = new ArrayList<String>();
        for (int i = random.nextInt(4); i > 0; i--) {
          elements.add(anything(random, depth - 1));
        }
        yield "[" + String.join(",", elements) + "]";
      }
      default -> {
        var members = new ArrayList<String>();
        for (int i = random.nextInt(4); i > 0; i--) {
          members.add(quote("k" + i + text(random).length()) + ":" + anything(random, depth - 1));
        }
        yield "{" + String.join(",", members) + "}";
      }
    };
  }

  /**
   * Returns numbers of very different sizes, so that adding them in another order gives another
   * sum.
   */
  private static String floating(RandomGenerator random) {
    return switch (random.nextInt(6)) {
      case 0 -> "0.0";
      case 1 -> "-0.0";
      case 2 -> Double.toString(random.nextInt(-5, 6) / 2.0);
      default -> Double.toString(random.nextDouble(-1, 1) * Math.pow(10, random.nextInt(-20, 21)));
    };
  }

  private static String text(RandomGenerator random) {
    return quote(characters(random) + characters(random));
  }

  /** Some characters, as they are. */
  static String characters(RandomGenerator random) {
    return TEXTS[random.nextInt(TEXTS.length)];
  }
}
