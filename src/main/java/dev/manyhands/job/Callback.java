package dev.manyhands.job;

import org.jspecify.annotations.Nullable;

/**
 * Who is told that a job has ended.
 *
 * @param url where to post it
 * @param secret what to sign it with ({@code whsec_…}); null for the service's own. Never shown.
 */
public record Callback(String url, @Nullable String secret) {

  /** Without the secret, which belongs in no log. */
  @Override
  public String toString() {
    return "Callback[" + url + "]";
  }
}
