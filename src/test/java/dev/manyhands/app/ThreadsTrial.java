package dev.manyhands.app;

import dev.manyhands.Manyhands;
import dev.manyhands.engine.worker.process.UsageWatch;
import dev.manyhands.function.Bundles;
import dev.manyhands.telemetry.ThreadHealth;
import java.util.List;
import java.util.TreeSet;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ApplicationContext;

/**
 * Run in a JVM of its own: a service that ends its own threads, one after the other. Prints its
 * threads, and after each end what its health says.
 */
final class ThreadsTrial {
  /** The watch ends with the writer, so that its turn is before. */
  static final List<String> ESSENTIAL =
      List.of(
          "activity",
          "bundle-sweeper",
          "callbacks",
          "job-logs",
          "leases",
          "retention",
          "scheduler",
          "store-watch",
          "store-writer",
          "waiting-jobs",
          "worker-sampler");

  private static final long PATIENCE_MILLIS = 30_000;

  private ThreadsTrial() {}

  public static void main(String[] args) throws InterruptedException {
    try (var service = new SpringApplication(Manyhands.class).run(args)) {
      var health = service.getBean(ThreadHealth.class);
      var names = new TreeSet<String>();
      Thread.getAllStackTraces().keySet().forEach(thread -> names.add(thread.getName()));
      names.forEach(name -> System.out.println("thread " + name));
      tell("nothing", health);
      for (String name : ESSENTIAL) {
        end(name, service);
        tell(name, health);
      }
    } finally {
      System.exit(0);
    }
  }

  private static void tell(String ended, ThreadHealth health) {
    var now = health.health();
    System.out.println(
        "ended " + ended + ": " + now.getStatus() + " " + new TreeSet<>(now.getDetails().keySet()));
  }

  private static void end(String name, ApplicationContext service) throws InterruptedException {
    switch (name) {
      // Nothing from outside ends a thread of an executor.
      case "bundle-sweeper" -> service.getBean(Bundles.class).close();
      case "worker-sampler" -> service.getBean(UsageWatch.class).close();
      default -> {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
          if (thread.getName().equals(name)) {
            thread.interrupt();
            thread.join(PATIENCE_MILLIS);
          }
        }
      }
    }
  }
}
