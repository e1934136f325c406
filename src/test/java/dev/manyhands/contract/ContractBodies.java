package dev.manyhands.contract;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads bodies of each media type of the contract and compares them with their schemas. */
final class ContractBodies {
  private static final JsonMapper JSON = LargeJson.MAPPER;

  /** The most lines or events of a body that are compared: more are of no other kinds. */
  private static final int MOST_PARTS = 200;

  /** The most characters of a value that are compared. */
  private static final int MOST_CHARACTERS = 256 << 10;

  private final ContractDocument contract;

  ContractBodies(ContractDocument contract) {
    this.contract = contract;
  }

  /**
   * Returns what is wrong with a body, one fault each.
   *
   * @param content pointer to the media type in the contract
   */
  List<String> faults(String content, String mediaType, String body) {
    String schema = contract.resolved(content + "/schema");
    return switch (mediaType) {
      case "application/json", "application/problem+json", "application/merge-patch+json" ->
          json(schema, body);
      case "application/x-ndjson" -> lines(schema + "/contentSchema", body);
      case "text/event-stream" -> events(schema + "/contentSchema/items", body);
      default -> List.of(); // a text
    };
  }

  private List<String> json(String schema, String body) {
    if (body.length() > MOST_CHARACTERS) {
      return List.of();
    }
    try {
      return contract.faults(schema, JSON.readTree(body));
    } catch (JacksonException e) {
      return List.of("no JSON: " + e.getOriginalMessage());
    }
  }

  private List<String> lines(String schema, String body) {
    var faults = new ArrayList<String>();
    List<String> lines = body.lines().toList();
    for (int i = 0; i < lines.size() && faults.isEmpty(); i++) {
      if (i < MOST_PARTS || i >= lines.size() - 2) {
        String which =
            i == 0 && !contract.at(schema + "/prefixItems").isMissingNode()
                ? "/prefixItems/0"
                : "/items";
        faults.addAll(named("line " + (i + 1), line(schema + which, lines.get(i))));
      }
    }
    return faults;
  }

  /** Returns what is wrong with one line. */
  List<String> line(String schema, String line) {
    return json(contract.resolved(schema), line);
  }

  private List<String> events(String schema, String body) {
    var faults = new ArrayList<String>();
    int number = 0;
    for (String text : body.split("\n\n")) {
      ObjectNode event = JSON.createObjectNode();
      for (String line : text.lines().toList()) {
        int colon = line.indexOf(": ");
        if (colon > 0) {
          event.put(line.substring(0, colon), line.substring(colon + 2));
        }
      }
      if (event.has("event") && faults.isEmpty() && number++ < MOST_PARTS) {
        faults.addAll(named("event " + event.get("event"), event(schema, event)));
      }
    }
    return faults;
  }

  private List<String> event(String schema, JsonNode event) {
    List<String> faults = contract.faults(contract.resolved(schema), event);
    if (!faults.isEmpty()) {
      return faults;
    }
    String kind =
        contract
            .at(schema)
            .at("/discriminator/mapping")
            .path(event.get("event").asString())
            .asString()
            .substring(1);
    String data = kind + "/properties/data/contentSchema";
    return named("data", json(contract.resolved(data), event.path("data").asString()));
  }

  private static List<String> named(String part, List<String> faults) {
    return faults.stream().map(fault -> part + " " + fault).toList();
  }
}
