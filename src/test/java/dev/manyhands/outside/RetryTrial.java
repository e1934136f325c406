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
  /** The items that are run again. */
  private enum Which {
    FAILED,
    UNFINISHED,
    /** Some in ranges, also ones with a value. */
    NAMED
  }

  private RetryTrial() {}

  /**
   * @param total the number of items of the job
   * @param told their outcomes
   */
  static void run(Service service, RandomJob job, String parent, int total, Told told) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(job.seed());
    var which = Which.values()[random.nextInt(Which.values().length)];
    var wanted = wanted(which, told, total, random);
    String body = body(job, which, wanted, random);
    var answer = service.post("/api/v1/jobs/" + parent + "/retry", body);
    if (wanted.isEmpty()) {
      // No item can be named of a job that has none.
      assertThat(answer.status()).as("%s", answer).isEqualTo(which == Which.NAMED ? 400 : 409);
      return;
    }
    assertThat(answer.status()).as("%s", answer).isEqualTo(202);
    if (PythonValues.hasUnopened(job.function(), wanted)) {
      return; // these items fail before they get to any function
    }
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

  private static TreeSet<Long> wanted(Which which, Told told, int total, RandomGenerator random) {
    var wanted = new TreeSet<Long>();
    if (which == Which.NAMED) {
      for (int i = 0; i < 4 && total > 0; i++) {
        long first = random.nextInt(total);
        for (long at = first; at < Math.min(total, first + random.nextInt(1, 20)); at++) {
          wanted.add(at);
        }
      }
    } else {
      wanted.addAll(told.errors().keySet());
    }
    if (which == Which.UNFINISHED) {
      wanted.addAll(told.skipped());
    }
    return wanted;
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
  private static String body(
      RandomJob job, Which which, TreeSet<Long> wanted, RandomGenerator random) {
    String value = value(job);
    String code =
        "import json\ndef setup(*a): pass\ndef f(*a, **k): return json.loads(%s)"
            .formatted(quote(value));
    var options = new ArrayList<String>();
    switch (which) {
      case NAMED -> options.add("\"items\": " + ranges(wanted));
      case UNFINISHED -> options.add("\"only\": \"unfinished\"");
      case FAILED -> options.add(random.nextBoolean() ? "\"only\": \"failed\"" : "\"workers\": 2");
    }
    options.add("\"function\": " + RandomFunction.definition(code));
    options.add("\"call\": \"map\", \"timeouts\": {\"item\": 100}");
    if (random.nextBoolean()) {
      options.add("\"description\": \"again\", \"maxFailures\": 0");
    }
    return "{" + String.join(", ", options) + "}";
  }

  private static String ranges(TreeSet<Long> items) {
    var ranges = new ArrayList<String>();
    for (long first : items) {
      if (!items.contains(first - 1)) {
        long end = first;
        while (items.contains(end)) {
          end++;
        }
        ranges.add("[%d, %d]".formatted(first, end));
      }
    }
    return ranges.toString();
  }

  /** The value is a number, so that each reduction takes it. */
  private static String value(RandomJob job) {
    String match = job.rules().match();
    return match == null || match.equals("equals")
        ? "1234567.5"
        : match.equals("falsy") ? "1" : "0";
  }
}
