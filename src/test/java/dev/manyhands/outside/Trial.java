package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A random job that is run, and whose every report by the service is compared with the oracle. */
final class Trial {
  final RandomJob job;
  final JobSending sending;
  private final Oracle oracle;

  /**
   * @param sending of the job
   * @param drawing where the job is run serially for what its items draw
   */
  Trial(JobSending sending, Service drawing, Oracle.World world) {
    this.sending = sending;
    this.job = sending.job;
    this.oracle = new Oracle(job, job.draws() ? drawn(drawing, job) : List.of(), world);
  }

  private static List<JsonNode> drawn(Service service, RandomJob job) {
    var drawn = service.results(service.run(job.serially()).get("id").stringValue());
    assertThat(new HashSet<>(drawn).size())
        .as("no stream for each item")
        .isGreaterThan(drawn.size() / 100);
    return drawn;
  }

  /** Runs the job of this seed and checks it. */
  static void run(Service service, long seed, Receiver receiver, Path scratch) {
    RandomJob job = RandomJob.of(seed, scratch);
    JsonNode shown = null;
    try {
      var trial = new Trial(new JobSending(job, receiver), service, Oracle.World.QUIET);
      String id = trial.sending.begin(service);
      trial.sending.goOn(service, id);
      Told lines = job.handling().follows() ? Told.lines(service, id, true) : null;
      shown = service.await(id);
      if (job.largestChunk() != null) {
        var most =
            assertThat(shown.get("chunkSizes").get("most").intValue())
                .as("items of the largest chunk");
        if (shown.get("stopReason").isNull() && trial.sending.deeds.cancels == 0) {
          most.isEqualTo(job.largestChunk());
        } else {
          most.isLessThanOrEqualTo(job.largestChunk()); // it may not have been handed out
        }
      }
      Told pages = trial.check(service, id, shown);
      if (lines != null) {
        assertThat(lines).as("lines of the running job, and pages").isEqualTo(pages);
      }
      trial.again(service, pages);
      RetryTrial.run(service, job, id, shown.get("items").get("total").intValue(), pages);
    } catch (Throwable e) {
      throw failure(job, shown, e);
    }
  }

  /** With all that is needed to see it again. */
  static AssertionError failure(RandomJob job, @Nullable JsonNode shown, Throwable cause) {
    String message =
        "-Doracle.seed=%d (sent as %s):%n%s%n%nthe job: %s%n%nas it was shown: %s"
            .formatted(job.seed(), job.handling().way(), cause.getMessage(), job.json(), shown);
    return new AssertionError(message, cause);
  }

  /** Checks a job that has ended. */
  Told check(Service service, String id, JsonNode shown) throws InterruptedException {
    sending.checkEnd(service, shown, oracle.world != Oracle.World.QUIET);
    var random = RandomGeneratorFactory.of("L64X128MixRandom").create(job.seed());
    Told pages = Told.pages(service, id, random);
    oracle.check(shown, pages, sending.deeds);
    assertThat(Told.lines(service, id, false)).as("lines, and pages").isEqualTo(pages);
    checkItems(service, id, shown, pages);
    if (job.function().isSharing()) {
      Sharing.check(service, id, shown, pages, oracle.world == Oracle.World.QUIET);
    }
    new Finding(service, job, id, shown, random).check(pages);
    sending.afterTheEnd(service, id, pages);
    return pages;
  }

  /** Submits an equal job, where its outcome is known for certain. */
  private void again(Service service, Told told) {
    if (!job.handling().again() || !job.isRepeatable() || job.function().items().isEmpty()) {
      return;
    }
    boolean hasAllValues = told.values().size() == job.function().items().size();
    if (!job.isCached() && !job.hasLife()) {
      OracleAgain.forgotten(service, job.json());
    } else if (job.isCached() && hasAllValues && !job.rules().mayEndEarly()) {
      OracleAgain.cached(service, job.json(), told, new Random(job.seed()));
    }
  }

  /** Looks at some items for themselves: the first, the last, and some of those that failed. */
  private void checkItems(Service service, String id, JsonNode shown, Told pages) {
    long total = shown.get("items").get("total").longValue();
    var indexes = new TreeSet<Long>(List.of(0L, total / 3, total - 1));
    pages.errors().keySet().stream().sorted().limit(3).forEach(indexes::add);
    pages.skipped().stream().sorted().limit(2).forEach(indexes::add);
    indexes.addAll(job.function().someThatRecover(3));
    for (long index : indexes) {
      var answer = service.get("/api/v1/jobs/" + id + "/items/" + index);
      if (index < 0 || index >= total) {
        assertThat(answer.status()).isEqualTo(404);
      } else {
        checkItem(Math.toIntExact(index), answer.json(), pages);
      }
    }
  }

  private void checkItem(int at, JsonNode item, Told pages) {
    long index = at;
    assertThat(item.get("index").longValue()).isEqualTo(index);
    assertThat(item.get("input"))
        .as("input of item %d", index)
        .isEqualTo(Service.json(job.function().items().get(at).json()));
    String state =
        pages.skipped().contains(index)
            ? "SKIPPED"
            : pages.errors().containsKey(index) ? "FAILED" : "SUCCEEDED";
    assertThat(item.get("state").stringValue()).as("%s", item).isEqualTo(state);
    if (state.equals("SKIPPED")) {
      return;
    }
    oracle.checkAttempts(at, item);
    if (state.equals("FAILED")) {
      assertThat(item.get("error")).isEqualTo(pages.errors().get(index));
    } else {
      boolean isList = job.rules().reduce().equals("list");
      assertThat(item.get("value"))
          .as("%s", item)
          .isEqualTo(isList ? pages.values().get(index) : Service.json("null"));
    }
  }
}
