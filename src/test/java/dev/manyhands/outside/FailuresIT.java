package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A job shows what its items failed of, on both stores. */
class FailuresIT extends OnEachStore {
  @TempDir private Path directory;

  /** The groups as text: kind, type, count, first index, message. */
  private static List<String> groups(JsonNode job) {
    return StreamSupport.stream(job.get("failures").get("groups").spliterator(), false)
        .map(group ->
            "%s %s %d %d %s"
                .formatted(
                    group.get("kind").stringValue(),
                    group.get("type").stringValue(),
                    group.get("count").longValue(),
                    group.get("firstIndex").longValue(),
                    group.get("message").stringValue()))
        .toList();
  }

  private static long others(JsonNode job) {
    return job.get("failures").get("others").longValue();
  }

  private JsonNode inTheList(String id) {
    JsonNode jobs = service.get("/api/v1/jobs?limit=1000").json().get("jobs");
    return StreamSupport.stream(jobs.spliterator(), false)
        .filter(job -> job.get("id").stringValue().equals(id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void failedItemsAreCountedByKindAndType() {
    String code =
        """
        import os
        def f(x):
            if x == "die": os._exit(3)
            if x == "hang":
                while True: pass
            return 60 // x
        """;
    var job =
        service.run(
            python(
                code,
                "[1, 0, \"a\", 0, \"hang\", 0, \"die\"]",
                "\"timeouts\": {\"item\": 1}, \"retry\": {\"crash\": 1}"));

    assertThat(groups(job))
        .hasSize(4)
        .satisfies(all -> assertThat(all.getFirst()).startsWith("ERROR ZeroDivisionError 3 1 "))
        .anySatisfy(group -> assertThat(group).startsWith("ERROR TypeError 1 2 unsupported"))
        .anySatisfy(group -> assertThat(group).startsWith("TIMEOUT Timeout 1 4 "))
        .anySatisfy(group -> assertThat(group).startsWith("CRASH ").contains(" 1 6 "));
    assertThat(others(job)).isZero();
    String id = job.get("id").stringValue();
    assertThat(inTheList(id).get("failures")).isEqualTo(job.get("failures"));
  }

  @Test
  void anItemThatSucceedsWhenItIsTriedAgainDoesNotCount() {
    String code =
        """
        import os
        def f(x):
            if x %% 2: raise KeyError("no row %%d" %% x)
            tried = "%s/tried%%d" %% x
            if not os.path.exists(tried):
                open(tried, "w").close()
                raise OSError("not at once")
            return x
        """
            .formatted(directory);
    var job = service.run(python(code, "{\"range\": {\"stop\": 7}}", "\"retry\": {\"error\": 2}"));

    assertThat(job.get("items").get("succeeded").longValue()).isEqualTo(4);
    assertThat(groups(job)).containsExactly("ERROR KeyError 3 1 'no row 1'");
  }

  @Test
  void manyTypesAreCountedTogether() {
    String code =
        """
        def f(x):
            raise type("Error%d" % (x % 50), (Exception,), {})("m" * 1000)
        """;
    var job = service.run(python(code, "{\"range\": {\"stop\": 100}}"));

    assertThat(groups(job)).hasSize(20).allMatch(group -> group.length() < 250);
    assertThat(others(job)).isEqualTo(100 - 20 * 2);
    String id = job.get("id").stringValue();
    assertThat(service.get("/api/v1/jobs/" + id).json()).isEqualTo(job);
  }

  @Test
  void theCountsAreExactAfterAKill() throws Exception {
    Path gate = directory.resolve("gate");
    String code =
        """
        import os, time
        def f(x):
            while x >= 20 and not os.path.exists("%s"): time.sleep(0.01)
            if x %% 2: raise KeyError("no row %%d" %% x)
            if x %% 10 == 0: raise ValueError("row %%d" %% x)
            return x
        """
            .formatted(gate);
    String id =
        service.submit(python(code, "{\"range\": {\"stop\": 40}}", "\"chunking\": {\"size\": 1}"));
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(groups(service.get("/api/v1/jobs/" + id).json()))
                .containsExactly("ERROR KeyError 10 1 'no row 1'", "ERROR ValueError 2 0 row 0"));

    service.killMinus9();
    service = service.again();
    assertThat(groups(service.get("/api/v1/jobs/" + id).json()))
        .containsExactly("ERROR KeyError 10 1 'no row 1'", "ERROR ValueError 2 0 row 0");
    Files.createFile(gate);
    JsonNode job = service.await(id);

    assertThat(groups(job))
        .containsExactly("ERROR KeyError 20 1 'no row 1'", "ERROR ValueError 4 0 row 0");
    assertThat(others(job)).isZero();
  }
}
