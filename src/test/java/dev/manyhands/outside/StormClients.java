package dev.manyhands.outside;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Clients that submit small jobs to a service which may refuse them. They check that each accepted
 * job exists once and is right, and that no other job exists.
 */
final class StormClients {
  private static final String JOBS = "/api/v1/jobs/";

  /** The jobs of one client that have not ended, at most. */
  private static final int MOST_PENDING = 20;

  private static final String CODE = "def f(x): return 3 * x + 1";

  /** The ways to submit a job; one client has each. */
  private enum Way {
    PLAIN,
    REDUCED,
    CACHED,
    /** Under an idempotency key, once. */
    UNDER_KEY,
    /** Under an idempotency key until the service accepts the job, and once more then. */
    UNTIL_ACCEPTED,
    /** Inputs come in portions, each under a key until the service accepts the portion. */
    IN_PORTIONS
  }

  /** A job that the service has accepted. */
  private record Accepted(String id, Way way, List<Integer> items) {}

  private final LastingService service;
  private final long seed;
  private final ConcurrentLinkedQueue<Accepted> accepted = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger refusals = new AtomicInteger();

  StormClients(LastingService service, long seed) {
    this.service = service;
    this.seed = seed;
  }

  /** Submits jobs until this time of {@link System#nanoTime}. */
  void submitUntil(long deadline) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var clients = new ArrayList<Future<?>>();
      for (Way way : Way.values()) {
        clients.add(threads.submit(() -> submitUntil(deadline, way)));
      }
      for (Future<?> client : clients) {
        client.get();
      }
    }
  }

  private void submitUntil(long deadline, Way way) {
    var random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed * 31 + way.ordinal());
    Queue<Accepted> pending = new ArrayDeque<>();
    for (int i = 0; System.nanoTime() < deadline; i++) {
      List<Integer> items = random.ints(random.nextInt(1, 40), 0, 1_000).boxed().toList();
      String id = submit(way, "%s-%d-%d".formatted(way, seed, i), items, random);
      if (id != null) {
        var job = new Accepted(id, way, items);
        accepted.add(job);
        pending.add(job);
      }
      if (pending.size() > MOST_PENDING) {
        awaitEnd(pending.remove());
      }
    }
  }

  /** Returns the id of the job; null if the service refused the job. */
  private String submit(Way way, String key, List<Integer> items, RandomGenerator random) {
    return switch (way) {
      case PLAIN -> once(body(items), "");
      case REDUCED -> once(body(items, "\"reduce\": \"sum\""), "");
      case CACHED -> once(body(items, "\"cache\": true"), "");
      case UNDER_KEY -> once(body(items), key);
      case UNTIL_ACCEPTED -> twice(body(items), key);
      case IN_PORTIONS -> inPortions(key, items, random);
    };
  }

  private static String body(List<Integer> items, String... options) {
    return Service.python(CODE, items.toString(), options);
  }

  private String once(String body, String key) {
    var answer = post(service.now(), "", body, "application/json", key);
    if (answer.status() == 503) {
      refusals.incrementAndGet();
      LastingService.pause();
      return null;
    }
    return id(answer, 202);
  }

  private String twice(String body, String key) {
    String id = untilAccepted(body, key);
    String again = untilAccepted(body, key);
    if (!again.equals(id)) {
      failures.add("two jobs under the key %s: %s and %s".formatted(key, id, again));
    }
    return id;
  }

  private String inPortions(String key, List<Integer> items, RandomGenerator random) {
    String open = Service.python(CODE, "{\"open\": true}");
    String id = untilAccepted(open, key);
    int from = 0;
    while (from < items.size()) {
      int to = Math.min(items.size(), from + random.nextInt(1, 15));
      String lines =
          items.subList(from, to).stream().map(i -> i + "\n").collect(Collectors.joining());
      var answer =
          service.ask(s ->
              post(
                  s,
                  "/" + id + "/inputs",
                  lines,
                  "application/x-ndjson",
                  key + "-" + lines.hashCode() + "-" + to));
      if (answer.status() != 202 && answer.status() != 200) {
        failures.add("%s: an append is answered %s".formatted(id, answer));
      }
      from = to;
    }
    var closed = service.ask(s -> post(s, "/" + id + "/close", "", "application/json", ""));
    if (closed.status() != 202 && closed.status() != 200) {
      failures.add("%s: the end of its inputs is answered %s".formatted(id, closed));
    }
    return id;
  }

  private String untilAccepted(String body, String key) {
    return id(service.ask(s -> post(s, "", body, "application/json", key)), 202, 200);
  }

  private String id(Service.Answer answer, Integer... statuses) {
    if (!List.of(statuses).contains(answer.status())) {
      throw new AssertionError("a submission is answered " + answer);
    }
    return answer.json().get("id").stringValue();
  }

  private static Service.Answer post(
      Service service, String path, String body, String type, String key) {
    var request = service.request("/api/v1/jobs" + path).header("Content-Type", type);
    if (!key.isEmpty()) {
      request.header("Idempotency-Key", key);
    }
    return service.send(request.POST(BodyPublishers.ofString(body)));
  }

  private void awaitEnd(Accepted job) {
    JsonNode shown;
    do {
      shown = service.ask(s -> s.get(JOBS + job.id() + "?wait=1")).json();
    } while (shown.path("finishedAt").isNull());
  }

  // ---- the check, when all is quiet

  /** Returns a line for each promise that was broken. */
  List<String> check() {
    var ids = new HashSet<String>();
    for (Accepted job : accepted) {
      if (!ids.add(job.id())) {
        failures.add(job.id() + " is the answer to two submissions");
      }
      try {
        check(job);
      } catch (RuntimeException | AssertionError e) {
        failures.add("%s (%s): %s".formatted(job.id(), job.way(), e));
      }
    }
    Set<String> listed = listed();
    for (String id : listed) {
      if (!ids.contains(id)) {
        failures.add(id + " was refused, and is there");
      }
    }
    for (String id : ids) {
      if (!listed.contains(id)) {
        failures.add(id + " is not in the list");
      }
    }
    return List.copyOf(failures);
  }

  private void check(Accepted job) {
    JsonNode shown = service.now().await(job.id());
    List<Long> expected = job.items().stream().map(x -> 3L * x + 1).toList();
    if (!shown.get("state").stringValue().equals("SUCCEEDED")
        || shown.get("items").get("succeeded").longValue() != expected.size()) {
      failures.add(job + " is shown as " + shown);
    } else if (job.way() == Way.REDUCED) {
      long sum = expected.stream().mapToLong(x -> x).sum();
      if (shown.get("result").longValue() != sum) {
        failures.add(job + " has another sum: " + shown.get("result"));
      }
    } else {
      List<Long> results =
          service.now().results(job.id()).stream().map(JsonNode::longValue).toList();
      if (!results.equals(expected)) {
        failures.add(job + " has other results: " + results);
      }
    }
  }

  private Set<String> listed() {
    var all = new HashSet<String>();
    String cursor = "";
    while (true) {
      JsonNode page = service.now().get("/api/v1/jobs?limit=1000" + cursor).json();
      page.get("jobs")
          .forEach(job -> {
            if (!all.add(job.get("id").stringValue())) {
              failures.add(job.get("id") + " is listed twice");
            }
          });
      if (page.get("next").isNull()) {
        return all;
      }
      cursor = "&cursor=" + page.get("next").stringValue();
    }
  }

  @Override
  public String toString() {
    return "%d jobs, %d refusals, %d promises broken"
        .formatted(accepted.size(), refusals.get(), failures.size());
  }
}
