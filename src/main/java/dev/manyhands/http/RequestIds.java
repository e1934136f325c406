package dev.manyhands.http;

import dev.manyhands.model.Trace;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Gives each request an id: the client's {@code X-Request-Id} if it is harmless in a log, otherwise
 * a generated one. The id is in the answer's header, in problems, and in every line that is logged
 * while the request is served. The trace id of the header {@code traceparent} is in these lines,
 * too. Each request, even a streamed one, is served by one thread from its beginning to its end.
 */
public final class RequestIds extends OncePerRequestFilter {
  public static final String HEADER = "X-Request-Id";

  /** The member of problems, and the name in the log. */
  public static final String NAME = "requestId";

  private static final String TRACE = "traceId";
  private static final String ATTRIBUTE = RequestIds.class.getName();
  private static final Pattern SANE = Pattern.compile("[A-Za-z0-9._:/+=@-]{1,128}");

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String id = of(request);
    response.setHeader(HEADER, id);
    MDC.put(NAME, id);
    Trace.parse(request.getHeader("traceparent"))
        .ifPresent(trace -> MDC.put(TRACE, trace.traceId()));
    try {
      chain.doFilter(request, response);
    } finally {
      MDC.remove(NAME);
      MDC.remove(TRACE);
    }
  }

  /**
   * Filters the dispatch of errors too, because the web server reports an error by another dispatch
   * of its request.
   */
  @Override
  protected boolean shouldNotFilterErrorDispatch() {
    return false;
  }

  @Override
  protected boolean shouldNotFilterAsyncDispatch() {
    return false;
  }

  /** Returns the id of a request. The first call chooses it. */
  public static String of(HttpServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof String known) {
      return known;
    }
    String sent = request.getHeader(HEADER);
    String id = isSane(sent) ? sent : next();
    request.setAttribute(ATTRIBUTE, id);
    return id;
  }

  private static boolean isSane(@Nullable String id) {
    return id != null && SANE.matcher(id).matches();
  }

  private static String next() {
    return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  }
}
