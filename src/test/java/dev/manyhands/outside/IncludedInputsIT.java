package dev.manyhands.outside;

import static dev.manyhands.outside.Service.json;
import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Results with the inputs of their items, and the memory that inputs take in answers, on both
 * stores.
 */
class IncludedInputsIT extends OnEachStore {
  private static final String JOBS = "/api/v1/jobs/";

  @Override
  String[] settings() {
    return new String[] {"--manyhands.workers.slots=2"};
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "order=input",
        "order=completion",
        "order=input&follow=true",
        "order=completion&follow=true"
      })
  void eachLineHasItsInput(String query) {
    String id =
        service.submit(
            python(
                "def f(x): return 60 // x['n']",
                "[{\"n\":\r\n 1}, {\"n\": 0}, {\"n\": 2.50}]",
                "\"chunking\": {\"size\": 1, \"order\": \"reversed\"}"));
    if (!query.contains("follow")) {
      service.await(id);
    }
    List<String> lines = lines(id, query + "&include=input");

    assertThat(lines).hasSize(4);
    assertThat(lines).filteredOn(line -> line.startsWith("{\"index\":0,")).hasSize(1);
    assertThat(lines)
        .anyMatch(line -> line.endsWith(",\"input\":{\"n\": 1},\"value\":60}"))
        .anyMatch(line -> line.contains(",\"input\":{\"n\": 0},\"error\":{\"index\":1,"))
        .anyMatch(line -> line.endsWith(",\"input\":{\"n\": 2.50},\"value\":24.0}"));
    assertThat(json(lines.getLast()).at("/end/complete").booleanValue()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"input", "completion"})
  void manyLinesHaveTheirInputsWhateverTheOrder(String order) {
    String range = "{\"range\": {\"start\": 5, \"stop\": 60005, \"step\": 2}}";
    var posted = new StringBuilder("[5");
    for (int i = 1; i < 30_000; i++) {
      posted.append(',').append(5 + 2 * i);
    }
    for (String inputs : List.of(range, posted + "]")) {
      JsonNode job =
          service.run(
              python("def f(x): return -x", inputs, "\"chunking\": {\"order\": \"shuffled\"}"));
      List<String> lines =
          lines(job.get("id").stringValue(), "from=7&include=input&order=" + order);

      assertThat(lines).hasSize(30_000 - 7 + 1);
      for (String line : lines.subList(0, lines.size() - 1)) {
        JsonNode read = json(line);
        long input = 5 + 2 * read.get("index").longValue();
        assertThat(read.get("input").longValue()).isEqualTo(input);
        assertThat(read.get("value").longValue()).isEqualTo(-input);
      }
    }
  }

  @Test
  void aPageHasTheInputsOfItsItems() {
    JsonNode job = service.run(python("def f(x): return 60 // x", "[4, 0, 1.5, 3]"));
    String results = JOBS + job.get("id").stringValue() + "/results";

    JsonNode page = service.get(results + "?include=input&offset=1&limit=2").json();
    assertThat(page.get("results")).isEqualTo(json("[null, 40.0]"));
    assertThat(page.get("inputs")).isEqualTo(json("[0, 1.5]"));
    assertThat(page.get("next").longValue()).isEqualTo(3);
    assertThat(service.get(results + "?include=input&offset=4").json().get("inputs")).isEmpty();
    assertThat(service.get(results).json().has("inputs")).isFalse();
    for (String wrong : List.of("include=inputs", "include=", "includes=input")) {
      assertThat(service.get(results + "?" + wrong).status()).as(wrong).isEqualTo(400);
    }
  }

  @Test
  void onlyItemsThatAreShownHaveInputs() {
    String code = "def f(x): return 60 // x";
    String paused = service.submit(python(code, "[1, 2]", "\"paused\": true"));
    String query = "/results?include=input";
    assertThat(service.get(JOBS + paused + query).json().get("inputs")).isEmpty();
    service.cancelled(paused);
    assertThat(service.get(JOBS + paused + query).json().get("inputs")).hasSize(2);
    for (String order : List.of("input", "completion")) {
      assertThat(lines(paused, "include=input&order=" + order))
          .anyMatch(line -> line.endsWith(",\"input\":2,\"skipped\":true}"));
    }

    JsonNode sum = service.run(python(code, "[1, 0, 2, 0]", "\"reduce\": \"sum\""));
    String id = sum.get("id").stringValue();
    assertThat(lines(id, "include=input")).hasSize(3).first().asString().contains("\"input\":0,");
    assertThat(lines(id, "include=input&order=completion")).hasSize(3);
    assertThat(service.get(JOBS + id + query).json().get("inputs")).isEqualTo(json("[1, 0, 2, 0]"));
  }

  private List<String> lines(String id, String query) {
    return service
        .send(
            service
                .request(JOBS + id + "/results?" + query)
                .header("Accept", "application/x-ndjson")
                .GET())
        .body()
        .lines()
        .map(String::strip)
        .toList();
  }

  /** All together would hold more than the heap of the service. */
  @Test
  void readersThatAreStuckHoldFewLargeItems() throws Exception {
    String item = Service.quote("z".repeat(9_000_000));
    String function = "{\"runtime\": \"python\", \"code\": \"def f(x): return len(x)\"}";
    String id =
        service.submitLines("{\"function\": " + function + "}", Collections.nCopies(3, item));
    var stuck = new ArrayList<Socket>();
    try {
      for (int i = 0; i < 20; i++) {
        stuck.add(Wire.ask(service, JOBS + id + "/request"));
        String lines = "Accept: application/x-ndjson";
        stuck.add(Wire.ask(service, JOBS + id + "/results?include=input", lines));
      }
      for (Socket reader : stuck) {
        assertThat(reader.getInputStream().read()).as("200, or 503").isEqualTo('H');
      }
    } finally {
      for (Socket reader : stuck) {
        reader.close();
      }
    }
    assertThat(service.log()).doesNotContain("OutOfMemoryError");
    assertThat(service.get(JOBS + id + "/request").body())
        .endsWith("\"inputs\":[" + item + "," + item + "," + item + "]}");
  }
}
