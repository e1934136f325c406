package dev.manyhands.outside;

import dev.manyhands.outside.RandomFunction.Fate;
import dev.manyhands.outside.RandomFunction.Item;
import java.util.ArrayList;
import java.util.random.RandomGenerator;

/** A function of which some items break one limit: of processor time, of memory, or of the job. */
final class Limited {
  private static final String CODE =
      """
      import time
      def f(x):
          while x == 1000: pass
          if x == 1001: return len(bytearray(800_000_000))
          if x == 1002: time.sleep(600)
          return x
      """;

  /** Each costs a worker, and time. */
  private static final int MOST = 2;

  private Limited() {}

  static RandomFunction function(RandomGenerator random, int count) {
    int which = random.nextInt(3);
    var items = new ArrayList<Item>();
    for (int i = 0; i < count; i++) {
      String x = Integer.toString(random.nextInt(1_000));
      items.add(new Item(x, new Fate.Returns(x)));
    }
    for (int i = 0; i < MOST && count > 0; i++) {
      items.set(random.nextInt(count), new Item(Integer.toString(1_000 + which), fate(which)));
    }
    // Threads of a worker share its limits, so that innocent items would break them.
    var function =
        new RandomFunction(RandomFunction.definition(CODE), null, "map", false, items, null);
    return switch (which) {
      case 1 -> function.with("\"memory\": \"300MB\"");
      case 2 -> function.doomed("timeout");
      default -> function;
    };
  }

  private static Fate fate(int which) {
    return switch (which) {
      case 0 -> new Fate.Spins();
      case 1 -> new Fate.Eats();
      default -> new Fate.NeverEnds();
    };
  }
}
