package dev.manyhands.outside;

import static dev.manyhands.outside.Service.quote;

import dev.manyhands.outside.RandomFunction.Fate;
import dev.manyhands.outside.RandomFunction.Item;
import java.util.ArrayList;
import java.util.random.RandomGenerator;

/** A function that works with what its initializer has prepared, once in each worker. */
final class Prepared {
  private static final String CODE =
      """
      import os
      prepared = []
      def setup(k, b):
          if b < 0: raise KeyError(b)
          if b == 0: os._exit(3)
          prepared.append((k, b))
      def f(x):
          [(k, b)] = prepared
          return x * k + b
      """;

  private Prepared() {}

  static RandomFunction function(RandomGenerator random, int count) {
    int k = random.nextInt(-9, 10);
    // Some initializers raise, and some end their worker.
    int b = random.nextInt(6) == 0 ? -random.nextInt(2) : random.nextInt(1, 100);
    var items = new ArrayList<Item>();
    for (int i = 0; i < count; i++) {
      long x = random.nextInt(1_000);
      items.add(new Item(Long.toString(x), new Fate.Returns(Long.toString(x * k + b))));
    }
    var function =
        new RandomFunction(RandomFunction.definition(CODE), null, "map", true, items, null)
            .with(
                "\"initializer\": {\"entry\": %s, \"args\": [%d, %d]}"
                    .formatted(quote("setup"), k, b));
    return b > 0 ? function : function.doomed("functionNotLoaded");
  }
}
