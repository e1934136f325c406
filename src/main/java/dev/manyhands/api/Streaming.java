package dev.manyhands.api;

import jakarta.servlet.http.HttpServletResponse;
import org.apache.coyote.CloseNowException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all streamed answers have in common. */
final class Streaming {
  private static final Logger log = LoggerFactory.getLogger(Streaming.class);

  private Streaming() {}

  /** Asks whoever is in between to pass each piece on at once, and to keep none. */
  static void headers(HttpServletResponse response) {
    response.setHeader("Cache-Control", "no-store");
    // Not a standard, but what nginx and those that imitate it go by.
    response.setHeader("X-Accel-Buffering", "no");
  }

  /**
   * Returns what closes the connection of an answer that has begun and must not look whole, without
   * a word in the log.
   */
  static CloseNowException cut(HttpServletResponse response, RuntimeException why) {
    if (!response.isCommitted()) {
      throw why;
    }
    log.debug("an answer is cut off", why);
    return new CloseNowException(why.getMessage(), why);
  }

  /**
   * What went wrong before anything was sent becomes a problem as ever. After that it would stand
   * in the middle of the stream: the stream just ends, without its end, and who comes again is
   * told.
   */
  static void brokeOff(HttpServletResponse response, RuntimeException why) {
    if (!response.isCommitted()) {
      throw why;
    }
    log.debug("a stream broke off", why);
  }
}
