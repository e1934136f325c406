package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Cancels random items of a job, and knows what the answers must be and what then becomes of these
 * items.
 */
final class OracleCancels {
  private static final List<String> STATES = List.of("cancelled", "running", "done");

  private final Asker service;
  private final String path;
  private final Deeds deeds;
  private final RandomGenerator random;

  /**
   * @param id of the job
   */
  OracleCancels(Asker service, String id, Deeds deeds, RandomGenerator random) {
    this.service = service;
    this.path = "/api/v1/jobs/" + id;
    this.deeds = deeds;
    this.random = random;
  }

  /** Cancels items of a job that is paused, none of which has begun therefore. */
  void whilePaused() {
    boolean force = random.nextBoolean();
    for (List<long[]> ranges : someRanges()) {
      var states = cancel(ranges, force);
      assertThat(states.values()).as("of a paused job").containsOnly("cancelled");
      deeds.cancelled.addAll(states.keySet());
      JsonNode job = service.get(path).json();
      if (job.get("items").get("total").intValue() == deeds.cancelled.size()) {
        job = service.get(path + "?wait=100").json(); // ends now, in a commit of its own
      }
      assertThat(job.get("items").get("skipped").intValue())
          .as("%s", job)
          .isEqualTo(deeds.cancelled.size());
      var item = service.get(path + "/items/" + states.keySet().iterator().next()).json();
      assertThat(item.get("state").stringValue()).isEqualTo("SKIPPED");
    }
  }

  /**
   * Cancels items of a job that may run, or may have ended.
   *
   * @param mayForce whether items may be run once more than they are charged for
   */
  void whileRunning(boolean mayForce) {
    boolean force = mayForce && random.nextBoolean();
    for (List<long[]> ranges : someRanges()) {
      var states = cancel(ranges, force);
      states.forEach((index, state) -> {
        switch (state) {
          case "cancelled" -> deeds.cancelled.add(index);
          case "running" -> assertThat(force).as("item %d, by force, is running", index).isFalse();
          default -> deeds.done.add(index);
        }
        if (deeds.cancelled.contains(index)) {
          assertThat(state).as("item %d again", index).isEqualTo("cancelled");
        }
      });
    }
  }

  /** Cancels items of a job that has ended, which changes nothing. */
  void afterTheEnd(Told told) {
    for (List<long[]> ranges : someRanges()) {
      cancel(ranges, random.nextBoolean())
          .forEach((index, state) ->
              assertThat(state)
                  .as("item %d of a job that has ended", index)
                  .isEqualTo(told.skipped().contains(index) ? "cancelled" : "done"));
    }
  }

  /** Returns ranges for one or two requests; nothing if the job has no items yet. */
  private List<List<long[]>> someRanges() {
    long total = service.get(path).json().get("items").get("total").longValue();
    var requests = new ArrayList<List<long[]>>();
    for (int i = random.nextInt(1, 3); i > 0 && total > 0; i--) {
      requests.add(random.nextInt(8) == 0 ? List.of(new long[] {0, total}) : ranges(total));
    }
    return requests;
  }

  private List<long[]> ranges(long total) {
    var bounds = new TreeSet<Long>();
    for (int i = random.nextInt(1, 4) * 2; i > 0; i--) {
      bounds.add(random.nextLong(total + 1));
    }
    bounds.add(random.nextLong(total));
    bounds.add(bounds.first() + 1);
    var sorted = List.copyOf(bounds);
    var ranges = new ArrayList<long[]>();
    for (int i = 0; i + 1 < sorted.size(); i += 2) {
      ranges.add(new long[] {sorted.get(i), Math.min(total, sorted.get(i + 1))});
    }
    ranges.removeIf(range -> range[0] >= range[1]);
    return ranges.isEmpty() ? List.of(new long[] {0, 1}) : ranges;
  }

  /** Returns the state of each item as it is answered: of just these items, in their order. */
  private TreeMap<Long, String> cancel(List<long[]> ranges, boolean force) {
    String items =
        ranges.stream()
            .map(range -> "[" + range[0] + ", " + range[1] + "]")
            .collect(Collectors.joining(", ", "[", "]"));
    String body = "{\"items\": %s, \"force\": %s}".formatted(items, force);
    var answer = service.post(path + "/items/cancel", body);
    assertThat(answer.status()).as("%s for %s", answer, body).isEqualTo(200);
    deeds.cancels++;
    var states = new TreeMap<Long, String>();
    var answered = new ArrayList<Long>();
    for (JsonNode part : answer.json().get("items")) {
      String state = part.get("state").stringValue();
      assertThat(state).isIn(STATES);
      for (long i = part.get("range").get(0).longValue();
          i < part.get("range").get(1).longValue();
          i++) {
        answered.add(i);
        states.put(i, state);
      }
    }
    var asked = new ArrayList<Long>();
    for (long[] range : ranges) {
      for (long i = range[0]; i < range[1]; i++) {
        asked.add(i);
      }
    }
    assertThat(answered).as("items in %s for %s", answer, body).isEqualTo(asked);
    return states;
  }
}
