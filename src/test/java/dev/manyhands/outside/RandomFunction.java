package dev.manyhands.outside;

import static dev.manyhands.outside.Service.quote;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A function as a job names it, and what it makes of each item: known here without running it.
 *
 * @param definition for the field {@code function}
 * @param common for the field of that name; null for none
 * @param call for the field of that name
 * @param takesThreads whether it may run several items at a time
 * @param items its inputs with what must become of them
 * @param inputs its inputs in another form (a range, a repetition); null when there is none
 * @param options other fields of a job that decide what it makes of an item
 * @param doom the {@code stopReason} of every job with an item of this function; null for none
 */
record RandomFunction(
    String definition,
    @Nullable String common,
    String call,
    boolean takesThreads,
    List<Item> items,
    @Nullable String inputs,
    List<String> options,
    @Nullable String doom) {

  RandomFunction(
      String definition,
      @Nullable String common,
      String call,
      boolean takesThreads,
      List<Item> items,
      @Nullable String inputs) {
    this(definition, common, call, takesThreads, items, inputs, List.of(), null);
  }

  RandomFunction with(String option) {
    return new RandomFunction(
        definition, common, call, takesThreads, items, inputs, List.of(option), doom);
  }

  /** Returns this function for jobs that fail as a whole. */
  RandomFunction doomed(String stopReason) {
    return new RandomFunction(
        definition, common, call, takesThreads, items, inputs, options, stopReason);
  }

  /** An input as JSON, and what must become of it. */
  record Item(String json, Fate fate) {}

  /** The behaviour of an item over all of its attempts. */
  sealed interface Fate {
    record Returns(String json) implements Fate {}

    /** Returns values that only a run of the job, one item after the other, can reveal. */
    record Draws() implements Fate {}

    record Raises(String type) implements Fate {}

    record HasNoJson() implements Fate {}

    record Dies(String type) implements Fate {}

    /** Does not end by itself. */
    record Hangs() implements Fate {}

    /** Takes more processor time than it may. */
    record Spins() implements Fate {}

    /** Takes more memory than it may. */
    record Eats() implements Fate {}

    /** Does not end before its job does. */
    record NeverEnds() implements Fate {}

    /** Raises or dies {@code failures} times, then returns. */
    record Recovers(boolean dies, int failures, String json) implements Fate {}
  }

  static RandomFunction some(RandomGenerator random, int most, Path scratch) {
    int count = random.nextInt(8) == 0 ? 0 : 1 + (int) Math.pow(most, random.nextDouble());
    return switch (random.nextInt(19)) {
      case 0 -> echo(random, count);
      case 1 -> scaled(random, count);
      case 2 -> spread(random, count);
      case 3 -> tenths(random, count);
      case 4 -> reversedText(random, count);
      case 5, 6 -> Mischief.function(random, count, scratch);
      case 7 -> gcd(random, count);
      case 8 -> checkPrime(random, count);
      case 9 -> random.nextBoolean() ? sumOfSquares(random, count) : divisors(random, count);
      case 10 -> RandomCommands.lines(random, count);
      case 11 -> nonFinite(random, count);
      case 12 -> RandomCommands.text(random, count);
      case 13 -> PythonValues.function(random, count);
      case 14 -> Prepared.function(random, count);
      case 15 -> Limited.function(random, count);
      case 16 -> Sharing.function(count);
      default -> draws(random, count);
    };
  }

  boolean isCommand() {
    return definition.startsWith("{\"runtime\": \"command\"");
  }

  /** Whether its items use shared objects. */
  boolean isSharing() {
    return options.contains(Sharing.OPTION);
  }

  boolean has(Class<? extends Fate> fate) {
    return items.stream().anyMatch(item -> fate.isInstance(item.fate()));
  }

  /** Returns at most {@code most} items that are tried more than once. */
  List<Long> someThatRecover(int most) {
    return LongStream.range(0, items.size())
        .filter(index -> items.get((int) index).fate() instanceof Fate.Recovers)
        .limit(most)
        .boxed()
        .toList();
  }

  // ---- Python

  /** Anything comes back as it went. */
  private static RandomFunction echo(RandomGenerator random, int count) {
    var items = new ArrayList<Item>();
    if (random.nextInt(4) == 0) {
      String value = RandomJson.anything(random, 3);
      for (int i = 0; i < count; i++) {
        items.add(new Item(value, new Fate.Returns(value)));
      }
      String repeat = "{\"repeat\": {\"value\": %s, \"times\": %d}}".formatted(value, count);
      return python(random, "def f(x): return x", null, "map", items, repeat);
    }
    for (int i = 0; i < count; i++) {
      String value = RandomJson.anything(random, 3);
      items.add(new Item(value, new Fate.Returns(value)));
    }
    return python(random, "def f(x):\n    return x", null, "map", items, null);
  }

  private static RandomFunction scaled(RandomGenerator random, int count) {
    BigInteger k = BigInteger.valueOf(random.nextInt(-5, 6)).pow(random.nextInt(1, 30));
    BigInteger b = BigInteger.valueOf(random.nextInt(-100, 100));
    boolean named = random.nextBoolean();
    String code =
        named
            ? "def f(x, k, b):\n    return x * k + b"
            : "def f(x, k=%s, b=%s): return x * k + b".formatted(k, b);
    String common = named ? "{\"k\": %s, \"b\": %s}".formatted(k, b) : null;
    long start = random.nextInt(-1000, 1000);
    long step = random.nextInt(1, 5) * (random.nextBoolean() ? 1 : -1);
    var items = new ArrayList<Item>();
    for (int i = 0; i < count; i++) {
      BigInteger x = BigInteger.valueOf(start + i * step);
      items.add(new Item(x.toString(), new Fate.Returns(x.multiply(k).add(b).toString())));
    }
    String range = range(start, start + count * step, step);
    return python(random, code, common, "map", items, range);
  }

  /** Arrays and objects become parameters. */
  private static RandomFunction spread(RandomGenerator random, int count) {
    int c = random.nextInt(-9, 10);
    boolean common = random.nextBoolean();
    String code = "def f(a, b, c=%d):\n    return [a - b, c] if c == 3 else a - b + c".formatted(c);
    int byDefault = common ? random.nextInt(-9, 10) : c;
    var items = new ArrayList<Item>();
    for (int i = 0; i < count; i++) {
      long a = random.nextInt(100);
      long b = random.nextInt(100);
      int given = random.nextInt(5);
      switch (random.nextInt(5)) {
        case 0 -> items.add(new Item(Long.toString(a), new Fate.Raises("TypeError")));
        case 1 ->
            items.add(
                new Item(
                    "{\"b\": %d, \"c\": %d, \"a\": %d}".formatted(b, given, a), sum(a, b, given)));
        case 2 -> items.add(new Item("[%d]".formatted(a), new Fate.Raises("TypeError")));
        case 3 -> items.add(new Item("{\"a\":%d,\"b\":%d}".formatted(a, b), sum(a, b, byDefault)));
        default -> items.add(new Item("[%d, %d]".formatted(a, b), sum(a, b, byDefault)));
      }
    }
    String commonJson = common ? "{\"c\": " + byDefault + "}" : null;
    return python(random, code, commonJson, "starmap", items, null);
  }

  private static Fate sum(long a, long b, long c) {
    return new Fate.Returns(c == 3 ? "[" + (a - b) + ",3]" : Long.toString(a - b + c));
  }

  private static RandomFunction tenths(RandomGenerator random, int count) {
    int step = random.nextInt(1, 1000);
    var items = new ArrayList<Item>();
    for (int i = 0; i < count; i++) {
      long x = (long) i * step;
      items.add(new Item(Long.toString(x), new Fate.Returns(Double.toString(x * 0.1))));
    }
    String range = range(0, (long) count * step, step);
    return python(random, "def f(x): return x * 0.1", null, "map", items, range);
  }

  /** NaN and infinity, alone and within a value. */
  private static RandomFunction nonFinite(RandomGenerator random, int count) {
    String written = List.of("error", "null", "string").get(random.nextInt(3));
    var texts = List.of("2.5", "-0.5", "nan", "inf", "-inf", "1e400");
    var items = new ArrayList<Item>();
    for (int i = 0; i < count; i++) {
      String text = texts.get(random.nextInt(random.nextInt(3) == 0 ? 6 : 2));
      boolean within = random.nextInt(4) == 0;
      String value =
          switch (text) {
            case "nan" -> inPlaceOf("NaN", written);
            case "-inf" -> inPlaceOf("-Infinity", written);
            case "inf", "1e400" -> inPlaceOf("Infinity", written);
            default -> text;
          };
      Fate fate =
          value.isEmpty()
              ? new Fate.HasNoJson()
              : new Fate.Returns(within ? "{\"a\": [1, %s]}".formatted(value) : value);
      items.add(new Item("[\"%s\", %s]".formatted(text, within), fate));
    }
    String code = "def f(x):\n    y = float(x[0])\n    return {'a': [1, y]} if x[1] else y";
    var function = python(random, code, null, "map", items, null);
    boolean byDefault = written.equals("error") && random.nextBoolean();
    return byDefault ? function : function.with("\"nonFinite\": " + quote(written));
  }

  /** Returns the JSON in the place of a number that JSON lacks; empty if its item fails. */
  private static String inPlaceOf(String number, String written) {
    return switch (written) {
      case "null" -> "null";
      case "string" -> quote(number);
      default -> "";
    };
  }

  private static RandomFunction reversedText(RandomGenerator random, int count) {
    var items = new ArrayList<Item>();
    for (int i = 0; i < count; i++) {
      String text = RandomJson.characters(random) + i;
      String reversed = quote(new StringBuilder(text).reverse().toString());
      long length = text.codePointCount(0, text.length());
      String value = "{\"é\":%s,\"length\":%d}".formatted(reversed, length);
      items.add(new Item(quote(text), new Fate.Returns(value)));
    }
    String code = "def f(s):\n    return {'é': s[::-1], 'length': len(s)}";
    return python(random, code, null, "map", items, null);
  }

  /** Random numbers, the item's own when the job has a seed. */
  private static RandomFunction draws(RandomGenerator random, int count) {
    boolean java = random.nextInt(4) == 0;
    // Estimates from 1000 samples have some eighty different results. Far fewer results would
    // reveal a shared random stream.
    String value = java ? "1000" : "0.5";
    var items = new ArrayList<Item>();
    for (int i = 0; i < count; i++) {
      items.add(new Item(value, new Fate.Draws()));
    }
    String repeat = "{\"repeat\": {\"value\": %s, \"times\": %d}}".formatted(value, count);
    String code = "import manyhands\ndef f(x): return manyhands.rng().random() + x";
    return java
        ? new RandomFunction("\"estimate_pi\"", null, "map", true, items, repeat)
        : python(random, code, null, "map", items, repeat);
  }

  // ---- Java

  private static RandomFunction gcd(RandomGenerator random, int count) {
    var items = new ArrayList<Item>();
    for (int i = 0; i < count; i++) {
      long a = random.nextInt(20) == 0 ? 0 : random.nextInt(1, 5000);
      long b = random.nextInt(1, 5000);
      Fate fate =
          a == 0
              ? new Fate.Raises("java.lang.IllegalArgumentException")
              : new Fate.Returns(BigInteger.valueOf(a).gcd(BigInteger.valueOf(b)).toString());
      items.add(new Item("[%d,%d]".formatted(a, b), fate));
    }
    return new RandomFunction("\"gcd\"", null, "map", true, items, null);
  }

  private static RandomFunction checkPrime(RandomGenerator random, int count) {
    long start = random.nextInt(-10, 1_000_000);
    var items = new ArrayList<Item>();
    for (int i = 0; i < count; i++) {
      long n = start + i;
      boolean prime = n > 1 && BigInteger.valueOf(n).isProbablePrime(60);
      items.add(new Item(Long.toString(n), new Fate.Returns(Boolean.toString(prime))));
    }
    return new RandomFunction(
        "\"check_prime\"", null, "map", true, items, range(start, start + count, 1));
  }

  private static RandomFunction sumOfSquares(RandomGenerator random, int count) {
    var items = new ArrayList<Item>();
    for (int i = 0; i < count; i++) {
      long n = random.nextInt(10) == 0 ? -1 : random.nextInt(10_000);
      BigInteger big = BigInteger.valueOf(n);
      BigInteger sum =
          big.subtract(BigInteger.ONE)
              .multiply(big)
              .multiply(big.shiftLeft(1).subtract(BigInteger.ONE))
              .divide(BigInteger.valueOf(6));
      items.add(
          new Item(
              Long.toString(n),
              n < 0
                  ? new Fate.Raises("java.lang.IllegalArgumentException")
                  : new Fate.Returns(sum.toString())));
    }
    return new RandomFunction("\"sum_of_squares\"", null, "map", true, items, null);
  }

  private static RandomFunction divisors(RandomGenerator random, int count) {
    long n = random.nextInt(1_000_000, 2_000_000_000);
    var items = new ArrayList<Item>();
    for (int i = 0; i < count; i++) {
      long start = 2 + 100L * i;
      String least = "null";
      for (long d = start + 99; d >= start; d--) {
        least = n % d == 0 && d * d <= n ? Long.toString(d) : least;
      }
      items.add(new Item(Long.toString(start), new Fate.Returns(least)));
    }
    String common = "{\"n\": %d, \"size\": 100}".formatted(n);
    String range = range(2, 2 + 100L * count, 100);
    return new RandomFunction("\"check_prime_range\"", common, "map", true, items, range);
  }

  private static RandomFunction python(
      RandomGenerator random,
      String code,
      @Nullable String common,
      String call,
      List<Item> items,
      @Nullable String inputs) {
    // Now and then some work, so that chunks meet, are queued and move.
    String slow =
        random.nextInt(4) == 0
            ? "import time\n" + code.replace("return ", "return time.sleep(0.0005) or ")
            : code;
    boolean isOneReturn = code.indexOf("return ") == code.lastIndexOf("return ");
    return new RandomFunction(
        definition(isOneReturn ? slow : code), common, call, true, items, inputs);
  }

  static String definition(String code) {
    return "{\"runtime\": \"python\", \"code\": %s, \"entry\": \"f\"}".formatted(quote(code));
  }

  private static @Nullable String range(long start, long stop, long step) {
    return "{\"range\": {\"start\": %d, \"stop\": %d, \"step\": %d}}".formatted(start, stop, step);
  }
}
