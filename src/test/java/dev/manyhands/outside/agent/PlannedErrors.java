package dev.manyhands.outside.agent;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Called by the service at the begin of each method that {@link ErrorAgent} has changed. Throws the
 * planned error when the planned method is called for the n-th time. Safe for use by any thread.
 */
public final class PlannedErrors {
  /** Threads that no error may end; a request may fail, and then says so. */
  private static final List<String> THREADS =
      List.of(
          "worker-",
          "scheduler",
          "scratch-cleaner",
          "store-",
          "job-logs",
          "waiting-jobs",
          "feed-",
          "leases",
          "callback");

  /** Methods that those threads have called. */
  private static final Map<String, Boolean> CALLED = new ConcurrentHashMap<>();

  private static volatile Plan plan = new Plan("", 0);

  private static final class Plan {
    final String method;
    final AtomicInteger left;

    Plan(String method, int n) {
      this.method = method;
      this.left = new AtomicInteger(n);
    }
  }

  private PlannedErrors() {}

  static List<String> called() {
    return CALLED.keySet().stream().sorted().toList();
  }

  /** Plans an error at the n-th call from now on. */
  static void plan(String method, int n) {
    plan = new Plan(method, n);
  }

  /** Ends the plan; returns whether its error was thrown. */
  static boolean end() {
    Plan last = plan;
    plan = new Plan("", 0);
    return last.left.get() <= 0;
  }

  /** The call that the agent adds. */
  public static void pass(String method) {
    String thread = Thread.currentThread().getName();
    if (THREADS.stream().noneMatch(thread::startsWith)) {
      return;
    }
    CALLED.put(method, true);
    Plan now = plan;
    if (now.method.equals(method)) {
      int left = now.left.decrementAndGet();
      if (left == 0) {
        System.out.println("planned error: " + method + " in " + thread);
        throw switch (method.hashCode() & 3) {
          case 0 -> new StackOverflowError("planned");
          case 1 -> new InternalError("planned");
          default -> new OutOfMemoryError("planned");
        };
      }
    }
  }
}
