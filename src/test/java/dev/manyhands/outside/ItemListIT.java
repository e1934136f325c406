package dev.manyhands.outside;

import static dev.manyhands.outside.Service.json;
import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Items in pages, and jobs as requests, as a client reads them back on both stores. */
class ItemListIT extends OnEachStore {
  private static final String JOBS = "/api/v1/jobs/";

  @Override
  String[] settings() {
    return new String[] {
      "--manyhands.workers.slots=2",
      "--manyhands.callback.secret=whsec_YSBrZXkgb2YgdHdlbnR5LWZvdXIgYnl0ZQ=="
    };
  }

  @Test
  void itemsAreListedByState() {
    String code = "def f(x):\n    return 60 // (x % 10) if x < 50 else 'é' * 600";
    JsonNode job = service.run(python(code, "{\"range\": {\"stop\": 51}}", "\"maxFailures\": 50"));
    String id = job.get("id").stringValue();

    assertThat(pages(id, "FAILED", 2))
        .extracting(item -> item.get("index").intValue())
        .containsExactly(0, 10, 20, 30, 40);
    assertThat(pages(id, "failed", 100))
        .allMatch(item -> item.at("/error/type").stringValue().equals("ZeroDivisionError"));
    assertThat(pages(id, "FAILED", 2))
        .allMatch(
            item -> item.get("seconds").doubleValue() > 0 && item.get("worker").longValue() > 0)
        .noneMatch(item -> item.has("input"));
    List<JsonNode> succeeded = pages(id, "SUCCEEDED", 7);
    assertThat(succeeded)
        .allMatch(
            item -> item.get("seconds").doubleValue() > 0 && item.get("worker").longValue() > 0);
    assertThat(succeeded).hasSize(46);
    assertThat(succeeded.getFirst().get("value").intValue()).isEqualTo(60);
    assertThat(succeeded.getLast().get("value").isNull()).isTrue();
    assertThat(succeeded.getLast().get("valueBytes").intValue()).isEqualTo(1_202);
    assertThat(pages(id, "SKIPPED", 10)).isEmpty();
    assertThat(pages(id, null, 10))
        .extracting(item -> item.get("index").intValue())
        .hasSize(51)
        .isSorted();
    for (String wrong :
        List.of("state=DONE", "limit=0", "limit=1001", "cursor=x", "cursor=", "include=value")) {
      assertThat(service.get(JOBS + id + "/items?" + wrong).status()).as(wrong).isEqualTo(400);
    }
  }

  @Test
  void itemsWithoutAnOutcomeAreListed() {
    String id = service.submit(python("def f(x): return x", "[1, 2]", "\"paused\": true"));
    assertThat(pages(id, "PENDING", 1)).hasSize(2);
    service.cancelled(id);
    assertThat(pages(id, "SKIPPED", 1)).hasSize(2);
    assertThat(pages(id, "PENDING", 1)).isEmpty();
    assertThat(pages(id, "SKIPPED", 1))
        .allMatch(item -> item.get("seconds").isNull() && item.get("worker").isNull());
  }

  @Test
  void noItemsHaveNoInputs() {
    for (String inputs : List.of("[]", "{\"range\": {\"stop\": 0}}", "{\"open\": true}")) {
      String id = service.submit(python("def f(x): return x", inputs));
      var page = service.get(JOBS + id + "/items?include=input");
      assertThat(page.body()).as(inputs).isEqualTo("{\"items\":[],\"next\":null}");
      service.cancelled(id);
    }
  }

  @Test
  void failedItemsComeWithTheirInputs() {
    String code = "def f(x): raise ValueError(x if len(x) < 9 else 'long')";
    String long2Mb = Service.quote("é".repeat(1 << 20));
    String inputs = "[\"a\", " + long2Mb + ", 1.50, " + long2Mb + ", " + long2Mb + ", \"b\"]";
    String id = service.run(python(code, inputs)).get("id").stringValue();

    List<JsonNode> failed = pages(id, "FAILED&include=input", 100);
    assertThat(failed)
        .extracting(item -> item.get("index").intValue())
        .containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(failed.get(4).get("input")).isEqualTo(json(long2Mb));
    var page = service.get(JOBS + id + "/items?state=FAILED&include=input");
    assertThat(page.body()).contains("\"state\":\"FAILED\",\"input\":1.50,\"value\":null");
    assertThat(page.json().get("items").size()).as("a page ends after 4 MB").isEqualTo(4);
    assertThat(page.json().get("next").stringValue()).isEqualTo("4");

    // Inputs of a retry are those of its parent, under indexes of their own.
    String again =
        service
            .post(JOBS + id + "/retry", "{\"items\": [[2, 3], [5, 6]]}")
            .json()
            .get("id")
            .stringValue();
    service.await(again);
    assertThat(pages(again, "FAILED&include=input", 1))
        .extracting(item -> item.get("parentIndex") + " " + item.get("input"))
        .containsExactly("2 1.5", "5 \"b\"");
  }

  /** All items of a state, page by page. */
  private List<JsonNode> pages(String id, @Nullable String state, int limit) {
    var items = new ArrayList<JsonNode>();
    String cursor = "";
    while (true) {
      JsonNode page =
          service
              .get(
                  JOBS
                      + id
                      + "/items?limit="
                      + limit
                      + (state == null ? "" : "&state=" + state)
                      + cursor)
              .json();
      assertThat(page.get("items").size()).isLessThanOrEqualTo(limit);
      page.get("items").forEach(items::add);
      if (page.get("next").isNull()) {
        return items;
      }
      cursor = "&cursor=" + page.get("next").stringValue();
    }
  }

  @Test
  void aRequestThatIsPostedAgainIsTheSameJob() {
    String inputs = "[1,2.50,{\"z\":[\"é\",-0.0]}]";
    String id =
        service.submit(
            """
            {"name": "again", "description": "two\\nlines",
             "function": {"runtime": "python", "code": "def f(x, y=1): return x"},
             "common": {"y":-0.0}, "workers": 2, "chunking": {"size": 3, "order": "reversed"},
             "stopWhen": {"equals": {"a": 1}}, "nonFinite": "null", "maxFailures": "2.5%%",
             "onError": "stop", "retry": {"crash": 3, "backoff": 0.29},
             "timeouts": {"item": 30, "job": 600.5}, "seed": -5, "priority": 7, "ttl": 3600,
             "callback": {"url": "https://hooks.example.org/done?token=hidden",
                          "secret": "whsec_YSBrZXkgb2YgdHdlbnR5LWZvdXIgYnl0ZQ=="},
             "labels": {"a": "b"}, "inputs": %s}\
            """
                .formatted(inputs));
    service.await(id);
    var request = service.get(JOBS + id + "/request");

    assertThat(request.status()).isEqualTo(200);
    assertThat(request.body())
        .contains("\"common\":{\"y\":-0.0}", "\"inputs\":" + inputs)
        .doesNotContain("whsec_", "hidden");
    assertThat(request.json())
        .isEqualTo(
            json(
                """
                {"name": "again", "description": "two\\nlines",
                 "function":
                   {"runtime": "python", "code": "def f(x, y=1): return x", "entry": "f"},
                 "workers": 2, "chunking": {"size": 3, "order": "reversed"}, "nonFinite": "null",
                 "maxFailures": "2.5%%", "onError": "stop", "retry": {"crash": 3, "backoff": 0.29},
                 "timeouts": {"item": 30, "job": 600.5}, "seed": -5, "priority": 7, "ttl": 3600,
                 "callback": {"url": "https://hooks.example.org/done"}, "labels": {"a": "b"},
                 "common": {"y":-0.0}, "stopWhen": {"equals": {"a": 1}}, "inputs": %s}\
                """
                    .formatted(inputs)));
    String again = service.submit(request.body());
    service.await(again);
    assertThat(service.get(JOBS + again + "/request").body()).isEqualTo(request.body());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"range\":{\"start\":3,\"stop\":-1,\"step\":-2}}",
        "{\"repeat\":{\"value\":[12,18],\"times\":3}}",
        "{\"open\":true}",
        "[]",
        "[[12,18],[4,6]]"
      })
  void everyFormOfInputsComesBack(String inputs) {
    String id = service.submit("{\"function\": \"gcd\", \"inputs\": " + inputs + "}");
    String request = service.get(JOBS + id + "/request").body();
    service.cancelled(id);

    assertThat(request)
        .startsWith("{\"function\":\"gcd@sha256:")
        .endsWith("\",\"inputs\":" + inputs + "}");
    service.cancelled(service.submit(request));
  }

  @Test
  void itemsThatCameAsLinesAreListed() {
    var items = new ArrayList<String>();
    for (int i = 1; i < 30_000; i++) {
      items.add("[" + i + ",18]");
    }
    String id = service.submitLines("{\"function\": \"gcd\"}", items);

    assertThat(service.get(JOBS + id + "/request").body())
        .endsWith("\"inputs\":[" + String.join(",", items) + "]}");
    assertThat(service.delete(JOBS + id).status()).isEqualTo(204);
    for (String path : List.of("/request", "/items", "/results?include=input")) {
      assertThat(service.get(JOBS + id + path).status()).as(path).isEqualTo(404);
    }
  }
}
