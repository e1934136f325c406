package dev.manyhands.api;

import dev.manyhands.job.Refusal;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name that a client gave a request by {@code Idempotency-Key}. Some clients send the name as
 * it is, others as a string in quotes, as the draft of the header has it (RFC 9651, section 3.3.3).
 * Both are one name. Whatever is no such string is taken as it is.
 *
 * @param name without quotes
 * @param asSent with quotes, under which earlier versions stored the name; null where it had none
 */
record RequestKey(String name, @Nullable String asSent) {
  private static final int MOST_CHARACTERS = 255;

  /** Printable ASCII in quotes, of which a quote and a backslash have a backslash before them. */
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

  /** Reads the header if there is one. */
  static Optional<RequestKey> ofNullable(@Nullable String header) {
    return Optional.ofNullable(header).map(RequestKey::of);
  }
}
