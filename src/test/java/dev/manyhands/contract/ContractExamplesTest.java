package dev.manyhands.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The examples of the contract, and the judge that compares them. */
class ContractExamplesTest {
  private static final JsonMapper JSON = new JsonMapper();

  private final ContractDocument contract = new ContractDocument();
  private final ContractBodies bodies = new ContractBodies(contract);
  private final List<String> faults = new ArrayList<>();
  private int compared;

  @Test
  void everyExampleIsOfItsSchema() {
    walk(contract.root(), "");
    assertThat(faults).isEmpty();
    assertThat(compared).isGreaterThan(60);
  }

  /** Public parsers refuse YAML with more aliases than this default of the library. */
  @Test
  void publicParsersTakeTheFile() {
    assertThat(new LoaderOptions().getMaxAliasesForCollections()).isEqualTo(50);
    Object members =
        new Yaml().load(ContractExamplesTest.class.getResourceAsStream("/openapi.yaml"));
    assertThat(members).isInstanceOf(Map.class);
  }

  /** A judge that accepts everything would find nothing. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/function          | {\"runtime\": \"perl\", \"code\": \"x\"}",
        "/function          | 7",
        "/inputs            | \"1, 2\"",
        "/inputs            | {\"range\": {\"start\": 1}}",
        "/inputs            | {\"range\": {\"stop\": 1}, \"open\": true}",
        "/maxFailures       | \"5\"",
        "/maxFailures       | 1.5",
        "/memory            | \"512 lots\"",
        "/call              | \"mapp\"",
        "/stopWhen          | {\"truthy\": 1, \"falsy\": 1}",
        "/chunking          | {\"sise\": 1}",
        "/labels            | {\"team\": 1}",
        "/sise              | 1",
        "/notBefore         | \"tomorrow\""
      })
  void aWrongRequestIsNoExample(String member, String value) {
    ObjectNode job = (ObjectNode) JSON.readTree("{\"function\": \"gcd\", \"inputs\": [[4, 6]]}");
    assertThat(request(job)).isEmpty();
    job.set(member.substring(1), JSON.readTree(value));
    assertThat(request(job)).as("%s", job).isNotEmpty();
  }

  private List<String> request(JsonNode job) {
    return contract.faults("/components/schemas/JobRequest", job);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | application/json         | {\"functions\": []} | ",
        "200 | application/json         | {\"functions\": 7} | /functions: integer found",
        "200 | application/json         | {} | required property 'functions' not found",
        "200 | application/json         | {\"functions\": [], \"more\": 1} | 'more'",
        "200 | text/html                | x | the media type is 'text/html'",
        "204 | ''                       | '' | the contract has no such status",
        "404 | application/problem+json | {\"title\": \"x\"} | required property 'type' not found"
      })
  void aWrongAnswerIsReported(int status, String type, String body, String fault) {
    var answer =
        new AnswerContract.Given(
            "GET",
            URI.create("http://localhost/api/v1/functions?x=1"),
            status,
            name -> Optional.of(name.equals("Content-Type") ? type : "x"));
    String reported = "";
    try {
      AnswerContract.check(answer, body);
    } catch (AssertionError expected) {
      reported = expected.getMessage();
    }
    if (fault == null) {
      assertThat(reported).isEmpty();
    } else {
      assertThat(reported).contains("GET http://localhost/api/v1/functions", fault);
    }
  }

  /**
   * Compares the examples of a media type or parameter with its schema, and of a schema with
   * itself.
   */
  private void walk(JsonNode node, String at) {
    String schema = node.has("schema") ? at + "/schema" : at;
    if (node.has("example")) {
      compare(schema, at, node.get("example"));
    }
    JsonNode examples = node.path("examples");
    examples.forEach(
        example -> compare(schema, at, examples.isArray() ? example : example.get("value")));
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        walk(node.get(i), at + "/" + i);
      }
    }
    for (var member : node.properties()) {
      if (!List.of("example", "examples").contains(member.getKey())) {
        walk(member.getValue(), at + ContractDocument.step(member.getKey()));
      }
    }
  }

  private void compare(String schema, String at, JsonNode example) {
    compared++;
    String last = at.substring(at.lastIndexOf('/') + 1).replace("~1", "/");
    boolean isText = example.isString() && contract.at(schema).has("contentSchema");
    List<String> wrongs =
        isText
            ? bodies.faults(at, last, example.stringValue())
            : contract.faults(contract.resolved(schema), example);
    wrongs.forEach(wrong -> faults.add(at + ": " + wrong));
  }
}
