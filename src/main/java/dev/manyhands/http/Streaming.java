package dev.manyhands.http;

import jakarta.servlet.http.HttpServletResponse;
import org.apache.coyote.CloseNowException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Common parts of all streamed answers. */
public final class Streaming {
  private static final Logger log = LoggerFactory.getLogger(Streaming.class);

  private Streaming() {}

  /** Asks proxies to pass each piece on at once, and to store none. */
  public static void headers(HttpServletResponse response) {
    response.setHeader("Cache-Control", "no-store");
    // Not a standard, but nginx and compatible proxies obey it.
    response.setHeader("X-Accel-Buffering", "no");
  }

  /**
   * Returns an exception that closes the connection of an answer that has begun and must not look
   * complete. The exception is not logged. If the answer has not begun, throws the given exception,
   * which becomes a problem.
   */
  public static CloseNowException cut(HttpServletResponse response, RuntimeException why) {
    if (!response.isCommitted()) {
      throw why;
    }
    log.debug("an answer is cut off", why);
    return new CloseNowException(why.getMessage(), why);
  }

  /**
   * Handles a failure of a stream. Before the first byte, the failure becomes a problem as usual.
   * Later, a problem would be in the middle of the stream, so the stream ends without its end mark.
   * A client that asks again gets the reason.
   */
  public static void brokeOff(HttpServletResponse response, RuntimeException why) {
    if (!response.isCommitted()) {
      throw why;
    }
    log.debug("a stream broke off", why);
  }
}
