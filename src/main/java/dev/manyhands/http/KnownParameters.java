package dev.manyhands.http;

import dev.manyhands.model.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses query parameters that the controller's method does not have. Refuses also a parameter
 * that is given twice although it takes one value. A misspelt {@code wait} or the second of two
 * labels would otherwise be ignored, and their client would not notice. Safe for use by any thread.
 */
public final class KnownParameters implements HandlerInterceptor {
  /** By method: its parameters by name, and for each whether it takes several values. */
  private final Map<Method, Map<String, Boolean>> known = new ConcurrentHashMap<>();

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    String query = request.getQueryString();
    if (query != null && !query.isEmpty() && handler instanceof HandlerMethod method) {
      var names = known.computeIfAbsent(method.getMethod(), KnownParameters::parametersOf);
      var given = new HashSet<String>();
      for (String parameter : query.split("&", -1)) {
        String name = decoded(parameter.split("=", 2)[0]);
        check(name, names.keySet());
        if (!given.add(name) && !name.isEmpty() && !names.getOrDefault(name, false)) {
          throw Refusal.malformed(name, "is given twice, and takes one value");
        }
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

  private static Map<String, Boolean> parametersOf(Method method) {
    var names = new TreeMap<String, Boolean>();
    for (Parameter parameter : method.getParameters()) {
      var annotation = parameter.getAnnotation(RequestParam.class);
      if (annotation != null) {
        String given = annotation.name().isEmpty() ? annotation.value() : annotation.name();
        names.put(given.isEmpty() ? parameter.getName() : given, parameter.getType() == List.class);
      }
    }
    return names;
  }
}
