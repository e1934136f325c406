package dev.manyhands.api;

import dev.manyhands.support.BadSettingException;
import java.time.Duration;

/**
 * How streams behave.
 *
 * @param heartbeat how often a stream gives a sign of life, whether or not there is anything to
 *     tell: proxies keep it open then, and a reader that is gone is noticed by the second one
 */
public record StreamSettings(Duration heartbeat) {
  public StreamSettings {
    if (!heartbeat.isPositive()) {
      throw new BadSettingException(
          "manyhands.streams.heartbeat is " + heartbeat + "; it must be a time above 0, as in 15s");
    }
  }
}
