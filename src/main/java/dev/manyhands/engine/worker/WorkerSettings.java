package dev.manyhands.engine.worker;

import dev.manyhands.engine.worker.sandbox.Isolation;
import dev.manyhands.engine.worker.sandbox.WorkerLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The settings of workers.
 *
 * @param slots how many workers may run at once
 * @param maxIdle how many workers may be kept warm beyond the slots in use
 * @param idleTimeout how long an idle worker is kept warm
 * @param maxItems how many items a worker runs before it is replaced; 0 for never
 * @param maxRssBytes a worker is replaced when it holds more memory; 0 for never
 * @param stopGrace how long a function may take to notice that it is to stop, before it is killed
 * @param startTimeout how long a worker may take to load its function
 * @param maxResultBytes the longest result of one item
 * @param maxFrameBytes the longest frame of a worker
 * @param dataDirectory the directory of all data of the service; workers may use only their scratch
 *     in it
 * @param scratch the directory that contains a directory for each worker
 * @param environment variables that every worker gets in addition to the few standard ones
 * @param python the interpreter: a path or a name on the PATH
 * @param javaOptions of the JVM that runs Java functions
 * @param jarDirectory the directory of the jars with Java functions
 * @param limits the resources that each worker may use
 * @param isolation the protection of all else from workers
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
  /**
   * The share of the heap for frames. A frame is in memory twice while it is checked, and all slots
   * together may take a quarter.
   */
  private static final int SHARE_OF_HEAP = 8;

  /** The result length that even the smallest heap accepts. */
  private static final int LEAST_RESULT_BYTES = 64 << 10;

  /**
   * Returns the longest result of one item for which this heap has room, in all slots at once.
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
