package dev.manyhands.outside;

import static dev.manyhands.outside.Service.quote;

import dev.manyhands.outside.RandomFunction.Fate;
import dev.manyhands.outside.RandomFunction.Item;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.random.RandomGenerator;

/** A function whose items choose their behaviour: most return their number, and some misbehave. */
final class Mischief {
  private static final String CODE =
      """
      import ctypes, os, signal, sys, time

      def tries(name):
          with open(%s + name, "a") as file:
              file.write("x")
              return file.tell()

      def f(item):
          do, v = item["do"], item["v"]
          if do == "print":
              print("noise", v)
              print("more noise", file=sys.stderr)
          if do == "open line": print("no end", end="")
          if do == "write": os.write(1, b'{"op": "loaded"}\\n\\0\\xff')
          if do == "raise": raise ValueError(v)
          if do == "exit": sys.exit(v)
          if do == "divide": return v // 0
          if do == "set": return {v}
          if do == "bytes": return b"v"
          if do == "nan": return float("nan")
          if do == "deep nan": return [v, {"a": float("inf")}]
          if do == "surrogate": return "\\ud800"
          if do == "die": os._exit(3)
          if do == "segfault": ctypes.string_at(0)
          if do == "kill": os.kill(os.getpid(), signal.SIGKILL)
          if do == "sleep": time.sleep(600)
          while do == "spin": pass
          if do == "flaky" and tries(item["file"]) <= item["times"]: raise OSError("not yet")
          if do == "fragile" and tries(item["file"]) <= item["times"]: os._exit(5)
          return v
      """;

  /** Deaths and timeouts cost a worker each, and time. */
  private static final int MOST_DEADLY = 3;

  /** Behaviour of the items of one job, besides returning and raising. */
  private enum Temper {
    TAME,
    /** Raises some times, then returns. */
    FLAKY,
    DEADLY,
    /** Dies once, then returns. */
    FRAGILE,
    HANGING
  }

  private Mischief() {}

  static RandomFunction function(RandomGenerator random, int count, Path scratch) {
    // Not together: a death costs others another run, which those that count their runs would
    // notice.
    var temper = Temper.values()[random.nextInt(Temper.values().length)];
    double share = random.nextInt(3) == 0 ? 0.3 : 0.02;
    var items = new ArrayList<Item>();
    int deadly = 0;
    for (int i = 0; i < count; i++) {
      String v = Integer.toString(random.nextInt(-5, 50));
      boolean isDeadly = deadly < MOST_DEADLY && random.nextInt(count) < MOST_DEADLY;
      if (temper == Temper.FLAKY && random.nextDouble() < share) {
        items.add(counting("flaky", v, i, random.nextInt(1, 4)));
      } else if (isDeadly && (temper != Temper.TAME && temper != Temper.FLAKY)) {
        deadly++;
        items.add(deadly(random, temper, v, i));
      } else if (random.nextDouble() < share) {
        items.add(misdeed(random, v));
      } else {
        items.add(doing("as told", v, new Fate.Returns(v)));
      }
    }
    String files = quote(scratch + "/" + Long.toHexString(random.nextLong()) + "-");
    // With threads, it is not known at once which item is guilty, and innocent items are not
    // charged.
    return new RandomFunction(
        RandomFunction.definition(CODE.formatted(files)),
        null,
        "map",
        temper != Temper.FRAGILE,
        items,
        null);
  }

  private static Item deadly(RandomGenerator random, Temper temper, String v, int index) {
    if (temper == Temper.FRAGILE) {
      return counting("fragile", v, index, 1);
    }
    if (temper == Temper.HANGING) {
      return doing(random.nextBoolean() ? "sleep" : "spin", v, new Fate.Hangs());
    }
    return switch (random.nextInt(3)) {
      case 0 -> doing("die", v, new Fate.Dies("exit 3"));
      case 1 -> doing("kill", v, new Fate.Dies("SIGKILL"));
      default -> doing("segfault", v, new Fate.Dies("SIGSEGV"));
    };
  }

  /** Returns an item that fails {@code times} times, then returns. */
  private static Item counting(String what, String v, int index, int times) {
    String json =
        "{\"do\": \"%s\", \"v\": %s, \"file\": \"%d\", \"times\": %d}"
            .formatted(what, v, index, times);
    return new Item(json, new Fate.Recovers(what.equals("fragile"), times, v));
  }

  private static Item misdeed(RandomGenerator random, String v) {
    return switch (random.nextInt(11)) {
      case 0 -> doing("raise", v, new Fate.Raises("ValueError"));
      case 1 -> doing("exit", v, new Fate.Raises("SystemExit"));
      case 2 -> doing("divide", v, new Fate.Raises("ZeroDivisionError"));
      case 3 -> doing("set", v, new Fate.Returns("[" + v + "]"));
      case 4 -> doing("bytes", v, new Fate.HasNoJson());
      case 5 -> doing("nan", v, new Fate.HasNoJson());
      case 6 -> doing("deep nan", v, new Fate.HasNoJson());
      case 7 -> doing("surrogate", v, new Fate.HasNoJson());
      case 8 -> doing("print", v, new Fate.Returns(v));
      case 9 -> doing("open line", v, new Fate.Returns(v));
      default -> doing("write", v, new Fate.Returns(v));
    };
  }

  private static Item doing(String what, String v, Fate fate) {
    return new Item("{\"do\": \"%s\", \"v\": %s}".formatted(what, v), fate);
  }
}
