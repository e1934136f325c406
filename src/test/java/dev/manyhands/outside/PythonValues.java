package dev.manyhands.outside;

import static dev.manyhands.outside.Service.quote;

import dev.manyhands.outside.RandomFunction.Fate;
import dev.manyhands.outside.RandomFunction.Item;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;

/** A function over values of Python, some of them in envelopes, whose pickles are made here. */
final class PythonValues {
  static final String OPTION = "\"values\": \"python\"";

  private static final String CODE =
      """
      def f(x):
          if x is None: return ()
          if type(x) is tuple: return sum(x)
          if type(x) is str: return x + "!"
          if x > 200: return x / 0
          return (x, x // 2)
      """;

  /** The pickle of the empty tuple, with protocol 5. */
  private static final String EMPTY = base64(new byte[] {(byte) 0x80, 5, ')', '.'});

  private PythonValues() {}

  static RandomFunction function(RandomGenerator random, int count) {
    var items = new ArrayList<Item>();
    boolean mixed = random.nextBoolean();
    for (int i = 0; i < count; i++) {
      items.add(item(random, mixed ? random.nextInt(7) : random.nextInt(2)));
    }
    return new RandomFunction(RandomFunction.definition(CODE), null, "map", true, items, null)
        .with(OPTION);
  }

  private static Item item(RandomGenerator random, int kind) {
    int a = random.nextInt(201);
    int b = random.nextInt(256);
    return switch (kind) {
      case 0, 1 -> new Item(envelope(asText(a, b)), new Fate.Returns(Integer.toString(a + b)));
      case 2 -> new Item("null", new Fate.Returns(result(EMPTY, "()")));
      case 3 -> {
        String text = RandomJson.characters(random);
        yield new Item(quote(text), new Fate.Returns(quote(text + "!")));
      }
      case 4 -> new Item("201", new Fate.Raises("ZeroDivisionError"));
      case 5 -> new Item("[" + a + "]", new Fate.Raises("TypeError"));
      default ->
          new Item(
              Integer.toString(a),
              new Fate.Returns(result(pair(a, a / 2), "(%d, %d)".formatted(a, a / 2))));
    };
  }

  /** Whether a result is the empty tuple, the only one in an envelope that is falsy. */
  static boolean isEmpty(JsonNode value) {
    return value.path("p").asString("").equals(EMPTY);
  }

  /** Whether an item of these is no Python value. */
  static boolean hasUnopened(RandomFunction function, Collection<Long> indexes) {
    return function.options().contains(OPTION)
        && indexes.stream()
            .anyMatch(index -> function.items().get(index.intValue()).json().startsWith("["));
  }

  private static String envelope(String pickle) {
    return "{\"p\": %s}".formatted(quote(pickle));
  }

  private static String result(String pickle, String text) {
    return "{\"p\": %s, \"s\": %s}".formatted(quote(pickle), quote(text));
  }

  /** A pickle of protocol 0, which is text. */
  private static String asText(int a, int b) {
    String pickle = "(I%d\nI%d\nt.".formatted(a, b);
    return base64(pickle.getBytes(StandardCharsets.US_ASCII));
  }

  /** A pickle of two small integers as Python writes it with protocol 5: in one frame. */
  private static String pair(int a, int b) {
    byte[] body = {'K', (byte) a, 'K', (byte) b, (byte) 0x86, (byte) 0x94, '.'};
    var pickle = new ByteArrayOutputStream();
    pickle.writeBytes(new byte[] {(byte) 0x80, 5, (byte) 0x95, (byte) body.length});
    pickle.writeBytes(new byte[7]); // the other bytes of the frame's length
    pickle.writeBytes(body);
    return base64(pickle.toByteArray());
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
