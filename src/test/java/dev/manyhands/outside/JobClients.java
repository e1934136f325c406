package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.JobHistory.Call;
import dev.manyhands.outside.JobHistory.End;
import dev.manyhands.outside.JobHistory.Request;
import dev.manyhands.outside.JobHistory.Request.Append;
import dev.manyhands.outside.JobHistory.Request.Cancel;
import dev.manyhands.outside.JobHistory.Request.CancelItems;
import dev.manyhands.outside.JobHistory.Request.Close;
import dev.manyhands.outside.JobHistory.Request.Delete;
import dev.manyhands.outside.JobHistory.Request.Look;
import dev.manyhands.outside.JobHistory.Request.Paused;
import dev.manyhands.outside.JobHistory.Request.Ping;
import dev.manyhands.outside.JobHistory.Request.Priority;
import dev.manyhands.outside.JobHistory.Shown;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Clients that share a few jobs, round by round, and the history of each job. All at once, they
 * append to, close, change, ping, cancel and delete the jobs, and cancel some items. The requests
 * of a client are drawn from the seed, the round and its number; how they meet is up to the
 * machine.
 */
final class JobClients {
  private static final int CLIENTS = 64;
  private static final int JOBS_OF_A_ROUND = 6;
  private static final int REQUESTS_OF_A_CLIENT = 12;
  private static final int PRIORITY = 5;
  private static final String JOBS = "/api/v1/jobs/";

  /** Gives the item back, and when it began. */
  private static final String CODE = "import time\ndef f(x): return [x, time.time()]";

  private final Service service;
  private final long seed;
  private final AtomicLong nextItem = new AtomicLong();

  /** One moment, on the clock of requests and on the clock of functions. */
  private final long originNanos = System.nanoTime();

  private final Instant origin = Instant.now();

  /**
   * A job, and what was asked of it so far.
   *
   * @param items that the job has at least, as far as its clients know
   * @param placed appends that were accepted, and can be repeated
   */
  private record Shared(
      String id, long idleNanos, Queue<Call> calls, AtomicLong items, Queue<Append> placed) {}

  private JobClients(Service service, long seed) {
    this.service = service;
    this.seed = seed;
  }

  /** Plays rounds on a service with a store of this kind; the seed may be given. */
  static void run(OwnStore.Kind kind, Duration time) throws Exception {
    Requirements.python();
    long seed = Long.getLong("torture.seed", System.nanoTime() >>> 8);
    try (var store = OwnStore.of(kind);
        var service = store.startService("--manyhands.workers.slots=2")) {
      new JobClients(service, seed).run(time);
    }
  }

  /** Plays rounds for this long; fails at the first history that cannot be. */
  private void run(Duration time) throws Exception {
    long deadline = System.nanoTime() + time.toNanos();
    int rounds = 0;
    int calls = 0;
    do {
      for (JobHistory history : round(rounds)) {
        calls += history.calls().size();
        assertThat(HistoryChecker.violations(history))
            .as("round %d of seed %d, %s", rounds, seed, history)
            .isEmpty();
      }
      rounds++;
    } while (System.nanoTime() < deadline);
    System.out.printf(
        "JobClients, seed %d: %d rounds, %d jobs, %d requests%n",
        seed, rounds, rounds * JOBS_OF_A_ROUND, calls);
  }

  private List<JobHistory> round(int round) throws Exception {
    var jobs = new ArrayList<Shared>();
    for (int i = 0; i < JOBS_OF_A_ROUND; i++) {
      int idle = i % 2;
      jobs.add(
          new Shared(
              service.submit(job(idle)),
              idle * 1_000_000_000L,
              new ConcurrentLinkedQueue<>(),
              new AtomicLong(),
              new ConcurrentLinkedQueue<>()));
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var clients = new ArrayList<Future<?>>();
      for (int client = 0; client < CLIENTS; client++) {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed(round, client));
        clients.add(threads.submit(() -> ask(jobs, random)));
      }
      for (Future<?> client : clients) {
        client.get();
      }
    }
    return jobs.stream().map(this::end).toList();
  }

  /** Returns an open job, with a lease of these seconds if there are any. */
  private static String job(int idle) {
    String inputs =
        idle == 0 ? "{\"open\": true}" : "{\"open\": true, \"idle\": %d}".formatted(idle);
    return Service.python(CODE, inputs, "\"priority\": " + PRIORITY, "\"workers\": 2");
  }

  private long seed(int round, int client) {
    return seed * 31 + round * (long) CLIENTS + client;
  }

  private void ask(List<Shared> jobs, RandomGenerator random) {
    for (int i = 0; i < REQUESTS_OF_A_CLIENT; i++) {
      Shared job = jobs.get(random.nextInt(jobs.size()));
      call(job, request(job, random));
    }
  }

  /** Mostly such that a job lives for a while. */
  private Request request(Shared job, RandomGenerator random) {
    int percent = random.nextInt(100);
    if (percent < 50) {
      int count = random.nextInt(1, 6);
      long first = nextItem.getAndAdd(count);
      var items = new ArrayList<Long>();
      for (int i = 0; i < count; i++) {
        items.add(first + i);
      }
      return random.nextInt(3) == 0 ? placed(job, items, random) : new Append(items);
    } else if (percent < 60) {
      return new Look();
    } else if (percent < 66) {
      long end = random.nextLong(1, 2 + job.items().get());
      return new CancelItems(Math.max(0, end - random.nextInt(1, 4)), end, random.nextInt(6) == 0);
    } else if (percent < 68) {
      return new Ping();
    } else if (percent < 78) {
      return new Priority(random.nextInt(10));
    } else if (percent < 88) {
      return new Paused(random.nextBoolean());
    } else if (percent < 96) {
      return new Delete();
    } else if (percent < 98) {
      return new Close();
    }
    return new Cancel();
  }

  /** At the end of the items, a little before or behind; or once more what was accepted. */
  private static Append placed(Shared job, List<Long> items, RandomGenerator random) {
    Append again = random.nextInt(3) == 0 ? job.placed().poll() : null;
    long first = job.items().get() + (random.nextInt(4) == 0 ? random.nextInt(-2, 3) : 0);
    return again != null ? again : new Append(items, Math.max(0, first));
  }

  private Call call(Shared job, Request request) {
    long invoked = System.nanoTime();
    Service.Answer answer = send(JOBS + job.id(), request);
    long answered = System.nanoTime();
    var call =
        new Call(
            request,
            invoked,
            answered,
            answer.status(),
            shown(request, answer),
            fates(request, answer));
    job.calls().add(call);
    if (request instanceof Append append && call.isAccepted()) {
      long items = answer.json().get("items").get("total").longValue();
      job.items().accumulateAndGet(items, Math::max);
      if (append.isPlaced()) {
        job.placed().add(append);
      }
    }
    return call;
  }

  private Service.Answer send(String job, Request request) {
    return switch (request) {
      case Append append -> {
        String lines =
            append.items().stream().map(item -> item + "\n").collect(Collectors.joining());
        String first = append.isPlaced() ? "?first=" + append.first() : "";
        yield service.send(
            service
                .request(job + "/inputs" + first)
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(lines)));
      }
      case Close _ -> service.post(job + "/close", "");
      case Cancel _ -> service.post(job + "/cancel", "");
      case Delete _ -> service.delete(job);
      case Priority priority -> service.patch(job, "{\"priority\": " + priority.value() + "}");
      case Paused paused -> service.patch(job, "{\"paused\": " + paused.value() + "}");
      case Look _ -> service.get(job);
      case Ping _ -> service.post(job + "/ping", "");
      case CancelItems items ->
          service.post(
              job + "/items/cancel",
              "{\"items\": [[%d, %d]], \"force\": %s}"
                  .formatted(items.first(), items.end(), items.force()));
    };
  }

  private static Map<Long, String> fates(Request request, Service.Answer answer) {
    var fates = new HashMap<Long, String>();
    if (request instanceof CancelItems && answer.status() == 200) {
      for (JsonNode part : answer.json().get("items")) {
        long end = part.get("range").get(1).longValue();
        for (long i = part.get("range").get(0).longValue(); i < end; i++) {
          fates.put(i, part.get("state").stringValue());
        }
      }
    }
    return fates;
  }

  /** Only looks are taken at their word: what a change answers may be older than the change. */
  private static @Nullable Shown shown(Request request, Service.Answer answer) {
    if (!(request instanceof Look) || answer.status() != 200) {
      return null;
    }
    JsonNode job = answer.json();
    JsonNode items = job.get("items");
    return new Shown(
        job.get("state").stringValue(),
        items.get("total").longValue(),
        items.get("done").longValue(),
        items.get("succeeded").longValue(),
        items.get("failed").longValue(),
        items.get("skipped").longValue(),
        job.get("priority").intValue(),
        job.get("paused").booleanValue());
  }

  // ---- the end of a round

  private JobHistory end(Shared job) {
    call(job, new Paused(false));
    call(job, new Close());
    End end = null;
    if (call(job, new Look()).status() == 200) {
      JsonNode ended = service.await(job.id());
      call(job, new Look());
      end = end(job.id(), ended);
      call(job, new Delete());
      call(job, new Look());
    }
    return new JobHistory(job.id(), PRIORITY, job.idleNanos(), List.copyOf(job.calls()), end);
  }

  private End end(String id, JsonNode job) {
    List<JsonNode> values = service.results(id);
    var items = new ArrayList<Long>();
    Map<Integer, Long> starts = new HashMap<>();
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i).isArray()) {
        items.add(values.get(i).get(0).longValue());
        double seconds = values.get(i).get(1).doubleValue();
        double since = seconds - origin.getEpochSecond() - origin.getNano() / 1e9;
        starts.put(i, originNanos + (long) (since * 1e9));
      } else {
        items.add(service.get(JOBS + id + "/items/" + i).json().get("input").longValue());
      }
    }
    return new End(job.get("state").stringValue(), items, starts);
  }
}
