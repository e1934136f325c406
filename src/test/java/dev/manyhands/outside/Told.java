package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;

/** The items of a job that has ended, as the service reports them in one of its ways. */
record Told(Map<Long, JsonNode> values, Map<Long, JsonNode> errors, Set<Long> skipped) {

  /** Page by page, of random sizes. */
  static Told pages(Service service, String id, RandomGenerator random) {
    return pages(service, id, random, "");
  }

  /**
   * @param more parameters, each with {@code &} before it
   */
  static Told pages(Service service, String id, RandomGenerator random, String more) {
    var told = new Told(new HashMap<>(), new HashMap<>(), new HashSet<>());
    long offset = 0;
    while (true) {
      long limit = random.nextInt(4) == 0 ? random.nextInt(1, 300) : 100_000;
      JsonNode page =
          service
              .get(
                  "/api/v1/jobs/"
                      + id
                      + "/results?limit="
                      + limit
                      + "&data=true&offset="
                      + offset
                      + more)
              .json();
      assertThat(page.get("offset").longValue()).isEqualTo(offset);
      assertThat(page.get("complete").booleanValue()).isTrue();
      for (JsonNode error : page.get("errors")) {
        told.errors().put(error.get("index").longValue(), error);
      }
      for (JsonNode range : page.get("skipped")) {
        for (long i = range.get(0).longValue(); i < range.get(1).longValue(); i++) {
          told.skipped().add(i);
        }
      }
      long index = offset;
      for (JsonNode value : page.get("results")) {
        // A null may be a value, or stand for none.
        if (!told.errors().containsKey(index) && !told.skipped().contains(index)) {
          told.values().put(index, value);
        } else {
          assertThat(value.isNull()).as("a value of item %d, which has none", index).isTrue();
        }
        index++;
      }
      if (page.get("next").isNull()) {
        return told;
      }
      assertThat(page.get("next").longValue()).isGreaterThan(offset);
      offset = page.get("next").longValue();
    }
  }

  /**
   * @param follow whether the job may still run
   */
  static Told lines(Service service, String id, boolean follow) {
    return lines(service, id, follow, "");
  }

  static Told lines(Service service, String id, boolean follow, String more) {
    var answer =
        service.send(
            service
                .request("/api/v1/jobs/" + id + "/results?follow=" + follow + more)
                .header("Accept", "application/x-ndjson"));
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    var told = new Told(new HashMap<>(), new HashMap<>(), new HashSet<>());
    long last = -1;
    JsonNode end = null;
    for (String text : answer.body().split("\n")) {
      assertThat(end).as("a line after the end").isNull();
      JsonNode line = Service.json(text);
      if (line.has("end")) {
        end = line.get("end");
        continue;
      }
      long index = line.get("index").longValue();
      assertThat(index).as("order of lines").isGreaterThan(last);
      last = index;
      if (line.has("error")) {
        told.errors().put(index, line.get("error"));
      } else if (line.has("skipped")) {
        told.skipped().add(index);
      } else {
        told.values().put(index, line.get("value"));
      }
    }
    assertThat(end).as("the last line").isNotNull();
    assertThat(end.get("complete").booleanValue()).isTrue();
    assertThat(end.get("next").isNull()).isTrue();
    return told;
  }
}
