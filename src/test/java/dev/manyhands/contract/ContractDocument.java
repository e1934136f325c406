package dev.manyhands.contract;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The contract with its schemas as judges of values. Stricter than the file in one way: an object
 * may have no members that its schema lacks. Safe for use by any thread.
 */
final class ContractDocument {
  private static final String FILE = "/openapi.yaml";
  private static final String NAME = "urn:manyhands:contract";

  private final JsonNode root;
  private final SchemaRegistry registry;
  private final Map<String, Schema> schemas = new ConcurrentHashMap<>();

  ContractDocument() {
    this(file());
  }

  ContractDocument(JsonNode root) {
    this.root = root;
    closeObjects();
    String text = root.toString();
    var settings = SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build();
    registry =
        SchemaRegistry.withDefaultDialect(
            Dialects.getOpenApi31(),
            builder -> builder.schemas(Map.of(NAME, text)).schemaRegistryConfig(settings));
  }

  /** Returns the file as JSON. */
  static JsonNode file() {
    try (InputStream file = ContractDocument.class.getResourceAsStream(FILE)) {
      Object members = new Yaml().load(file);
      return new JsonMapper().valueToTree(members);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Refuses further members, except where the file allows them or another schema adds them. */
  private void closeObjects() {
    Set<String> extended = new HashSet<>();
    for (JsonNode parts : root.findValues("allOf")) {
      parts.forEach(part -> extended.add(part.path("$ref").asString("")));
    }
    for (var schema : root.at("/components/schemas").properties()) {
      boolean isExtended = extended.contains("#/components/schemas/" + schema.getKey());
      boolean isOpen = schema.getValue().has("additionalProperties");
      if (schema.getValue().has("properties") && !isExtended && !isOpen) {
        ((ObjectNode) schema.getValue()).put("additionalProperties", false);
      }
    }
  }

  JsonNode root() {
    return root;
  }

  /** Returns the node at a pointer. Follows references, at the end and on the way. */
  JsonNode at(String pointer) {
    return root.at(resolved(pointer));
  }

  /** Returns the pointer to a node that is no reference. */
  String resolved(String pointer) {
    String reference = root.at(pointer).path("$ref").asString("");
    return reference.isEmpty() ? pointer : resolved(reference.substring(1));
  }

  /** Returns what is wrong with a value, one fault a line; empty if nothing is. */
  List<String> faults(String schemaPointer, JsonNode value) {
    return schemas.computeIfAbsent(schemaPointer, this::schema).validate(value).stream()
        .map(fault -> fault.getInstanceLocation() + ": " + fault.getMessage())
        .toList();
  }

  private Schema schema(String pointer) {
    return registry.getSchema(
        SchemaLocation.of(NAME + "#" + pointer.replace("{", "%7B").replace("}", "%7D")));
  }

  /** Returns a member's name as a step of a pointer. */
  static String step(String name) {
    return "/" + name.replace("~", "~0").replace("/", "~1");
  }
}
