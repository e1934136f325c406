package dev.manyhands.outside;

import static dev.manyhands.outside.Service.quote;

import dev.manyhands.outside.Oracle.Attempts;
import dev.manyhands.outside.Oracle.Rules;
import dev.manyhands.outside.RandomFunction.Fate;
import dev.manyhands.outside.RandomFunction.Item;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A job made from a number; equal numbers make equal jobs.
 *
 * @param options its fields but {@code inputs}, as JSON members
 * @param rules what its options mean for its outcome
 * @param chunk how many items each of its chunks is to have; null where the service decides
 */
record RandomJob(
    long seed,
    RandomFunction function,
    List<String> options,
    Rules rules,
    @Nullable Integer chunk,
    Handling handling) {

  private static final int MOST_ITEMS = 3_000;

  /** Attempts for each item where any attempt may be lost through no fault of its own. */
  private static final int HARDENED = 5;

  /** Far beyond what any item takes that does not hang, also on a busy machine. */
  private static final double ITEM_TIMEOUT = 0.8;

  private static final double CPU_TIMEOUT = 0.5;
  private static final double JOB_TIMEOUT = 0.7;

  static RandomJob of(long seed, Path scratch) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    var function = RandomFunction.some(random, random.nextInt(3) == 0 ? 30 : MOST_ITEMS, scratch);
    return of(seed, random, function);
  }

  /** A job over this function, with random options. */
  static RandomJob of(long seed, RandomGenerator random, RandomFunction function) {
    var handling = Handling.some(random, function);
    var options = new ArrayList<String>();
    options.add("\"function\": " + function.definition());
    if (random.nextBoolean() || function.call().equals("starmap")) {
      options.add("\"call\": " + quote(function.call()));
    }
    if (function.common() != null) {
      options.add("\"common\": " + function.common());
    }
    options.addAll(function.options());
    addParallelism(random, function, options);
    Integer chunk = recycled(random, chunk(random, function, handling, options), options);
    if (random.nextInt(10) == 0) {
      options.add("\"fresh\": true");
    }
    var rules = rules(random, function, options);
    if (random.nextInt(4) == 0 && mayBeCached(function, rules)) {
      options.add("\"cache\": true");
    }
    if (random.nextInt(6) == 0) {
      options.add("\"ttl\": 3600");
    }
    if (random.nextInt(3) == 0) {
      options.add("\"priority\": " + random.nextInt(10));
    }
    if (random.nextInt(3) == 0) {
      options.add(
          "\"labels\": {\"oracle\": \"%d\"}, \"name\": \"ünïcode %d\"".formatted(seed, seed));
    }
    if (random.nextInt(3) == 0) {
      options.add("\"description\": " + quote(describing(seed)));
    }
    if (handling.paused()) {
      options.add("\"paused\": true");
    }
    return new RandomJob(seed, function, options, rules, chunk, handling);
  }

  /**
   * Returns a variant for a world in which workers are killed and stopped through no fault of their
   * items. Such jobs get many attempts. They also get a time limit, as a stopped worker does not
   * end by itself.
   */
  RandomJob hardened() {
    var kept =
        new ArrayList<>(
            options.stream().filter(o -> !o.matches("(?s)\"(retry|timeouts)\".*")).toList());
    var attempts = new Attempts(rules.attempts().error(), HARDENED, HARDENED);
    kept.add(
        "\"retry\": {\"error\": %d, \"crash\": %d, \"timeout\": %d}"
            .formatted(attempts.error(), attempts.crash(), attempts.timeout()));
    kept.add("\"timeouts\": {\"item\": %s}".formatted(ITEM_TIMEOUT));
    return new RandomJob(
        seed, function, kept, rules.withAttempts(attempts), chunk, handling.hardened());
  }

  /** Returns a variant that outlives a service that is away for a while. */
  RandomJob lasting() {
    return new RandomJob(seed, function, options, rules, chunk, handling.lasting());
  }

  private static String describing(long seed) {
    return "Läuft:\n\t[%d] 🙂".formatted(seed);
  }

  /** Returns the description that it has; null for none. */
  @Nullable String description() {
    return has("description") ? describing(seed) : null;
  }

  /** Whether it has the label {@code oracle} with its seed. */
  boolean isLabelled() {
    return has("labels");
  }

  private boolean has(String option) {
    return options.stream().anyMatch(given -> given.startsWith(quote(option)));
  }

  /** Returns the {@code stopReason} with which it must fail as a whole; null for none. */
  @Nullable String doom() {
    if (handling.before() == Handling.Before.FAILURE) {
      return "dependency";
    }
    return function.items().isEmpty() ? null : function.doom();
  }

  /** Whether the service keeps it for a time of its own. */
  boolean hasLife() {
    return has("ttl");
  }

  /** Whether an equal job has equal outcomes, and no user changed this one. */
  boolean isRepeatable() {
    return handling.isCounted() && !handling.paused() && isIdempotent() && doom() == null;
  }

  /** Whether its items may be run more often than they are charged for. */
  boolean isIdempotent() {
    return !function.has(Fate.Recovers.class);
  }

  /** How many items its largest chunk must have; null where that depends. */
  @Nullable Integer largestChunk() {
    return chunk == null || !handling.isCounted() ? null : Math.min(chunk, function.items().size());
  }

  boolean draws() {
    return function.has(Fate.Draws.class);
  }

  /** A value that is remembered would hide that its item fails at first. */
  private static boolean mayBeCached(RandomFunction function, Rules rules) {
    boolean isPlain = rules.reduce().equals("list") && rules.stopWhen() == null;
    boolean isOfPython = function.options().contains(PythonValues.OPTION);
    return !function.isCommand()
        && !function.isSharing()
        && !function.has(Fate.Recovers.class)
        && (isPlain || !isOfPython);
  }

  /** Whether values that are remembered stand in for runs of its items. */
  boolean isCached() {
    return has("cache");
  }

  private static void addParallelism(
      RandomGenerator random, RandomFunction function, List<String> options) {
    if (random.nextInt(3) == 0) {
      options.add("\"workers\": " + random.nextInt(1, 4));
    }
    if (random.nextInt(4) == 0 && function.takesThreads()) {
      options.add("\"threads\": " + random.nextInt(1, 9));
    }
    boolean takesSeed = !function.isCommand();
    if (function.has(Fate.Draws.class) || (random.nextInt(4) == 0 && takesSeed)) {
      options.add("\"seed\": " + random.nextLong() / (random.nextBoolean() ? 1 : 1L << 55));
    }
  }

  /** Adds a number of items after which workers end, or not. No chunk is larger than that. */
  private static @Nullable Integer recycled(
      RandomGenerator random, @Nullable Integer chunk, List<String> options) {
    if (random.nextInt(10) != 0) {
      return chunk;
    }
    int items = random.nextInt(50, 500);
    options.add("\"recycle\": {\"items\": " + items + "}");
    return chunk == null ? null : Integer.valueOf(Math.min(chunk, items));
  }

  private static @Nullable Integer chunk(
      RandomGenerator random, RandomFunction function, Handling handling, List<String> options) {
    String order = List.of("input", "reversed", "shuffled").get(random.nextInt(3));
    String and = ", \"order\": " + quote(order) + "}";
    switch (random.nextInt(5)) {
      case 0 -> {
        int size = random.nextInt(1, 200);
        options.add("\"chunking\": {\"size\": " + size + and);
        return size;
      }
      case 1 -> {
        // Its chunks cannot be counted while its items are not.
        if (handling.isCounted()) {
          int count = random.nextInt(1, 30);
          options.add("\"chunking\": {\"count\": " + count + and);
          return Math.ceilDiv(function.items().size(), count);
        }
      }
      case 2 -> options.add("\"chunking\": {\"size\": \"auto\"" + and);
      default -> {}
    }
    return null;
  }

  private static Rules rules(
      RandomGenerator random, RandomFunction function, List<String> options) {
    String reduce = "list";
    if (random.nextBoolean()) {
      reduce = Oracle.REDUCTIONS.get(random.nextInt(Oracle.REDUCTIONS.size()));
      options.add("\"reduce\": " + quote(reduce));
    }
    String match = null;
    String equal = null;
    int matches = 1;
    if (random.nextInt(5) == 0) {
      match = List.of("truthy", "falsy", "equals").get(random.nextInt(3));
      matches = match.equals("equals") ? 1 : random.nextInt(1, 100);
      String wanted = Integer.toString(matches);
      if (match.equals("equals")) {
        equal = wanted = someResult(random, function);
      }
      options.add("\"stopWhen\": {%s: %s}".formatted(quote(match), wanted));
    }
    var attempts = attempts(random, function, options);
    long maxFailures = 0;
    Double percent = null;
    switch (random.nextInt(4)) {
      case 0 -> {
        maxFailures = random.nextInt(20);
        options.add("\"maxFailures\": " + maxFailures);
      }
      case 1 -> {
        percent = random.nextInt(2500) / 100.0;
        options.add("\"maxFailures\": \"%s%%\"".formatted(percent));
      }
      default -> {}
    }
    boolean stops = random.nextInt(4) == 0;
    if (stops) {
      options.add("\"onError\": \"stop\"");
    }
    return new Rules(reduce, match, matches, equal, attempts, maxFailures, percent, stops);
  }

  private static Attempts attempts(
      RandomGenerator random, RandomFunction function, List<String> options) {
    var timeouts = new ArrayList<String>();
    boolean hangs = function.has(Fate.Hangs.class);
    if (hangs || random.nextInt(5) == 0) {
      timeouts.add("\"item\": " + (hangs ? ITEM_TIMEOUT : 100));
    }
    boolean spins = function.has(Fate.Spins.class);
    if (spins || random.nextInt(5) == 0) {
      timeouts.add("\"cpu\": " + (spins ? CPU_TIMEOUT : 100));
    }
    boolean neverEnds = function.has(Fate.NeverEnds.class);
    if (neverEnds || random.nextInt(5) == 0) {
      timeouts.add("\"job\": " + (neverEnds ? JOB_TIMEOUT : 1_000));
    }
    if (!timeouts.isEmpty()) {
      options.add("\"timeouts\": {" + String.join(", ", timeouts) + "}");
    }
    if (random.nextInt(3) != 0) {
      return new Attempts(1, 2, 1);
    }
    var attempts = new Attempts(random.nextInt(1, 4), random.nextInt(1, 4), random.nextInt(1, 3));
    options.add(
        "\"retry\": {\"error\": %d, \"crash\": %d, \"timeout\": %d, \"backoff\": %s}"
            .formatted(
                attempts.error(),
                attempts.crash(),
                attempts.timeout(),
                List.of("0", "0.001", "0.02").get(random.nextInt(3))));
    return attempts;
  }

  private static String someResult(RandomGenerator random, RandomFunction function) {
    List<Item> items = function.items();
    if (!items.isEmpty()
        && items.get(random.nextInt(items.size())).fate() instanceof Fate.Returns returns) {
      return returns.json();
    }
    // A list is no Python value.
    return function.options().contains(PythonValues.OPTION) ? "\"none\"" : "[\"none\"]";
  }

  /** The whole of it, as one would post it at once; without its inputs if it is open. */
  String json() {
    String inputs =
        switch (handling.way()) {
          case SHORT -> Objects.requireNonNull(function.inputs());
          case PORTIONS, PLACED -> JobSending.OPEN;
          default -> array();
        };
    return "{%s, \"inputs\": %s}".formatted(spec(), inputs);
  }

  /** Returns a job with these inputs that runs one item after the other and keeps every result. */
  String serially() {
    var kept =
        options.stream()
            .filter(option -> option.matches("(?s)\"(function|call|common|seed)\".*"))
            .collect(Collectors.joining(", "));
    return "{%s, \"workers\": 1, \"inputs\": %s}".formatted(kept, array());
  }

  /** Its options, without its inputs. */
  String spec() {
    return String.join(", ", options);
  }

  /** All its items as a JSON array. */
  String array() {
    return function.items().stream().map(Item::json).collect(Collectors.joining(", ", "[", "]"));
  }
}
