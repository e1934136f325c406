package dev.manyhands.http;

import dev.manyhands.support.BadSettingException;
import java.time.Duration;

/**
 * Settings of streams.
 *
 * @param heartbeat how often a stream sends a sign of life, whether or not there is news: proxies
 *     keep the stream open, and a reader that is gone is noticed by the second sign
 */
public record StreamSettings(Duration heartbeat) {
  public StreamSettings {
    if (!heartbeat.isPositive()) {
      throw new BadSettingException(
          "manyhands.streams.heartbeat is " + heartbeat + "; it must be a time above 0, as in 15s");
    }
  }
}
