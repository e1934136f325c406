package dev.manyhands.harness;

import dev.manyhands.sdk.Context;
import dev.manyhands.sdk.ItemFunction;
import dev.manyhands.sdk.SharedLock;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;

/** Functions of a Java worker that use the shared objects of their job. */
final class SharedFunctions {
  private static final Duration MOMENT = Duration.ofMillis(500);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private SharedFunctions() {}

  static void touch(String name) throws IOException {
    Files.createFile(Path.of(System.getenv("TMPDIR"), name));
  }

  static void await(String name) throws InterruptedException {
    while (!Files.exists(Path.of(System.getenv("TMPDIR"), name))) {
      Thread.sleep(1);
    }
  }

  /** Makes the call that its item names. */
  static final class Calling implements ItemFunction<String, Object> {

    record Point(int x, double y) {}

    @Override
    public Object apply(String call, Context context) throws Exception {
      String object = call.substring(0, 1);
      return switch (object) {
        case "d" -> dict(call, context);
        case "l" -> list(call, context);
        case "q" -> queue(call, context);
        case "s" -> semaphore(call, context);
        default -> named(call, context);
      };
    }

    private static Object dict(String call, Context context) {
      var d = context.sharedDict("d");
      switch (call) {
        case "d.set" -> d.set("a\"é", new Point(1, 2.5));
        case "d.set NaN" -> d.set("a", Double.NaN);
        case "d.set object" -> d.set("a", List.of(Thread.currentThread()));
        case "d.update" -> {
          var entries = new LinkedHashMap<Object, Object>();
          entries.put("a", 1);
          entries.put(2, null);
          d.update(entries);
        }
        case "d.update nothing" -> d.update(new LinkedHashMap<>());
        case "d.clear" -> d.clear();
        default -> {
          return switch (call) {
            case "d.get" -> Arrays.asList(d.get("a"));
            case "d.get long" -> d.get("x".repeat(Workers.MAX_FRAME_BYTES));
            case "d.get double" -> d.get(1.5);
            case "d.get integer" -> d.get(new BigInteger("36893488147419103232"));
            case "d.contains" -> d.contains(-3);
            case "d.setDefault" -> d.setDefault("a", 1);
            case "d.pop" -> d.pop("a");
            case "d.add" -> d.add("a", 0.5);
            case "d.compareAndSet" -> d.compareAndSet("a", null, 1);
            case "d.keys" -> d.keys();
            case "d.items" -> new ArrayList<>(d.items().entrySet()).toString();
            case "d.length" -> d.length();
            default -> throw new AssertionError(call);
          };
        }
      }
      return "done";
    }

    private static Object list(String call, Context context) {
      var l = context.sharedList("l");
      switch (call) {
        case "l.set" -> l.set(0, "x");
        case "l.clear" -> l.clear();
        default -> {
          return switch (call) {
            case "l.append" -> l.append(List.of(2));
            case "l.extend" -> l.extend(List.of(0, 1));
            case "l.extend nothing" -> l.extend(List.of());
            case "l.get" -> l.get(-1);
            case "l.slice" -> l.slice(2, Integer.MAX_VALUE);
            case "l.slice backwards" -> l.slice(2, 1);
            case "l.pop" -> l.pop();
            case "l.pop first" -> l.pop(0);
            case "l.length" -> l.length();
            default -> throw new AssertionError(call);
          };
        }
      }
      return "done";
    }

    private static Object queue(String call, Context context) throws Exception {
      var q = context.sharedQueue("q");
      switch (call) {
        case "q.put" -> q.put(1);
        case "q.clear" -> q.clear();
        default -> {
          return switch (call) {
            case "q.put now" -> q.put(null, Duration.ZERO);
            case "q.get" -> q.get();
            case "q.get soon" -> q.get(MOMENT);
            case "q.get in a minute" -> q.get(MINUTE);
            case "q.get before" -> q.get(Duration.ofSeconds(-1));
            case "q.length" -> q.length();
            default -> throw new AssertionError(call);
          };
        }
      }
      return "done";
    }

    private static Object semaphore(String call, Context context) throws Exception {
      var s = context.sharedSemaphore("s");
      switch (call) {
        case "s.acquire" -> s.acquire();
        case "s.release" -> s.release();
        default -> {
          return switch (call) {
            case "s.acquire soon" -> s.acquire(MOMENT);
            case "s.free" -> s.free();
            default -> throw new AssertionError(call);
          };
        }
      }
      return "done";
    }

    private static Object named(String call, Context context) {
      return switch (call) {
        case "no dict" -> context.sharedDict("e").length();
        case "other kind" -> context.sharedDict("l").length();
        case "no lock" -> context.sharedLock("q").abandoned();
        default -> call;
      };
    }
  }

  /** Waits for an element, and does something when the wait ends. */
  static final class Waiting implements ItemFunction<String, Object> {
    @Override
    public Object apply(String wish, Context context) throws Exception {
      if (wish.startsWith("wait")) {
        try {
          return context.sharedQueue("q").get();
        } catch (Error stopped) {
          if (wish.equals("wait")) {
            throw stopped;
          }
          context.sharedList("l").append("after");
        }
      } else if (wish.equals("append and wait")) {
        context.sharedList("l").append(1);
        context.sharedSemaphore("s").acquire();
      }
      return wish;
    }
  }

  /** Calls from threads that user code starts. */
  static final class OwnThreads implements ItemFunction<String, Object> {
    private static final LinkedBlockingQueue<Object> taken = new LinkedBlockingQueue<>();
    private static Thread taker;
    private static int failed;

    @Override
    public Object apply(String wish, Context context) throws Exception {
      switch (wish) {
        case "each" -> {
          try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = new ArrayList<Future<Object>>();
            for (int i = 0; i < 8; i++) {
              int key = i;
              all.add(
                  threads.submit(
                      () -> context.sharedDict("d").setDefault(key, "x".repeat(150_000))));
            }
            var values = new ArrayList<Object>();
            for (var one : all) {
              values.add(one.get());
            }
            return values;
          }
        }
        case "deep" -> {
          deep(context);
          return failed > 0;
        }
        case "take" -> {
          var begun = new CountDownLatch(1);
          taker =
              new Thread(() -> {
                begun.countDown();
                try {
                  while (true) {
                    taken.add(context.sharedQueue("q").get());
                  }
                } catch (InterruptedException e) {
                  taken.add("interrupted");
                }
              });
          taker.start();
          begun.await();
          return wish;
        }
        case "interrupt" -> {
          taker.interrupt();
          return wish;
        }
        case "taken" -> {
          return taken.take();
        }
        case "get" -> {
          return context.sharedDict("d").get("a");
        }
        case "interrupted" -> {
          Thread.currentThread().interrupt();
          return List.of(context.sharedDict("d").add("a", 1), Thread.interrupted());
        }
        default -> throw new AssertionError(wish);
      }
    }

    /** Calls where the stack is almost full, with ever more room. Returns the calls above. */
    private static int deep(Context context) {
      int above;
      try {
        above = deep(context);
      } catch (StackOverflowError e) {
        above = 0;
      }
      if (above < 5_000 && above % 7 == 0) {
        try {
          context.sharedDict("d").add("deep", 1);
        } catch (StackOverflowError e) {
          failed++;
        }
      }
      return above + 1;
    }
  }

  /** Uses the values and the locks of a page. */
  static final class OnPage implements ItemFunction<String, Object> {
    @Override
    public Object apply(String wish, Context context) throws Exception {
      var n = context.sharedValue("n");
      var x = context.sharedValue("x");
      var b = context.sharedValue("b");
      SharedLock g = context.sharedLock("g");
      switch (wish) {
        case "values" -> {
          var seen = new ArrayList<>(List.of(n.get(), x.get(), b.get()));
          n.set(Long.MIN_VALUE);
          x.set(3);
          b.set(false);
          seen.addAll(List.of(n.get(), x.get(), b.get()));
          return seen;
        }
        case "add" -> {
          for (int i = 0; i < 500; i++) {
            n.add(1);
            x.lock().acquire();
            x.add(0.5);
            x.lock().release();
            g.acquire();
            b.set(!(Boolean) b.get());
            g.release();
          }
          return 0;
        }
        case "hold" -> {
          g.acquire();
          try {
            touch("held");
            await("go");
          } finally {
            g.release();
          }
          return g.abandoned();
        }
        case "hold in a thread" -> {
          new Thread(
                  () -> {
                    try {
                      apply("hold", context);
                    } catch (Exception e) {
                      throw new AssertionError(e);
                    }
                  })
              .start();
          await("held");
        }
        case "try" -> {
          return List.of(g.acquire(Duration.ZERO), g.acquire(Duration.ofMillis(10)));
        }
        case "try when held" -> {
          await("held");
          boolean acquired = g.acquire(Duration.ZERO);
          touch("go");
          g.acquire();
          g.release();
          return acquired;
        }
        case "take" -> {
          g.acquire();
          boolean abandoned = g.abandoned();
          g.release();
          return List.of(abandoned, g.abandoned());
        }
        case "leave" -> {
          g.acquire();
          g.acquire();
          n.lock().acquire();
          throw new IOException("left");
        }
        case "sum" -> {
          return n.add(1);
        }
        case "interrupted" -> {
          Thread.currentThread().interrupt();
          g.acquire();
          return wish;
        }
        default -> mistake(wish, context);
      }
      return wish;
    }

    private static void mistake(String wish, Context context) throws Exception {
      var n = context.sharedValue("n");
      var x = context.sharedValue("x");
      switch (wish) {
        case "n=0.5" -> n.set(0.5);
        case "n=text" -> n.set("3");
        case "n=2^63" -> n.set(BigInteger.TWO.pow(63));
        case "x=text" -> x.set("3");
        case "x=10^400" -> x.set(BigInteger.TEN.pow(400));
        case "b=1" -> context.sharedValue("b").set(1);
        case "n+2^63" -> n.add(Long.MAX_VALUE);
        case "n+0.5" -> n.add(0.5);
        case "b+1" -> context.sharedValue("b").add(1);
        case "release" -> context.sharedLock("g").release();
        case "wait -1" -> context.sharedLock("g").acquire(Duration.ofSeconds(-1));
        case "value g" -> context.sharedValue("g");
        default -> throw new AssertionError(wish);
      }
    }
  }
}
