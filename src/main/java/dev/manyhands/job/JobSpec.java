package dev.manyhands.job;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a user asked for: one function over many inputs, with options. Everything has its default
 * filled in, except where null says that the service chooses.
 *
 * @param name for people; may be empty
 * @param function the code, resolved and pinned by digest
 * @param inputs where the items come from
 * @param call how an item becomes arguments
 * @param common a JSON object of arguments that every call gets; null when there are none
 * @param workers how many workers it may use at once; null for all slots
 * @param chunking how items are grouped
 * @param retry how many attempts an item gets
 * @param timeouts when an item or the job has taken too long
 * @param maxFailures how many items may fail before the job is {@code FAILED}
 * @param onError what to do then
 * @param seed makes random numbers reproducible; null for none
 * @param priority 0 (last) to 9 (first); each step doubles the share of the slots
 * @param labels the user's own words about the job
 */
public record JobSpec(
    String name,
    Function function,
    Inputs inputs,
    Call call,
    @Nullable String common,
    @Nullable Integer workers,
    Chunking chunking,
    Retry retry,
    Timeouts timeouts,
    long maxFailures,
    OnError onError,
    @Nullable Long seed,
    int priority,
    Map<String, String> labels) {

  public static final int DEFAULT_PRIORITY = 5;
  public static final int MAX_PRIORITY = 9;

  public JobSpec {
    labels = Map.copyOf(labels);
  }

  /** How an item becomes the arguments of one call. */
  public enum Call {
    /** The item is the one argument. */
    MAP,
    /** An array is spread over the parameters, an object over the keyword parameters. */
    STARMAP
  }

  /** What happens when more than {@code maxFailures} items have failed. */
  public enum OnError {
    /** The other items run all the same. */
    CONTINUE,
    /** The job ends at once. */
    STOP
  }

  /**
   * How items are grouped into chunks; both null for automatic.
   *
   * @param size so many items in each
   * @param count so many chunks in all
   */
  public record Chunking(@Nullable Long size, @Nullable Long count) {
    public static final Chunking AUTO = new Chunking(null, null);
  }

  /** Attempts an item gets in all, by what went wrong: 1 means that it is not tried again. */
  public record Retry(int crash, int timeout) {
    public static final Retry DEFAULT = new Retry(2, 1);
  }

  /** Null for no limit. */
  public record Timeouts(@Nullable Duration item, @Nullable Duration job) {
    public static final Timeouts NONE = new Timeouts(null, null);
  }
}
