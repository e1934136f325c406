package dev.manyhands.callback;

import dev.manyhands.support.BadSettingException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How callbacks are delivered.
 *
 * @param secret signs for jobs that bring none; null for none
 * @param allowPrivate whether they may go to addresses that are not public
 * @param attempts how many a message gets in all
 * @param timeout of one attempt, from the connection to the answer
 * @param concurrency how many attempts are made at once
 */
public record CallbackSettings(
    @Nullable String secret,
    boolean allowPrivate,
    int attempts,
    Duration timeout,
    int concurrency) {

  /**
   * @throws IllegalArgumentException if one makes no sense, without saying what a secret is
   */
  public CallbackSettings {
    if (secret != null && SigningKey.parse(secret).isEmpty()) {
      throw new BadSettingException("manyhands.callback.secret must be " + SigningKey.FORM);
    }
    if (attempts < 1 || concurrency < 1 || !timeout.isPositive()) {
      throw new BadSettingException(
          "manyhands.callback.attempts, .concurrency and .timeout must be positive");
    }
  }

  @Override
  public String toString() {
    return "CallbackSettings[allowPrivate=" + allowPrivate + ", attempts=" + attempts + "]";
  }
}
