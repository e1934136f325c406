package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The limit of an item is exact, in whichever way the item comes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ItemLimitIT {
  private static final int MOST_BYTES = 20;
  private static final String CODE = "def f(x): return len(x)";

  /** Longer than an item may be: the limit is one of items. */
  private static final String JOB =
      "{\"function\": {\"runtime\": \"python\", \"code\": \"def f(x): return len(x)\"}}\n";

  private Service service;

  @BeforeAll
  void start() {
    Requirements.python();
    service = Service.start(Service.newDirectory(), "--manyhands.limits.item=" + MOST_BYTES + "B");
  }

  @AfterAll
  void stop() {
    service.close();
  }

  @Test
  void anItemOfTheLimitIsAcceptedAndALargerOneIsRefused() {
    String most = Service.quote("x".repeat(MOST_BYTES - 2));
    submitted(most)
        .forEach(
            (way, answer) -> assertThat(answer.status()).as("%s: %s", way, answer).isIn(200, 202));
    String larger = Service.quote("x".repeat(MOST_BYTES - 1));
    submitted(larger)
        .forEach((way, answer) -> {
          assertThat(answer.status()).as("%s: %s", way, answer).isEqualTo(413);
          assertThat(answer.body()).as(way).contains("more than 20 bytes", "manyhands.limits.item");
        });
  }

  private Map<String, Service.Answer> submitted(String item) {
    var answers = new LinkedHashMap<String, Service.Answer>();
    String jobs = "/api/v1/jobs?wait=30";
    answers.put("body", service.post(jobs, python(CODE, "[\"a\", " + item + "]")));
    answers.put(
        "repeat",
        service.post(jobs, python(CODE, "{\"repeat\": {\"value\": " + item + ", \"times\": 2}}")));
    answers.put("lines", post(jobs, "application/x-ndjson", JOB + item + "  \n"));
    String job = "--xyz\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n" + JOB + "\r\n";
    String inputs =
        "--xyz\r\nContent-Disposition: form-data; name=\"inputs\"\r\n\r\n" + item + "\n\r\n";
    String form = "multipart/form-data; boundary=xyz";
    answers.put("form", post(jobs, form, job + inputs + "--xyz--\r\n"));
    answers.put("form, inputs first", post(jobs, form, inputs + job + "--xyz--\r\n"));
    String open = service.submit(python(CODE, "{\"open\": true}"));
    answers.put(
        "append", post("/api/v1/jobs/" + open + "/inputs", "application/x-ndjson", item + "\n"));
    service.post("/api/v1/jobs/" + open + "/close", "");
    return answers;
  }

  private Service.Answer post(String path, String type, String body) {
    return service.send(
        service.request(path).header("Content-Type", type).POST(BodyPublishers.ofString(body)));
  }
}
