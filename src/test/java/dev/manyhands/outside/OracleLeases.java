package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The lease of an open job: kept by pings and requests that wait, then by a stream, or left to run
 * out. Used by one thread.
 */
final class OracleLeases {
  /** The idle time of a job that is kept. A busy machine may answer late. */
  private static final int KEPT_SECONDS = 2;

  /** The shortest idle time that there is. */
  private static final int ABANDONED_SECONDS = 1;

  private static final int LONG_SECONDS = 3_600;

  /** A machine that always answers too late to keep a job gets a long idle time then. */
  private static final int MOST_TRIES = 3;

  private static final String SSE = "Accept: text/event-stream";

  /** Uses the lease of a job that is kept; of one to be abandoned, the events of all jobs. */
  private @Nullable Wire stream;

  /**
   * Submits a job, and asks about it for longer than its idle time: the service must not end it. A
   * stream then keeps it until {@link #letGo}.
   */
  String submitKept(Service service, String spec) {
    for (int i = 0; i < MOST_TRIES; i++) {
      long begin = System.nanoTime();
      String id = service.submit(open(spec, KEPT_SECONDS));
      String path = "/api/v1/jobs/" + id;
      long longest = longestPauseWhileAsking(service, path, begin);
      long last = System.nanoTime();
      stream = Wire.get(service, path + "/events", SSE);
      longest = Math.max(longest, System.nanoTime() - last);
      if (longest < Duration.ofSeconds(KEPT_SECONDS).toNanos()) {
        passTime(service);
        assertThat(service.get(path).json().get("inputsOpen").booleanValue()).isTrue();
        return id;
      }
      letGo();
      service.cancelled(id);
    }
    return service.submit(open(spec, LONG_SECONDS));
  }

  /** Lets more than the idle time pass, in which only the stream uses the lease. */
  private static void passTime(Service service) {
    String other = service.submit(Service.python("def f(x): return x", JobSending.OPEN));
    service.get("/api/v1/jobs/" + other + "?wait=" + KEPT_SECONDS * 5 / 4.0);
    service.cancelled(other);
  }

  private static long longestPauseWhileAsking(Service service, String path, long begin) {
    long enough = begin + Duration.ofSeconds(KEPT_SECONDS).toNanos() * 5 / 4;
    long last = begin;
    long longest = 0;
    while (last < enough) {
      service.post(path + "/ping", "");
      service.get(path + "?wait=0.5"); // a request that waits uses the lease, too
      long now = System.nanoTime();
      longest = Math.max(longest, now - last);
      last = now;
    }
    return longest;
  }

  /** Submits a job that nobody will close. */
  String submitAbandoned(Service service, String spec) {
    stream = JobEvents.open(service);
    return service.submit(open(spec, ABANDONED_SECONDS));
  }

  /** Sends no request about the job until the service reports its end. */
  void awaitEnd(String id) {
    JobEvents.awaitEnd(stream, id);
    letGo();
  }

  /** Uses the lease no longer. */
  void letGo() {
    if (stream != null) {
      stream.close();
    }
  }

  private static String open(String spec, int idle) {
    return "{%s, \"inputs\": {\"open\": true, \"idle\": %d}}".formatted(spec, idle);
  }
}
