package dev.manyhands.outside;

import static dev.manyhands.outside.Service.quote;

import dev.manyhands.outside.RandomFunction.Fate;
import dev.manyhands.outside.RandomFunction.Item;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** A function whose worker breaks the worker protocol at some items: {@code broken.py}. */
final class BrokenFrames {
  private static final Path WORKER = Path.of("src/test/workers/broken.py").toAbsolutePath();

  private static final List<String> MISDEEDS =
      List.of("corrupt", "text", "huge", "wrong chunk", "wrong item", "cut", "exit");

  /** Each costs a worker for every attempt. */
  private static final int MOST = 3;

  private BrokenFrames() {}

  static RandomFunction function(RandomGenerator random) {
    int count = 1 + random.nextInt(400);
    boolean silent = random.nextInt(3) == 0;
    var items = new ArrayList<Item>();
    for (int i = 0; i < count; i++) {
      items.add(item("return", random.nextInt(100), null));
    }
    for (int i = 0; i < MOST; i++) {
      String misdeed = MISDEEDS.get(random.nextInt(MISDEEDS.size()));
      String type = misdeed.equals("exit") ? "exit 4" : "Protocol";
      items.set(random.nextInt(count), item(misdeed, 0, type));
    }
    // This item is reported twice, and the first report counts. The item that comes next must not
    // be harmed.
    items.set(random.nextInt(count), item("twice", 7, null));
    String definition =
        "{\"runtime\": \"command\", \"protocol\": \"frames\", \"command\": [\"python3\", %s%s]}"
            .formatted(quote(WORKER.toString()), silent ? ", \"silent\"" : "");
    return new RandomFunction(definition, null, "map", false, items, null);
  }

  private static Item item(String what, int v, String death) {
    String json = "{\"do\": %s, \"v\": %d}".formatted(quote(what), v);
    return new Item(
        json, death == null ? new Fate.Returns(Integer.toString(v)) : new Fate.Dies(death));
  }
}
