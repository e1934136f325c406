package dev.manyhands.http.access;

import dev.manyhands.support.BadSettingException;
import java.util.List;

/**
 * The configured tokens, by what their bearers may do. Immutable.
 *
 * @param all tokens whose bearers may call everything; none: clients cannot be distinguished
 * @param metrics tokens whose bearers may only read the metrics
 */
public record AccessTokens(BearerTokens all, BearerTokens metrics) {

  /**
   * Rejects tokens for metrics without other tokens. Any client could then call everything, and a
   * client with a token for metrics would gain nothing.
   */
  public AccessTokens {
    if (all.isEmpty() && !metrics.isEmpty()) {
      throw new BadSettingException(
          "manyhands.security.metrics-tokens has no effect without manyhands.security.tokens: "
              + "set both, or none");
    }
  }

  /**
   * Reads the two settings.
   *
   * @throws IllegalArgumentException if an entry cannot be a token; the message never contains it
   */
  public static AccessTokens of(List<String> all, List<String> metrics) {
    return new AccessTokens(
        new BearerTokens("manyhands.security.tokens", all),
        new BearerTokens("manyhands.security.metrics-tokens", metrics));
  }
}
