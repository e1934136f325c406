package dev.manyhands.outside;

import static dev.manyhands.outside.Service.quote;

import dev.manyhands.outside.RandomFunction.Fate;
import dev.manyhands.outside.RandomFunction.Item;
import java.util.ArrayList;
import java.util.random.RandomGenerator;

/** Functions that are programs of their own. */
final class RandomCommands {
  private RandomCommands() {}

  /** A line an item; some lines are no JSON, and some end the program. */
  static RandomFunction lines(RandomGenerator random, int count) {
    String loop =
        """
        import sys, json, os
        for line in sys.stdin:
            x = json.loads(line)
            if x == 13: os._exit(4)
            print("noise", file=sys.stderr)
            print("no JSON" if x == 17 else json.dumps([x, "é"] if x == 19 else x / 4), flush=True)
        """;
    String definition =
        "{\"runtime\": \"command\", \"command\": [\"python3\", \"-c\", %s]}".formatted(quote(loop));
    var items = new ArrayList<Item>();
    int deaths = 2;
    for (int i = 0; i < count; i++) {
      int x = random.nextInt(20, 100);
      if (random.nextInt(50) == 0) {
        x = deaths-- > 0 ? 13 : 17;
      } else if (random.nextInt(50) == 0) {
        x = 19;
      }
      Fate fate =
          switch (x) {
            case 13 -> new Fate.Dies("exit 4");
            case 17 -> new Fate.HasNoJson();
            case 19 -> new Fate.Returns("[19, \"é\"]");
            default -> new Fate.Returns(Double.toString(x / 4.0));
          };
      items.add(new Item(Integer.toString(x), fate));
    }
    return new RandomFunction(definition, null, "map", false, items, null);
  }

  /** Lines of text: strings and numbers; other items are not sent. */
  static RandomFunction text(RandomGenerator random, int count) {
    String loop =
        """
        import sys
        for line in sys.stdin.buffer:
            sys.stdout.buffer.write(b"<" + line[:-1] + b">\\n")
            sys.stdout.buffer.flush()
        """;
    String definition =
        "{\"runtime\": \"command\", \"command\": [\"python3\", \"-c\", %s], \"protocol\": \"text\"}"
            .formatted(quote(loop));
    var items = new ArrayList<Item>();
    for (int i = 0; i < count; i++) {
      String text = RandomJson.characters(random);
      String number = Integer.toString(random.nextInt(-9, 10)) + ".50";
      boolean isLine = text.indexOf('\n') < 0;
      items.add(
          switch (random.nextInt(8)) {
            case 0 -> new Item("[1]", new Fate.Raises("NotText"));
            case 1 -> new Item("null", new Fate.Raises("NotText"));
            case 2, 3 -> new Item(number, new Fate.Returns(quote("<" + number + ">")));
            default ->
                new Item(
                    quote(text),
                    isLine
                        ? new Fate.Returns(quote("<" + text + ">"))
                        : new Fate.Raises("NotText"));
          });
    }
    return new RandomFunction(definition, null, "map", false, items, null);
  }
}
