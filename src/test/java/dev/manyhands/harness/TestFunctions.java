package dev.manyhands.harness;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.manyhands.sdk.Context;
import dev.manyhands.sdk.ItemFunction;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadLocalRandom;

/** Functions that users may give to a Java worker. */
final class TestFunctions {

  private TestFunctions() {}

  static class Twice implements ItemFunction<Long, Long> {
    @Override
    public Long apply(Long item, Context context) {
      while (item < 0 && !context.stopped()) {
        Thread.onSpinWait();
      }
      return 2 * item;
    }
  }

  /** Uses what an initializer has left. */
  public static class Prepared implements ItemFunction<Object, Object> {
    private static final List<Object> prepared = Collections.synchronizedList(new ArrayList<>());

    public static void prepare(String name, List<Integer> sizes) {
      if (sizes.isEmpty()) {
        throw new IllegalStateException("no sizes");
      }
      prepared.add(name + sizes);
    }

    public static void twice(Object one) {}

    public static void twice(String one) {}

    @Override
    public Object apply(Object item, Context context) {
      return prepared;
    }
  }

  /** Gives items back, and fails long-windedly at {@code "fail"}. */
  static class Echo implements ItemFunction<Object, Object> {
    @Override
    public Object apply(Object item, Context context) {
      if ("fail".equals(item)) {
        throw new IllegalStateException("x".repeat(12_000));
      }
      return item;
    }
  }

  /** An intermediate generic class: the item type is found through it. */
  abstract static class Generic<T> implements ItemFunction<T, Object> {}

  static class OfRecords extends Generic<OfRecords.Order> {
    enum Size {
      SMALL,
      LARGE
    }

    record Order(String name, int count, List<Double> prices, Optional<Size> size) {}

    @Override
    public Object apply(Order order, Context context) {
      return order;
    }
  }

  static class Printing implements ItemFunction<Long, Object> {
    private final CyclicBarrier barrier = new CyclicBarrier(3);

    @Override
    public Object apply(Long x, Context context) throws Exception {
      System.out.print("of ");
      barrier.await();
      System.out.println(x);
      barrier.await();
      System.err.printf("end of %d", x);
      return x;
    }
  }

  static class Naughty implements ItemFunction<String, Object> {
    private final List<String> kept = new ArrayList<>();

    @Override
    public Object apply(String wish, Context context) throws Exception {
      switch (wish) {
        case "throw" -> throw new IllegalStateException("on purpose");
        case "checked" -> throw new IOException("disk");
        case "overflow" -> {
          return apply("overflow", context) + "x";
        }
        case "memory" -> {
          return new long[1 << 28];
        }
        case "nan" -> {
          return List.of(1.0, Double.NaN);
        }
        case "object" -> {
          return Thread.currentThread();
        }
        case "cycle" -> {
          var list = new ArrayList<Object>();
          list.add(list);
          return list;
        }
        case "surrogate" -> {
          return "\ud800";
        }
        case "huge" -> {
          return "x".repeat(Workers.MAX_RESULT_BYTES);
        }
        case "large" -> {
          return "x".repeat(Workers.MAX_RESULT_BYTES / 2);
        }
        case "keep" -> {
          kept.add("k");
          return kept;
        }
        case "print" -> {
          System.out.println("printed");
          return System.in.read();
        }
        case "descriptor" -> {
          try (var stdout = new FileOutputStream(FileDescriptor.out)) {
            stdout.write(new byte[] {0, 0, 0, 9});
          } catch (IOException e) {
            return "it is closed";
          }
          return "";
        }
        case "close" -> {
          System.out.close();
          System.err.close();
          new FileOutputStream(FileDescriptor.out).close();
          return "closed";
        }
        case "thread" -> {
          new Thread(
                  () -> {
                    while (true) {
                      Thread.onSpinWait();
                    }
                  })
              .start();
          return "left";
        }
        case "halt" -> {
          Runtime.getRuntime().halt(7);
          return "";
        }
        case "random" -> {
          return List.of(context.random().nextLong(), context.random().nextDouble());
        }
        case "common" -> {
          return Collections.singletonMap("k", context.common("k"));
        }
        case "index" -> {
          return Map.of("index", context.itemIndex());
        }
        case "slow" -> {
          long end = System.nanoTime() + 400_000_000L;
          while (System.nanoTime() < end) {
            Thread.onSpinWait();
          }
          return "slow";
        }
        default -> {
          return wish;
        }
      }
    }
  }

  /**
   * Leaves on its thread all that an item can leave there, or looks what is there. All items of a
   * chunk meet first, so that each has a thread of its own.
   */
  static final class Leaves implements ItemFunction<String, Object> {
    private static final ThreadLocal<String> LOCAL = new ThreadLocal<>();
    private static final ThreadLocal<String> INHERITED = new InheritableThreadLocal<>();
    private final Map<String, CyclicBarrier> barriers = new ConcurrentHashMap<>();

    record Interrupting(String value) {
      @Override
      public String value() {
        Thread.currentThread().interrupt();
        return value;
      }
    }

    record Found(
        long thread,
        boolean interrupted,
        String name,
        int priority,
        boolean ownLoader,
        boolean handler,
        String local,
        String inherited) {}

    @Override
    public Object apply(String wish, Context context) throws Exception {
      Thread thread = Thread.currentThread();
      final var found =
          new Found(
              thread.threadId(),
              thread.isInterrupted(),
              thread.getName(),
              thread.getPriority(),
              thread.getContextClassLoader() == ClassLoader.getSystemClassLoader(),
              thread.getUncaughtExceptionHandler() == thread.getThreadGroup(),
              LOCAL.get(),
              INHERITED.get());
      int together = Integer.parseInt(wish.split(" ")[1]);
      if (!found.interrupted) {
        barriers.computeIfAbsent(wish, name -> new CyclicBarrier(together)).await(60, SECONDS);
      }
      if (wish.startsWith("look")) {
        return found;
      }
      if (wish.startsWith("set")) {
        LOCAL.set("left");
        INHERITED.set("left");
        thread.setName("left");
        thread.setPriority(Thread.MIN_PRIORITY);
        thread.setContextClassLoader(null);
        thread.setUncaughtExceptionHandler((who, what) -> {});
        thread.interrupt();
        return thread.threadId();
      }
      return new Interrupting(wish);
    }
  }

  /** Computes on one processor, which other programs use too. */
  static final class Crowded implements ItemFunction<Object, Object> {
    Crowded() throws IOException, InterruptedException {
      long pid = ProcessHandle.current().pid();
      String burner = "while [ -d /proc/" + pid + " ]; do :; done";
      String pin =
          "cpu=$(taskset -cp %d | sed 's/.*: \\([0-9]*\\).*/\\1/'); taskset -acp $cpu %d; taskset -cp $cpu $$"
              .formatted(pid, pid);
      String both = "(" + burner + ") & (" + burner + ") & echo";
      new ProcessBuilder("sh", "-c", pin + " > /dev/null; " + both).start().waitFor();
    }

    @Override
    public Object apply(Object item, Context context) {
      long end = System.nanoTime() + 400_000_000;
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      return item;
    }
  }

  /** The Java form of the function in {@link Workers} for items that run at once. */
  static final class Wishes implements ItemFunction<String, Object> {
    private final Map<String, CyclicBarrier> barriers = new ConcurrentHashMap<>();

    record Listed(long index, Map<String, String> more) {}

    @Override
    public Object apply(String wish, Context context) throws Exception {
      if (wish.startsWith("meet") || wish.equals("thread")) {
        barriers.computeIfAbsent(wish, name -> new CyclicBarrier(4)).await(60, SECONDS);
      }
      return switch (wish) {
        case "thread" -> Thread.currentThread().threadId();
        case "nap" -> {
          Thread.sleep(ThreadLocalRandom.current().nextInt(20));
          yield wish;
        }
        case "hold", "hold2" -> {
          while (!Files.exists(Path.of(System.getenv("TMPDIR"), wish.replace("hold", "go")))) {
            Thread.sleep(1);
          }
          yield wish;
        }
        case "spin" -> {
          while (!context.stopped()) {
            Thread.sleep(1);
          }
          yield wish;
        }
        case "crash" -> {
          apply("hold", context);
          Runtime.getRuntime().halt(9);
          yield wish;
        }
        case "fail" -> {
          apply("nap", context);
          throw new IllegalStateException("on purpose");
        }
        case "oom" -> throw new OutOfMemoryError("heap");
        case "object" -> Thread.currentThread();
        case "nan" -> Double.NaN;
        case "large" -> "x".repeat(10_000);
        case "huge" -> "x".repeat(20_000);
        case "random" -> {
          apply("nap", context);
          var random = context.random();
          yield List.of(random.nextDouble(), random.nextLong(), context.random() == random);
        }
        case "list" -> {
          apply("nap", context);
          yield new Listed(context.itemIndex(), Map.of("wish", wish));
        }
        case "interrupt" -> {
          Thread.currentThread().interrupt();
          yield wish;
        }
        case "index" -> {
          apply("nap", context);
          yield context.itemIndex();
        }
        case "trace" -> context.traceparent().orElse("none");
        default -> wish;
      };
    }
  }

  static final class NotAFunction {}

  static final class NeedsArguments implements ItemFunction<Object, Object> {
    NeedsArguments(int size) {}

    @Override
    public Object apply(Object item, Context context) {
      return item;
    }
  }

  static final class FailsToStart implements ItemFunction<Object, Object> {
    FailsToStart() throws IOException {
      throw new IOException("no licence");
    }

    @Override
    public Object apply(Object item, Context context) {
      return item;
    }
  }
}
