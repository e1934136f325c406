package dev.manyhands.jobs.callback;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs messages so that receivers can check their origin: the symmetric scheme {@code v1} of
 * Standard Webhooks.
 */
final class SigningKey {
  static final String FORM = "'whsec_' and the Base64 of 24 to 64 random bytes";

  private static final String PREFIX = "whsec_";
  private static final int SHORTEST = 24;
  private static final int LONGEST = 64;
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  private SigningKey(byte[] key) {
    this.key = new SecretKeySpec(key, ALGORITHM);
  }

  /** Returns the key that the text encodes; empty if it encodes none. */
  static Optional<SigningKey> parse(String secret) {
    if (!secret.startsWith(PREFIX)) {
      return Optional.empty();
    }
    try {
      byte[] key = Base64.getDecoder().decode(secret.substring(PREFIX.length()));
      return key.length < SHORTEST || key.length > LONGEST
          ? Optional.empty()
          : Optional.of(new SigningKey(key));
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }

  /**
   * Returns the value of {@code webhook-signature}.
   *
   * @param seconds since 1970, as in {@code webhook-timestamp}
   */
  String sign(String id, long seconds, byte[] body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update((id + "." + seconds + ".").getBytes(US_ASCII));
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC-SHA256", e);
    }
  }
}
