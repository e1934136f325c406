package dev.manyhands.api;

import dev.manyhands.job.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.http.HttpHeaders;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses bodies that are compressed. They are not unpacked, so that a small request is never a
 * large one; and their bytes must not be taken for what is in them.
 */
final class PlainBodies implements HandlerInterceptor {
  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (encoding != null && !encoding.isBlank() && !encoding.strip().equalsIgnoreCase("identity")) {
      response.setHeader(HttpHeaders.ACCEPT_ENCODING, "identity");
      throw Refusal.unsupported(
          HttpHeaders.CONTENT_ENCODING, "is not taken; send the body as it is, uncompressed");
    }
    return true;
  }
}
