package dev.manyhands.http.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.manyhands.http.job.JobView;
import dev.manyhands.intake.BulkRequest;
import dev.manyhands.intake.CancelItemsRequest;
import dev.manyhands.intake.JobChange;
import dev.manyhands.jobs.BulkOutcome;
import dev.manyhands.model.ItemError;
import dev.manyhands.report.JobReport;
import dev.manyhands.report.Timeline;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** The schemas of the contract against the records that are written and read. */
class ContractSchemasTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String COMPONENTS = "#/components/";
  private static final JsonNode CONTRACT =
      JSON.valueToTree(new Contract().servedBy("http://localhost"));

  private static final Map<String, Class<?>> ANSWERS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("submitJob", JobView.class),
              Map.entry("getJob", JobView.class),
              Map.entry("changeJob", JobView.class),
              Map.entry("cancelJob", JobView.class),
              Map.entry("retryJob", JobView.class),
              Map.entry("cancelJobs", BulkOutcome.class),
              Map.entry("deleteJobs", BulkOutcome.class),
              Map.entry("retryJobs", BulkOutcome.class),
              Map.entry("appendInputs", JobView.class),
              Map.entry("closeInputs", JobView.class),
              Map.entry("listShared", named("http.SharedView$SharedList")),
              Map.entry("listSharedSets", named("http.shared.SharedSetsController$SetList")),
              Map.entry("getSharedSet", named("http.shared.SharedSetsController$SetView")),
              Map.entry("putSharedSet", named("http.shared.SharedSetsController$SetView")),
              Map.entry("listItems", named("http.job.ItemPage")),
              Map.entry("getItem", named("http.job.ItemView")),
              Map.entry("getErrors", named("http.result.ErrorsController$ErrorList")),
              Map.entry("getTimeline", Timeline.class),
              Map.entry("getReport", JobReport.class),
              Map.entry("getCallback", named("http.job.CallbackController$CallbackView")),
              Map.entry("submitComparison", named("http.comparison.ComparisonView")),
              Map.entry("getComparison", named("http.comparison.ComparisonView")),
              Map.entry("cancelComparison", named("http.comparison.ComparisonView")),
              Map.entry(
                  "listComparisons", named("http.comparison.ComparisonsController$ComparisonList")),
              Map.entry("putFunction", named("http.function.FunctionsController$FunctionView")),
              Map.entry("getFunction", named("http.function.FunctionsController$FunctionView")),
              Map.entry("listFunctions", named("http.function.FunctionsController$FunctionList")),
              Map.entry("cancelItems", named("http.job.ItemsController$Fates")),
              Map.entry("getService", StateController.ServiceView.class),
              Map.entry("listRuntimes", RuntimesController.RuntimeList.class),
              Map.entry("listWorkers", ServiceController.WorkerList.class),
              Map.entry("getLimits", ServiceController.LimitsView.class)));

  /** Written member by member, from no record. */
  private static final Set<String> OTHER_ANSWERS =
      Set.of(
          "listJobs",
          "getResults",
          "getRequest",
          "getShared",
          "callShared",
          "getSharedSetObject",
          "callSharedSetObject");

  private static final Map<String, Class<?>> BODIES =
      Map.of(
          "submitJob",
          named("intake.JobRequest"),
          "changeJob",
          JobChange.class,
          "cancelItems",
          CancelItemsRequest.class,
          "cancelJobs",
          BulkRequest.class,
          "deleteJobs",
          BulkRequest.class,
          "submitComparison",
          named("intake.ComparisonRequest"),
          "putSharedSet",
          named("intake.SharedSetRequest$Body"));

  /**
   * Read by hand: a definition has the members of its runtime, and a retry most options of a job.
   */
  private static final Set<String> OTHER_BODIES =
      Set.of("putFunction", "retryJob", "retryJobs", "callShared", "callSharedSetObject");

  private static final Map<Type, String> TYPES =
      Map.ofEntries(
          Map.entry(String.class, "string"),
          Map.entry(Instant.class, "string date-time"),
          Map.entry(Boolean.class, "boolean"),
          Map.entry(boolean.class, "boolean"),
          Map.entry(Integer.class, "integer int32"),
          Map.entry(int.class, "integer int32"),
          Map.entry(Long.class, "integer int64"),
          Map.entry(long.class, "integer int64"),
          Map.entry(Double.class, "number double"),
          Map.entry(double.class, "number double"));

  private final List<String> wrongs = new ArrayList<>();

  /** A record that is written has all its members, and {@link Nullable} says which may be null. */
  private boolean isWritten;

  /** Returns a class that only its own room can name. */
  private static Class<?> named(String name) {
    try {
      return Class.forName("dev.manyhands." + name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void answersHaveTheMembersOfTheirRecords() {
    isWritten = true;
    var described = new TreeSet<String>();
    for (JsonNode operation : operations()) {
      String id = operation.get("operationId").stringValue();
      for (var answer : operation.get("responses").properties()) {
        JsonNode content = answer.getValue().path("content").path("application/json");
        if (content.isMissingNode() || OTHER_ANSWERS.contains(id)) {
          continue;
        }
        described.add(id);
        compare(ANSWERS.get(id), content.path("schema"), id + " " + answer.getKey());
      }
    }
    assertThat(described).isEqualTo(ANSWERS.keySet());
    assertThat(wrongs).isEmpty();
  }

  @Test
  void bodiesHaveTheMembersOfTheirRecords() {
    var described = new HashSet<String>();
    for (JsonNode operation : operations()) {
      String id = operation.get("operationId").stringValue();
      for (var content : operation.path("requestBody").path("content").properties()) {
        if (content.getKey().endsWith("json") && !content.getKey().endsWith("ndjson")) {
          described.add(id);
          if (!OTHER_BODIES.contains(id)) {
            compare(BODIES.get(id), content.getValue().path("schema"), id);
          }
        }
      }
    }
    described.removeAll(OTHER_BODIES);
    assertThat(described).isEqualTo(BODIES.keySet());
    assertThat(wrongs).isEmpty();
  }

  @Test
  void aRetryHasTheOptionsOfAJob() {
    Set<String> options = namesByJackson(named("intake.JobRequest"));
    options.removeAll(Set.of("inputs", "reduce", "values"));
    options.addAll(Set.of("only", "items", "group"));
    assertThat(properties(CONTRACT.at("/components/schemas/JobRetry")).keySet()).isEqualTo(options);
  }

  @Test
  void everyComponentIsReferredTo() {
    var referred = new TreeSet<String>();
    CONTRACT.findValues("$ref").forEach(reference -> referred.add(reference.stringValue()));
    var there = new TreeSet<String>();
    for (var kind : CONTRACT.get("components").properties()) {
      if (!kind.getKey().equals("securitySchemes")) {
        kind.getValue()
            .propertyNames()
            .forEach(name -> there.add(COMPONENTS + kind.getKey() + "/" + name));
      }
    }
    assertThat(there).isEqualTo(referred);
  }

  private static List<JsonNode> operations() {
    return CONTRACT.get("paths").valueStream().flatMap(JsonNode::valueStream).toList();
  }

  /** Returns the schema itself: not a reference, nor one with null as its alternative. */
  private static JsonNode resolved(JsonNode schema) {
    if (schema.has("$ref")) {
      return resolved(CONTRACT.at(schema.get("$ref").stringValue().substring(1)));
    }
    if (schema.has("oneOf") && (isNullable(schema) || isTimeline(schema))) {
      return resolved(schema.get("oneOf").get(0));
    }
    return schema;
  }

  /** The timeline may be asked for in a form that is written from no record. */
  private static boolean isTimeline(JsonNode schema) {
    return schema == CONTRACT.at("/components/schemas/TimelineAnswer");
  }

  private static boolean isNullable(JsonNode schema) {
    boolean byAlternative =
        schema
            .path("oneOf")
            .valueStream()
            .anyMatch(one -> one.path("type").asString("").equals("null"));
    return byAlternative
        || schema.path("type").valueStream().anyMatch(type -> type.asString().equals("null"));
  }

  private static Map<String, JsonNode> properties(JsonNode schema) {
    var properties = new TreeMap<String, JsonNode>();
    schema.path("allOf").forEach(part -> properties.putAll(properties(resolved(part))));
    schema
        .path("properties")
        .properties()
        .forEach(each -> properties.put(each.getKey(), each.getValue()));
    return properties;
  }

  private void compare(Type type, JsonNode given, String at) {
    JsonNode schema = resolved(given);
    switch (type) {
      case Class<?> text when text == String.class && !isWritten ->
          // Read as a text first, whatever its format.
          expect("string", schema.path("type").asString(""), at);
      case Class<?> known when TYPES.containsKey(known) ->
          expect(TYPES.get(known), typeOf(schema), at);
      case Class<?> choice when choice.isEnum() ->
          expect(
              Arrays.stream(choice.getEnumConstants()).map(Object::toString).toList(),
              schema.path("enum").valueStream().map(JsonNode::asString).toList(),
              at);
      case Class<?> written when written.isRecord() && written != named("intake.Verbatim") ->
          members(written, schema, at);
      case ParameterizedType list when list.getRawType() == List.class ->
          compare(list.getActualTypeArguments()[0], schema.path("items"), at + "[]");
      case ParameterizedType map when map.getRawType() == Map.class -> {
        if (map.getActualTypeArguments()[1] != Object.class) {
          compare(map.getActualTypeArguments()[1], schema.path("additionalProperties"), at + "{}");
        }
      }
      default -> {} // of several types, which the contract lists
    }
  }

  private void members(Class<?> written, JsonNode schema, String at) {
    Map<String, JsonNode> properties = properties(schema);
    expect(namesByJackson(written), properties.keySet(), at);
    for (RecordComponent component : written.getRecordComponents()) {
      JsonNode property = properties.getOrDefault(component.getName(), MissingNode.getInstance());
      String below = at + "/" + component.getName();
      if (isWritten) {
        // The model knows no annotations: HttpConfiguration leaves out the data of errors.
        boolean isData = written == ItemError.class && component.getName().equals("data");
        boolean isAlwaysThere =
            !isData && !component.getAccessor().isAnnotationPresent(JsonInclude.class);
        expect(isAlwaysThere, isRequired(schema, component.getName()), below + " is required");
      }
      if (component.getAccessor().isAnnotationPresent(JsonRawValue.class)) {
        anyValue(property, below);
      } else if (!property.isMissingNode()) {
        boolean mayBeNull = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
        // A member that is left out where it is null is never seen as null.
        boolean isLeftOut = component.getAccessor().isAnnotationPresent(JsonInclude.class);
        if (isWritten && !(isLeftOut && mayBeNull)) {
          expect(mayBeNull, isNullable(property), below + " may be null");
        }
        compare(component.getGenericType(), property, below);
      }
    }
  }

  private static boolean isRequired(JsonNode schema, String name) {
    return schema.path("required").valueStream().anyMatch(each -> each.asString().equals(name));
  }

  private static Set<String> namesByJackson(Class<?> written) {
    var config = JSON.serializationConfig();
    var introspector = config.classIntrospectorInstance().forOperation(config);
    var type = JSON.constructType(written);
    var names = new TreeSet<String>();
    introspector
        .introspectForSerialization(type, introspector.introspectClassAnnotations(type))
        .findProperties()
        .forEach(property -> names.add(property.getName()));
    return names;
  }

  /** A value of a user: one type would be too few. */
  private void anyValue(JsonNode schema, String at) {
    if (schema.path("type").isString()) {
      wrongs.add(at + ": may be more than " + schema.get("type").stringValue());
    }
  }

  private static String typeOf(JsonNode schema) {
    JsonNode types = schema.path("type");
    String type = (types.isArray() ? types.get(0) : types).asString("");
    return schema.has("format") ? type + " " + schema.get("format").stringValue() : type;
  }

  private void expect(Object inCode, Object inContract, String at) {
    if (!inCode.equals(inContract)) {
      wrongs.add(at + ": in the code " + inCode + ", in the contract " + inContract);
    }
  }
}
