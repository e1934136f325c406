package dev.manyhands.http.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.context.annotation.ClassPathBeanDefinitionScanner;
import org.springframework.core.MethodParameter;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.http.MediaType;
import org.springframework.mock.web.MockServletContext;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ValueConstants;
import org.springframework.web.context.support.GenericWebApplicationContext;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The contract against the controllers: neither has a route or parameter that the other lacks. */
class ContractTest {
  private static final JsonNode CONTRACT =
      new JsonMapper().valueToTree(new Contract().servedBy("http://localhost"));

  private static final Map<Class<?>, String> TYPES =
      Map.of(
          String.class, "string",
          Integer.class, "integer int32",
          int.class, "integer int32",
          Long.class, "integer int64",
          long.class, "integer int64",
          Double.class, "number double",
          boolean.class, "boolean",
          List.class, "array");

  /** One way in which a route is mapped; several may differ in the body they take. */
  private record Mapped(RequestMappingInfo info, HandlerMethod method) {}

  /** A parameter of a route, or of an operation. */
  private record Parameter(String in, String name, boolean required, String type, String preset)
      implements Comparable<Parameter> {
    @Override
    public int compareTo(Parameter other) {
      return toString().compareTo(other.toString());
    }
  }

  @Test
  void everyRouteIsAnOperationAndTheOtherWayRound() {
    assertThat(operations().keySet()).isEqualTo(mapped().keySet());
  }

  @Test
  void bodiesAreOfTheTypesThatAreTaken() {
    mapped()
        .forEach((route, ways) -> {
          JsonNode body = operations().get(route).path("requestBody");
          var taken =
              types(ways, way -> way.info().getConsumesCondition().getConsumableMediaTypes());
          if (taken.isEmpty()) {
            assertThat(body.path("required").asBoolean(false)).as(route).isFalse();
          } else {
            assertThat(names(body.path("content"))).as(route).isEqualTo(taken);
          }
        });
  }

  @Test
  void answersAreOfTheTypesThatAreGiven() {
    mapped()
        .forEach((route, ways) -> {
          var given =
              types(ways, way -> way.info().getProducesCondition().getProducibleMediaTypes());
          for (var answer : operations().get(route).get("responses").properties()) {
            var described = names(answer.getValue().path("content"));
            if (!answer.getKey().startsWith("2") || described.isEmpty()) {
              continue;
            }
            assertThat(described)
                .as("%s %s", route, answer.getKey())
                .isEqualTo(given.isEmpty() ? Set.of(MediaType.APPLICATION_JSON_VALUE) : given);
          }
        });
  }

  @Test
  void parametersAreThoseThatAreRead() {
    mapped()
        .forEach((route, ways) -> {
          var described = new TreeSet<Parameter>();
          for (JsonNode parameter : operations().get(route).path("parameters")) {
            JsonNode schema = parameter.get("schema");
            String type = schema.get("type").stringValue();
            described.add(
                new Parameter(
                    parameter.get("in").stringValue(),
                    parameter.get("name").stringValue(),
                    parameter.get("required").booleanValue(),
                    schema.has("format") ? type + " " + schema.get("format").stringValue() : type,
                    schema.path("default").asString("")));
          }
          assertThat(described).as(route).isEqualTo(parameters(ways));
        });
  }

  @Test
  void operationsHaveNamesOfTheirOwnAndATag() {
    var tags =
        CONTRACT.get("tags").valueStream().map(tag -> tag.get("name").stringValue()).toList();
    var ids = new ArrayList<String>();
    operations()
        .forEach((route, operation) -> {
          ids.add(operation.get("operationId").stringValue());
          assertThat(tags).as(route).contains(operation.get("tags").get(0).stringValue());
          assertThat(operation.get("responses").has("default")).as(route).isTrue();
        });
    assertThat(ids).doesNotHaveDuplicates();
  }

  /**
   * A text without quotes that looks like a time, or a number for a name, would be none in JSON.
   */
  @Test
  void theFileHasNothingThatJsonHasNot() {
    assertThat(unlikeJson(new Contract().servedBy("http://localhost"), "")).isEmpty();
  }

  private static List<String> unlikeJson(Object value, String at) {
    return switch (value) {
      case Map<?, ?> map ->
          map.entrySet().stream()
              .flatMap(member ->
                  member.getKey() instanceof String name
                      ? unlikeJson(orText(member.getValue()), at + "/" + name).stream()
                      : List.of(at + "/" + member.getKey() + ": not a text").stream())
              .toList();
      case List<?> list ->
          list.stream().flatMap(each -> unlikeJson(orText(each), at + "/-").stream()).toList();
      case String _, Boolean _, Number _ -> List.of();
      default -> List.of(at + ": " + value.getClass().getSimpleName());
    };
  }

  private static Object orText(Object value) {
    return value == null ? "null" : value;
  }

  private static Map<String, JsonNode> operations() {
    var operations = new TreeMap<String, JsonNode>();
    for (var path : CONTRACT.get("paths").properties()) {
      for (var operation : path.getValue().properties()) {
        String method = operation.getKey().toUpperCase(Locale.ROOT);
        operations.put(method + " " + path.getKey(), operation.getValue());
      }
    }
    return operations;
  }

  /** As Spring maps the controllers of the service, of which none is made for that. */
  private static Map<String, List<Mapped>> mapped() {
    var routes = new TreeMap<String, List<Mapped>>();
    try (var context = new GenericWebApplicationContext(new MockServletContext())) {
      var scanner = new ClassPathBeanDefinitionScanner(context, false);
      scanner.addIncludeFilter(new AnnotationTypeFilter(Controller.class));
      scanner.scan("dev.manyhands");
      Arrays.stream(context.getBeanDefinitionNames())
          .map(context::getBeanDefinition)
          .forEach((BeanDefinition definition) -> definition.setLazyInit(true));
      context.refresh();
      var mapping = new RequestMappingHandlerMapping();
      mapping.setApplicationContext(context);
      mapping.setEmbeddedValueResolver(context.getBeanFactory()::resolveEmbeddedValue);
      mapping.afterPropertiesSet();
      mapping
          .getHandlerMethods()
          .forEach((info, method) ->
              info.getPatternValues().stream()
                  .filter(path -> path.startsWith("/api"))
                  .flatMap(path ->
                      info.getMethodsCondition().getMethods().stream()
                          .map(verb -> verb + " " + path))
                  .forEach(route ->
                      routes
                          .computeIfAbsent(route, _ -> new ArrayList<>())
                          .add(new Mapped(info, method))));
    }
    return routes;
  }

  private static Set<String> names(JsonNode node) {
    return new TreeSet<>(node.propertyNames());
  }

  private static Set<String> types(
      List<Mapped> ways, java.util.function.Function<Mapped, Set<MediaType>> of) {
    return ways.stream()
        .flatMap(way -> of.apply(way).stream())
        .map(MediaType::toString)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<Parameter> parameters(List<Mapped> ways) {
    var parameters = new TreeSet<Parameter>();
    for (Mapped way : ways) {
      for (MethodParameter parameter : way.method().getMethodParameters()) {
        String own = parameter.getParameter().getName();
        var query = parameter.getParameterAnnotation(RequestParam.class);
        var header = parameter.getParameterAnnotation(RequestHeader.class);
        var path = parameter.getParameterAnnotation(PathVariable.class);
        String type = TYPES.get(parameter.getParameterType());
        if (query != null) {
          boolean preset = !query.defaultValue().equals(ValueConstants.DEFAULT_NONE);
          parameters.add(
              new Parameter(
                  "query",
                  query.name().isEmpty() ? own : query.name(),
                  query.required() && !preset,
                  type,
                  preset ? query.defaultValue() : ""));
        } else if (header != null) {
          parameters.add(
              new Parameter(
                  "header",
                  header.name().isEmpty() ? own : header.name(),
                  header.required(),
                  type,
                  ""));
        } else if (path != null) {
          parameters.add(
              new Parameter("path", path.name().isEmpty() ? own : path.name(), true, type, ""));
        }
      }
    }
    return parameters;
  }
}
