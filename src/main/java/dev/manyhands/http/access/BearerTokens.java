package dev.manyhands.http.access;

import dev.manyhands.support.BadSettingException;
import dev.manyhands.support.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/**
 * The tokens of accepted clients. Only their hashes are kept. A comparison covers all hashes, in
 * constant time.
 */
public final class BearerTokens {
  private static final String HASHED = "sha256:";
  private static final int SHORTEST = 16;

  private final List<byte[]> hashes;

  /**
   * @param setting the name of the setting that holds the tokens, for messages
   * @param configured each {@code sha256:} and the hex SHA-256 of a token, or a token itself
   * @throws IllegalArgumentException if an entry is neither; the message never contains the entry
   */
  public BearerTokens(String setting, List<String> configured) {
    hashes = configured.stream().map(entry -> hashOf(setting, entry.strip())).toList();
  }

  private static byte[] hashOf(String setting, String configured) {
    if (configured.startsWith(HASHED)) {
      String digits = configured.substring(HASHED.length());
      if (digits.length() != 64 || !digits.chars().allMatch(HexFormat::isHexDigit)) {
        throw new BadSettingException(
            "a hashed token in " + setting + " must be sha256: and 64 hex digits");
      }
      return HexFormat.of().parseHex(digits);
    }
    if (configured.length() < SHORTEST) {
      throw new BadSettingException(
          "a token in " + setting + " has fewer than " + SHORTEST + " characters");
    }
    return sha256(configured);
  }

  /** Whether there are no tokens, so that clients cannot be distinguished. */
  public boolean isEmpty() {
    return hashes.isEmpty();
  }

  /** Whether the token is accepted. The time does not depend on the token. */
  public boolean accept(String token) {
    byte[] hash = sha256(token);
    boolean found = false;
    for (byte[] known : hashes) {
      found |= MessageDigest.isEqual(known, hash);
    }
    return found;
  }

  private static byte[] sha256(String token) {
    return Sha256.digest().digest(token.getBytes(StandardCharsets.UTF_8));
  }
}
