package dev.manyhands.http.access;

import dev.manyhands.http.RequestIds;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Accepts a request, or answers it with a problem. No page of another origin may call. Every
 * request needs a token if any are configured, except for {@code /}, health, the API's description
 * and the code of the client and of the console. A token for metrics opens only the metrics and
 * these. Without tokens, the service listens on loopback only. It then accepts only requests to
 * names of loopback and to the allowed hosts. Any other name that resolves to 127.0.0.1 (DNS
 * rebinding) is therefore refused.
 */
public final class AccessFilter extends OncePerRequestFilter {
  private static final List<String> OPEN_TO_ALL =
      List.of("/actuator/health", "/swagger-ui", "/v3/api-docs", "/client", "/console");
  private static final String METRICS = "/actuator/prometheus";

  private final AccessTokens tokens;
  private final Set<String> allowedHosts;

  /**
   * @param allowedHosts names of the service that are accepted besides those of loopback; used only
   *     when there are no tokens
   */
  public AccessFilter(AccessTokens tokens, List<String> allowedHosts) {
    this.tokens = tokens;
    this.allowedHosts = Set.copyOf(allowedHosts);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String token = bearerToken(request);
    boolean isKnown = tokens.all().isEmpty() || (token != null && tokens.all().accept(token));
    boolean readsMetrics = !isKnown && token != null && tokens.metrics().accept(token);
    String path = request.getRequestURI();
    if (!sameOrigin(request)) {
      refuse(
          request,
          response,
          403,
          "foreign-origin",
          "Foreign origin",
          "a web page of another origin may not call this service");
    } else if (tokens.all().isEmpty() && !isOurName(request.getServerName())) {
      refuse(
          request,
          response,
          403,
          "unknown-host",
          "Unknown host",
          "this service is not known under the name in the Host header; call it as localhost or "
              + "127.0.0.1, or list the name in manyhands.security.allowed-hosts");
    } else if (readsMetrics && !isOpen(path) && !path.equals(METRICS)) {
      refuse(
          request,
          response,
          403,
          "metrics-only",
          "Token for metrics only",
          "this token opens " + METRICS + " only; send a token of manyhands.security.tokens");
    } else if (!isKnown && !readsMetrics && !isOpen(path)) {
      response.setHeader("WWW-Authenticate", "Bearer");
      refuse(
          request,
          response,
          401,
          "unauthorized",
          "Unauthorized",
          "send one of the configured tokens in the header 'Authorization: Bearer <token>'");
    } else {
      chain.doFilter(isKnown ? new KnownCaller(request) : request, response);
    }
  }

  /**
   * A request with a token, or any request if no tokens are configured. Its principal opens the
   * details of health, a page that is open to all.
   */
  private static final class KnownCaller extends HttpServletRequestWrapper {
    private static final Principal ANY = () -> "token";

    KnownCaller(HttpServletRequest request) {
      super(request);
    }

    @Override
    public Principal getUserPrincipal() {
      return ANY;
    }
  }

  private boolean isOurName(String host) {
    return host.equalsIgnoreCase("localhost") || isLoopback(host) || allowedHosts.contains(host);
  }

  /** Whether the host is an address of loopback, and no name, which could resolve to anything. */
  private static boolean isLoopback(String host) {
    try {
      return InetAddress.ofLiteral(host.replaceAll("^\\[|\\]$", "")).isLoopbackAddress();
    } catch (IllegalArgumentException noAddress) {
      return false;
    }
  }

  /**
   * Whether the request comes from a page of this origin, or from no page. Only browsers send an
   * origin.
   */
  private static boolean sameOrigin(HttpServletRequest request) {
    String origin = request.getHeader("Origin");
    if (origin == null) {
      return true;
    }
    try {
      var from = URI.create(origin);
      int port =
          from.getPort() != -1 ? from.getPort() : "https".equals(from.getScheme()) ? 443 : 80;
      return request.getServerName().equalsIgnoreCase(from.getHost())
          && port == request.getServerPort();
    } catch (IllegalArgumentException noUri) {
      return false;
    }
  }

  private static boolean isOpen(String path) {
    return path.equals("/")
        || OPEN_TO_ALL.stream()
            .anyMatch(open ->
                path.equals(open) || path.startsWith(open + "/") || path.equals(open + ".html"));
  }

  private static @Nullable String bearerToken(HttpServletRequest request) {
    @Nullable String header = request.getHeader("Authorization");
    return header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)
        ? header.substring(7).strip()
        : null;
  }

  private static void refuse(
      HttpServletRequest request,
      HttpServletResponse response,
      int status,
      String type,
      String title,
      String detail)
      throws IOException {
    response.setStatus(status);
    response.setContentType("application/problem+json");
    response.setCharacterEncoding(StandardCharsets.UTF_8.name());
    // All parts are fixed texts, or an id that needs no escaping.
    response
        .getWriter()
        .write(
            "{\"type\":\"urn:manyhands:problem:%s\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\",\"requestId\":\"%s\"}"
                .formatted(type, title, status, detail, RequestIds.of(request)));
  }
}
