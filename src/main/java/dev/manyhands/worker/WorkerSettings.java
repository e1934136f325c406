package dev.manyhands.worker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How workers are run.
 *
 * @param slots how many may run at once
 * @param maxIdle how many may be kept warm beyond the slots in use
 * @param idleTimeout how long one is kept warm
 * @param maxItems how many items a worker runs before it is replaced; 0 for never
 * @param maxRssBytes a worker is replaced when it holds more memory; 0 for never
 * @param stopGrace how long a function may take to notice that it is to stop, before it is killed
 * @param startTimeout how long a worker may take to load its function
 * @param maxResultBytes the longest result of one item
 * @param maxFrameBytes the longest frame of a worker
 * @param dataDirectory all that the service keeps; nothing of it is for workers, but their scratch
 * @param scratch the directory under which each worker has its own
 * @param environment variables that every worker gets besides the few it always has
 * @param python the interpreter: a path or a name on the PATH
 * @param javaOptions of the JVM that runs Java functions
 * @param jarDirectory where the jars with Java functions are
 * @param limits what each may use of the machine
 * @param isolation how they are kept from all else
 */
public record WorkerSettings(
    int slots,
    int maxIdle,
    Duration idleTimeout,
    long maxItems,
    long maxRssBytes,
    Duration stopGrace,
    Duration startTimeout,
    int maxResultBytes,
    int maxFrameBytes,
    Path dataDirectory,
    Path scratch,
    Map<String, String> environment,
    String python,
    List<String> javaOptions,
    Path jarDirectory,
    WorkerLimits limits,
    Isolation isolation) {
  /** A frame is in memory twice while it is checked; all slots together may take a quarter. */
  private static final int SHARE_OF_HEAP = 8;

  /** Even the smallest heap takes results of this length. */
  private static final int LEAST_RESULT_BYTES = 64 << 10;

  /**
   * The longest result of one item that this heap has room for, on all slots at once.
   *
   * @param wanted bytes, as set
   * @param heapBytes the largest heap that the service may have
   */
  public static int resultBytes(long wanted, int slots, long heapBytes) {
    long room = Math.max(LEAST_RESULT_BYTES, heapBytes / SHARE_OF_HEAP / slots);
    return (int) Math.min(Math.min(wanted, room), Integer.MAX_VALUE - (2 << 20));
  }

  public WorkerSettings {
    environment = Map.copyOf(environment);
    javaOptions = List.copyOf(javaOptions);
  }
}
