package dev.manyhands.http.event;

import dev.manyhands.model.Refusal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The position of a reader in the events of all jobs: {@code 2f9c01-42}. Written as the id of each
 * event. A reader sends it back after a cut.
 *
 * @param run the life of the service that the number belongs to
 * @param number of the last change that the reader knows
 */
record EventPosition(long run, long number) {
  private static final Pattern TEXT = Pattern.compile("([0-9a-f]{1,10})-([0-9]{1,18})");
  private static final int HEXADECIMAL = 16;

  /**
   * Reads the position that a client sends; null for none.
   *
   * @param header the value that the client sent; null for none
   * @throws Refusal if the value is not the id of an event
   */
  static @Nullable EventPosition of(@Nullable String header) {
    if (header == null || header.isBlank()) {
      return null;
    }
    Matcher parts = TEXT.matcher(header.strip());
    if (!parts.matches()) {
      throw Refusal.malformed(
          EventIds.HEADER,
          "is not the id of an event of this stream; send the last one, or no such header");
    }
    return new EventPosition(
        Long.parseLong(parts.group(1), HEXADECIMAL), Long.parseLong(parts.group(2)));
  }

  @Override
  public String toString() {
    return Long.toString(run, HEXADECIMAL) + "-" + number;
  }
}
