package dev.manyhands.http;

import dev.manyhands.model.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.http.HttpHeaders;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses compressed bodies. They are never unpacked, so a small request never becomes a large one.
 * Their compressed bytes must not be read as the content either.
 */
public final class PlainBodies implements HandlerInterceptor {
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
