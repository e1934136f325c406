package dev.manyhands.model;

import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The receiver to notify when a job has ended.
 *
 * @param url an http or https URL; the part after {@code ?} may be secret too
 * @param secret signs the message: {@code whsec_} and Base64; null for the service's own secret
 */
public record Callback(String url, @Nullable String secret) {

  /**
   * Returns the host and port of the URL; the port is -1 if the URL has none. All messages to one
   * receiver share its limit of messages at once.
   */
  public String receiver() {
    try {
      var uri = URI.create(url);
      return (uri.getHost() + ":" + uri.getPort()).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException unparsable) {
      return shown(url);
    }
  }

  /** Returns the URL without its query, for answers, logs and people. */
  public static String shown(String url) {
    int query = url.indexOf('?');
    return query < 0 ? url : url.substring(0, query);
  }

  /** Returns a text for people and logs, without the parts that may be secret. */
  @Override
  public String toString() {
    return "Callback[url=" + shown(url) + "]";
  }
}
