package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.Service.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Appends that name the index of their first item, and can therefore be repeated. */
class PlacedAppendsIT extends OnEachStore {
  private RunningJob job;

  @BeforeEach
  void submitOpenJob() {
    job = service.job().python("def f(x): return x").open().submit();
  }

  @Test
  void equalItemsAreNotAppendedAgain() {
    assertThat(append("?first=0", "1\n[2, 3]\n\"ä\"\n").status()).isEqualTo(202);
    Answer again = append("?first=0", "1\n[2, 3]\n\"ä\"\n");
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.json().get("id").stringValue()).isEqualTo(job.id());
    assertThat(append("?first=1", "[2, 3]\n").status()).isEqualTo(200);
    assertThat(append("?first=3", "").status()).isEqualTo(200);
    assertThat(results()).hasToString("[1, [2,3], \"ä\"]");
  }

  @Test
  void onlyTheRestOfAnOverlapIsAppended() {
    append("", "0\n1\n2\n");
    assertThat(append("?first=1", "1\n2\n3\n4\n").status()).isEqualTo(202);
    assertThat(results()).hasToString("[0, 1, 2, 3, 4]");
  }

  @Test
  void otherContentIsRefusedAtItsIndex() {
    append("", "0\n1\n2\n");
    Answer other = append("?first=1", "1\n7\n8\n");
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.body()).contains("item 2 of the job is another one");
    assertThat(other.json().get("stored").intValue()).isEqualTo(1);
    assertThat(append("?first=1", "1.0\n").status()).as("another text").isEqualTo(422);
    assertThat(append("?first=1", "12\n").status()).as("a longer text").isEqualTo(422);
    assertThat(results()).hasToString("[0, 1, 2]");
  }

  @Test
  void aGapIsRefusedAndNamesTheIndexToGoOnFrom() {
    append("", "0\n1\n");
    Answer gap = append("?first=3", "3\n");
    assertThat(gap.status()).isEqualTo(409);
    assertThat(gap.body()).contains("has 2 items", "from index 2 on");
    assertThat(append("?first=-1", "3\n").status()).isEqualTo(400);
    assertThat(append("?first=x", "3\n").status()).isEqualTo(400);
    assertThat(results()).hasToString("[0, 1]");
  }

  @Test
  void aRepeatIsAnsweredAfterTheCloseAndTheEnd() {
    append("?first=0", "0\n1\n");
    close();
    job.await();
    assertThat(append("?first=0", "0\n1\n").status()).isEqualTo(200);
    assertThat(append("?first=0", "0\n1\n2\n").status()).isEqualTo(409);
    var listed = service.job().python("def f(x): return x").inputs(1, 2).submit();
    job = listed;
    assertThat(append("?first=0", "1\n2\n").status()).as("not open to clients").isEqualTo(409);
    listed.await();
  }

  @Test
  void itemsOfManySegmentsAreCompared() {
    String large = lines(0, 40_000, "x".repeat(20));
    assertThat(append("?first=0", large).status()).isEqualTo(202);
    assertThat(append("?first=0", large).status()).isEqualTo(200);
    assertThat(append("?first=0", large + lines(40_000, 40_100, "")).status()).isEqualTo(202);
    String changed = lines(0, 39_999, "x".repeat(20)) + "\"other\"\n";
    Answer other = append("?first=0", changed);
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.json().get("stored").intValue()).isEqualTo(39_999);
    close();
    assertThat(job.await().get("items").get("total").longValue()).isEqualTo(40_100);
  }

  @Test
  void requestsAtOneIndexAppendTheirItemsOnce() throws Exception {
    String lines = lines(0, 3_000, "");
    var requests = new ArrayList<Callable<Answer>>();
    for (int i = 0; i < 8; i++) {
      requests.add(() -> append("?first=0", lines));
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Answer> answer : threads.invokeAll(requests)) {
        assertThat(answer.get().status()).isIn(200, 202);
      }
    }
    close();
    assertThat(job.await().get("items").get("total").longValue()).isEqualTo(3_000);
    assertThat(job.results()).hasSize(3_000);
  }

  @Test
  void requestsWithOtherItemsAtOneIndexDoNotMix() throws Exception {
    var requests = new ArrayList<Callable<Answer>>();
    for (int i = 0; i < 8; i++) {
      String item = i + "\n";
      requests.add(() -> append("?first=0", item.repeat(50)));
    }
    var statuses = new ArrayList<Integer>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Answer> answer : threads.invokeAll(requests)) {
        statuses.add(answer.get().status());
      }
    }
    assertThat(statuses).containsOnlyOnce(202).containsOnly(202, 422);
    List<JsonNode> results = results();
    assertThat(results).hasSize(50).allMatch(results.getFirst()::equals);
  }

  @Test
  void aKeyCountsTheItemsThatWereThere() {
    append("", "0\n1\n");
    // Two items are there, one is appended, all three are the request of the key.
    assertThat(append("?first=0", "0\n1\n2\n", "k").status()).isEqualTo(202);
    assertThat(append("?first=0", "0\n1\n2\n", "k").status()).isEqualTo(200);
    assertThat(append("", "0\n1\n2\n", "k").status()).as("by the key alone").isEqualTo(202);
    assertThat(append("?first=0", "0\n1\n", "k").status()).as("fewer").isEqualTo(422);
    assertThat(append("?first=3", "0\n1\n2\n", "k").status()).as("elsewhere").isEqualTo(422);
    assertThat(append("?first=1", "1\n2\n", "all there").status()).isEqualTo(200);
    assertThat(append("", "1\n2\n", "all there").status()).isEqualTo(202);
    assertThat(results()).hasToString("[0, 1, 2]");
  }

  @Test
  void aRepeatAfterADeathOfTheServiceIsCompared() throws Exception {
    append("?first=0", "0\n1\n2\n");
    service.killMinus9();
    service = service.again();
    job = job.on(service);
    assertThat(append("?first=0", "0\n1\n2\n").status()).isEqualTo(200);
    assertThat(append("?first=2", "2\n3\n").status()).isEqualTo(202);
    assertThat(results()).hasToString("[0, 1, 2, 3]");
  }

  private static String lines(int from, int to, String text) {
    return IntStream.range(from, to)
        .mapToObj(i -> "\"" + text + i + "\"\n")
        .collect(Collectors.joining());
  }

  private List<JsonNode> results() {
    close();
    job.await();
    return job.results();
  }

  private void close() {
    service.post(job.path() + "/close", "");
  }

  private Answer append(String query, String lines) {
    return append(query, lines, null);
  }

  private Answer append(String query, String lines, String key) {
    var request =
        service
            .request(job.path() + "/inputs" + query)
            .header("Content-Type", "application/x-ndjson")
            .POST(BodyPublishers.ofString(lines));
    return service.send(key == null ? request : request.header("Idempotency-Key", key));
  }
}
