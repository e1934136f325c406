package dev.manyhands.job;

import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where to tell that a job has ended.
 *
 * @param url an http or https URL; what follows its {@code ?} may be secret too
 * @param secret what the message is signed with: {@code whsec_} and Base64; null for the service's
 *     own
 */
public record Callback(String url, @Nullable String secret) {

  /** Returns the host and port of the URL: messages to one receiver share what is sent at once. */
  public String receiver() {
    try {
      var uri = URI.create(url);
      return (uri.getHost() + ":" + uri.getPort()).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException unparsable) {
      return shown(url);
    }
  }

  /** The URL without its query: for answers, logs and people. */
  public static String shown(String url) {
    int query = url.indexOf('?');
    return query < 0 ? url : url.substring(0, query);
  }

  /** For people and logs: without what may be secret. */
  @Override
  public String toString() {
    return "Callback[url=" + shown(url) + "]";
  }
}
