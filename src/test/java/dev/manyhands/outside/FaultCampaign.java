package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.RandomFunction.Fate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Clients that submit random jobs to a service which an {@link Adversary} harms, and a check, when
 * he is gone, of every job that was accepted: against the {@link Oracle}, and for what is lost,
 * doubled or out of order.
 */
final class FaultCampaign {
  private static final int CLIENTS = 4;

  /** A client goes on to its next job after this long. */
  private static final long PATIENCE_NANOS = Duration.ofSeconds(3).toNanos();

  private static final Duration MOST_TO_THE_ENDS = Duration.ofMinutes(10);

  private static final String JOBS = "/api/v1/jobs/";

  private final long seed;
  private final Path scratch;
  private final Path directory;
  private final @Nullable CutDatabase database;
  private final @Nullable SmallDisk disk;
  private final LastingService service;
  private final ConcurrentLinkedQueue<Accepted> accepted = new ConcurrentLinkedQueue<>();
  private final AtomicLong nextJob;

  private final List<String> failures = new ArrayList<>();
  private long items;
  private long lost;
  private long duplicated;
  private long outOfOrder;

  /** A job that was answered with 202. */
  private record Accepted(JobSending sending, String id) {
    RandomJob job() {
      return sending.job;
    }
  }

  private FaultCampaign(
      long seed,
      Path scratch,
      @Nullable CutDatabase database,
      @Nullable SmallDisk disk,
      List<String> settings) {
    this.seed = seed;
    this.scratch = scratch;
    this.directory = scratch.resolve("service");
    try {
      Files.createDirectory(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.database = database;
    this.disk = disk;
    this.nextJob = new AtomicLong(seed);
    var all = new ArrayList<>(settings);
    all.add("--manyhands.workers.slots=2");
    List<String> launcher = disk == null ? List.of() : disk.launcher(directory);
    this.service =
        new LastingService(Service.startBy(launcher, directory, all.toArray(String[]::new)));
  }

  static FaultCampaign onSqlite(long seed, Path scratch) {
    return new FaultCampaign(seed, scratch, null, null, List.of());
  }

  /** The store alone is on the disk that may be full. */
  static FaultCampaign onSmallDisk(long seed, Path scratch, SmallDisk disk) {
    String url = "--manyhands.store.url=jdbc:sqlite:" + disk.directory().resolve("manyhands.db");
    return new FaultCampaign(seed, scratch, null, disk, List.of(url));
  }

  static FaultCampaign onPostgres(long seed, Path scratch, CutDatabase database) {
    return new FaultCampaign(seed, scratch, database, null, database.settings());
  }

  /** Runs it; prints figures; throws if a promise was broken or something is left behind. */
  void run(Duration time) throws Exception {
    long deadline = System.nanoTime() + time.toNanos();
    var adversary = new Adversary(service, seed, database, disk);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var clients = new ArrayList<Future<?>>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(threads.submit(() -> submitUntil(deadline)));
      }
      var harm = threads.submit(adversary);
      try {
        for (Future<?> client : clients) {
          client.get();
        }
      } finally {
        adversary.end();
        harm.get();
      }
    }
    awaitEnds();
    accepted.forEach(this::check);
    String log = service.now().log();
    service.now().terminate();
    var left = leftBehind();
    print(adversary.deeds, left);
    assertThat(failures).as("jobs that broke a promise; the service says: %s", log).isEmpty();
    assertThat(left).as("what is left behind").isEmpty();
  }

  // ---- clients

  private void submitUntil(long deadline) {
    while (System.nanoTime() < deadline) {
      RandomJob job = next();
      var sending = new JobSending(job, null);
      String id = submit(job);
      accepted.add(new Accepted(sending, id));
      sending.goOn(service::ask, id);
      long until = Math.min(deadline, System.nanoTime() + PATIENCE_NANOS);
      JsonNode shown;
      do {
        shown = service.ask(s -> s.get(JOBS + id + "?wait=1")).json();
      } while (shown.path("finishedAt").isNull() && System.nanoTime() < until);
    }
  }

  private RandomJob next() {
    while (true) {
      long number = nextJob.getAndIncrement();
      var random = RandomGeneratorFactory.of("L64X128MixRandom").create(number);
      RandomJob job =
          random.nextInt(5) == 0
              ? RandomJob.of(number, random, BrokenFrames.function(random))
              : RandomJob.of(number, scratch);
      // Jobs get other time limits here, and wait for no other job.
      if (job.isIdempotent() && !job.function().has(Fate.NeverEnds.class)) {
        return job.hardened();
      }
    }
  }

  /** As a careful client does: under a key, until it is answered. */
  private String submit(RandomJob job) {
    var answer =
        service.ask(s ->
            s.send(
                s.request("/api/v1/jobs")
                    .header("Content-Type", "application/json")
                    .header("Idempotency-Key", "job-" + job.seed())
                    .POST(BodyPublishers.ofString(job.json()))));
    assertThat(answer.status()).as("%s", answer).isIn(200, 202);
    return answer.json().get("id").stringValue();
  }

  // ---- the check, when all is quiet

  /**
   * Waits for all jobs together: items of jobs during which the service was killed three times run
   * alone, so that the last job waits for all others.
   */
  private void awaitEnds() {
    long until = System.nanoTime() + MOST_TO_THE_ENDS.toNanos();
    for (Accepted one : accepted) {
      JsonNode shown;
      do {
        shown = service.ask(s -> s.get(JOBS + one.id() + "?wait=10")).json();
      } while (shown.path("finishedAt").isNull() && System.nanoTime() < until);
    }
  }

  private void check(Accepted one) {
    JsonNode shown = null;
    try {
      shown = service.now().await(one.id());
      count(one, shown);
      new Trial(one.sending(), service.now(), Oracle.World.FAULTS)
          .check(service.now(), one.id(), shown);
    } catch (Throwable e) {
      failures.add(
          "%s (seed %d): %s; shown as %s; was %s"
              .formatted(
                  one.id(),
                  one.job().seed(),
                  e.getMessage(),
                  shown,
                  one.job().json().substring(0, Math.min(1_500, one.job().json().length()))));
    }
  }

  /** Each index exactly once, ascending. */
  private void count(Accepted one, JsonNode shown) {
    var answer =
        service
            .now()
            .send(
                service
                    .now()
                    .request(JOBS + one.id() + "/results")
                    .header("Accept", "application/x-ndjson"));
    Set<Long> seen = new HashSet<>();
    long last = -1;
    for (String line : answer.body().split("\n")) {
      JsonNode item = Service.json(line);
      if (item.has("end")) {
        continue;
      }
      long index = item.get("index").longValue();
      duplicated += seen.add(index) ? 0 : 1;
      outOfOrder += index < last ? 1 : 0;
      last = Math.max(last, index);
    }
    long total = shown.get("items").get("total").longValue();
    items += total;
    boolean keepsAll = one.job().rules().reduce().equals("list");
    lost += keepsAll ? total - seen.size() : 0;
  }

  /** Processes of its workers, and files in its scratch directory besides the harness. */
  private List<String> leftBehind() throws IOException {
    var left = new ArrayList<String>();
    ProcessHandle.allProcesses()
        .filter(process -> isOurs(process.pid()))
        .forEach(process -> left.add("process " + process.info().commandLine().orElse("?")));
    try (var files = Files.list(directory.resolve("data/scratch"))) {
      left.addAll(
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.startsWith("worker-"))
              .collect(Collectors.toList()));
    }
    return left;
  }

  private boolean isOurs(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/environ"), StandardCharsets.ISO_8859_1)
          .contains(directory.toString());
    } catch (IOException gone) {
      return false;
    }
  }

  private void print(Map<String, Integer> deeds, List<String> left) {
    System.out.printf(
        "FaultCampaign on %s, seed %d: %s; %d jobs, %d items: lost %d, duplicated %d, out of order %d, jobs wrong %d; left behind %d%n",
        disk != null ? "SQLite on a small disk" : database == null ? "SQLite" : "PostgreSQL",
        seed,
        deeds,
        accepted.size(),
        items,
        lost,
        duplicated,
        outOfOrder,
        failures.size(),
        left.size());
  }
}
