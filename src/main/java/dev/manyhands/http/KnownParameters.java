package dev.manyhands.http;

import dev.manyhands.model.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses query parameters that a request does not have. A misspelt {@code wait} would otherwise be
 * ignored, and its client would not notice. Safe for use by any thread.
 */
public final class KnownParameters implements HandlerInterceptor {
  private final Map<Method, Set<String>> known = new ConcurrentHashMap<>();

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    String query = request.getQueryString();
    if (query != null && !query.isEmpty() && handler instanceof HandlerMethod method) {
      Set<String> names = known.computeIfAbsent(method.getMethod(), KnownParameters::parametersOf);
      for (String parameter : query.split("&", -1)) {
        check(decoded(parameter.split("=", 2)[0]), names);
      }
    }
    return true;
  }

  private static void check(String name, Set<String> names) {
    if (!name.isEmpty() && !names.contains(name)) {
      throw Refusal.malformed(
          name,
          names.isEmpty()
              ? "is not a parameter of this request, which has none"
              : "is not a parameter of this request; known are " + String.join(", ", names));
    }
  }

  private static String decoded(String name) {
    try {
      return URLDecoder.decode(name, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw Refusal.malformed(name, "is not percent-encoded text");
    }
  }

  private static Set<String> parametersOf(Method method) {
    var names = new TreeSet<String>();
    for (Parameter parameter : method.getParameters()) {
      var annotation = parameter.getAnnotation(RequestParam.class);
      if (annotation != null) {
        String given = annotation.name().isEmpty() ? annotation.value() : annotation.name();
        names.add(given.isEmpty() ? parameter.getName() : given);
      }
    }
    return names;
  }
}
