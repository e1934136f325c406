package dev.manyhands.outside;

import static dev.manyhands.outside.Service.quote;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import tools.jackson.databind.JsonNode;

/** A retry of a job by another function, whose results are merged with those of the job. */
final class RetryTrial {
  private RetryTrial() {}

  /**
   * @param told the outcomes of the job
   */
  static void run(Service service, RandomJob job, String parent, Told told) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(job.seed());
    boolean unfinished = random.nextBoolean();
    var wanted = new TreeSet<>(told.errors().keySet());
    if (unfinished) {
      wanted.addAll(told.skipped());
    }
    String body = body(job, unfinished, random);
    var answer = service.post("/api/v1/jobs/" + parent + "/retry", body);
    if (wanted.isEmpty()) {
      assertThat(answer.status()).as("%s", answer).isEqualTo(409);
      return;
    }
    assertThat(answer.status()).as("%s", answer).isEqualTo(202);
    String id = answer.json().get("id").stringValue();
    JsonNode shown = service.await(id);
    assertThat(shown.get("parentId").stringValue()).isEqualTo(parent);
    assertThat(shown.get("state").stringValue()).as("%s", shown).isEqualTo("SUCCEEDED");
    assertThat(shown.get("items").get("succeeded").intValue()).isEqualTo(wanted.size());
    var indexes = new ArrayList<>(wanted);
    for (int at : List.of(0, random.nextInt(indexes.size()), indexes.size() - 1)) {
      JsonNode item = service.get("/api/v1/jobs/" + id + "/items/" + at).json();
      assertThat(item.get("parentIndex").longValue()).isEqualTo(indexes.get(at));
      assertThat(item.get("input"))
          .isEqualTo(Service.json(job.function().items().get(indexes.get(at).intValue()).json()));
    }
    checkMerged(service, job, id, merged(told, indexes, job), random);
  }

  private static void checkMerged(
      Service service, RandomJob job, String id, Told expected, RandomGenerator random) {
    String merged = "&merged=true";
    if (job.rules().reduce().equals("list")) {
      assertThat(Told.pages(service, id, random, merged)).as("merged pages").isEqualTo(expected);
      assertThat(Told.lines(service, id, false, merged)).as("merged lines").isEqualTo(expected);
    } else {
      var refused = service.get("/api/v1/jobs/" + id + "/results?merged=true");
      assertThat(refused.status()).as("%s", refused).isEqualTo(409);
    }
  }

  private static Told merged(Told told, List<Long> again, RandomJob job) {
    var values = new HashMap<>(told.values());
    var errors = new HashMap<>(told.errors());
    var skipped = new HashSet<>(told.skipped());
    for (long index : again) {
      values.put(index, Service.json(value(job)));
      errors.remove(index);
      skipped.remove(index);
    }
    return new Told(values, errors, skipped);
  }

  /** Its function returns one value for each item, which does not end the job early. */
  private static String body(RandomJob job, boolean unfinished, RandomGenerator random) {
    String value = value(job);
    String code = "import json\ndef f(*a, **k):\n    return json.loads(%s)".formatted(quote(value));
    var options = new ArrayList<String>();
    if (unfinished || random.nextBoolean()) {
      options.add("\"only\": " + quote(unfinished ? "unfinished" : "failed"));
    }
    options.add("\"function\": " + RandomFunction.definition(code));
    options.add("\"call\": \"map\", \"timeouts\": {\"item\": 100}");
    if (random.nextBoolean()) {
      options.add("\"description\": \"again\", \"maxFailures\": 0, \"workers\": 2");
    }
    return "{" + String.join(", ", options) + "}";
  }

  /** The value is a number, so that each reduction takes it. */
  private static String value(RandomJob job) {
    String match = job.rules().match();
    return match == null || match.equals("equals")
        ? "1234567.5"
        : match.equals("falsy") ? "1" : "0";
  }
}
