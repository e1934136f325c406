package dev.manyhands.intake;

import dev.manyhands.model.Refusal;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name that a client gave a request in {@code Idempotency-Key}. Some clients send the name as
 * it is, others as a string in quotes, as the draft of the header requires (RFC 9651, section
 * 3.3.3). Both forms are one name. A value that is no quoted string is the name itself.
 *
 * @param name without quotes
 * @param asSent with quotes, as earlier versions stored the name; null if it had no quotes
 */
public record RequestKey(String name, @Nullable String asSent) {
  private static final int MOST_CHARACTERS = 255;

  /** Matches printable ASCII in quotes. A quote or a backslash inside has a backslash before it. */
  private static final Pattern STRING = Pattern.compile("\"((?:[ !#-\\[\\]-~]|\\\\[\"\\\\])*)\"");

  /**
   * Reads the header.
   *
   * @throws Refusal if it is empty or too long
   */
  static RequestKey of(String header) {
    var string = STRING.matcher(header);
    boolean isQuoted = string.matches();
    String name = isQuoted ? string.group(1).replaceAll("\\\\(.)", "$1") : header;
    if (name.isBlank() || header.length() > MOST_CHARACTERS) {
      throw Refusal.malformed(
          "Idempotency-Key", "must have 1 to " + MOST_CHARACTERS + " characters");
    }
    return new RequestKey(name, isQuoted ? header : null);
  }

  /**
   * Refuses a header that is no key.
   *
   * @throws Refusal if it is empty or too long
   */
  public static void check(@Nullable String header) {
    var _ = ofNullable(header);
  }

  /** Reads the header if there is one. */
  public static Optional<RequestKey> ofNullable(@Nullable String header) {
    return Optional.ofNullable(header).map(RequestKey::of);
  }
}
