package dev.manyhands.jobs.callback;

import dev.manyhands.support.BadSettingException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the delivery of callbacks.
 *
 * @param secret signs the callbacks of jobs without a secret; null for none
 * @param allowed the receivers that callbacks may go to
 * @param attempts limit for the attempts to deliver a message; the message is given up after the
 *     last
 * @param timeout of one attempt, from the connection to the answer
 * @param concurrency limit for the attempts under way at once; other messages wait
 */
public record CallbackSettings(
    @Nullable String secret,
    AllowedReceivers allowed,
    int attempts,
    Duration timeout,
    int concurrency) {

  /**
   * @throws IllegalArgumentException if a value is invalid; the message never contains a secret
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
    return "CallbackSettings[allowed=" + allowed + ", attempts=" + attempts + "]";
  }
}
