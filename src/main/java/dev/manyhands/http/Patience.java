package dev.manyhands.http;

import dev.manyhands.model.Refusal;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads how long a client wants its answer to wait for the end of a job or comparison. */
public final class Patience {
  /** The longest wait. A longer wish counts as this one. */
  public static final Duration MAX = Duration.ofMinutes(5);

  private static final Pattern PREFER_WAIT =
      Pattern.compile("(?:^|[,;\\s])wait\\s*=\\s*\"?(\\d{1,9})\"?");

  private Patience() {}

  /**
   * Returns the longest time to wait, at most {@link #MAX}.
   *
   * @param wait seconds of the parameter {@code wait}; null if it is absent
   * @param prefer the header {@code Prefer}, which counts only if the parameter is absent; null if
   *     absent
   * @throws Refusal if the parameter is negative or not a number
   */
  public static Duration of(@Nullable Double wait, @Nullable String prefer) {
    double seconds = wait == null ? 0 : wait;
    if (wait == null && prefer != null) {
      var match = PREFER_WAIT.matcher(prefer);
      seconds = match.find() ? Long.parseLong(match.group(1)) : 0;
    }
    if (!(seconds >= 0)) {
      throw Refusal.malformed("wait", "must be a number of seconds");
    }
    return Duration.ofNanos((long) (Math.min(seconds, MAX.toMillis() / 1e3) * 1e9));
  }

  /** Returns whether the header {@code Prefer} asks for a wait. */
  static boolean isPreferred(@Nullable String prefer) {
    return prefer != null && PREFER_WAIT.matcher(prefer).find();
  }
}
