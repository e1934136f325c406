package dev.manyhands.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.harness.TestFunctions.Leaves;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** State that an item of a Java function leaves on its thread. */
class LeftOnThreadsTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void whatAnItemLeavesOnItsThreadReachesNoOther(int threads) throws Exception {
    try (var worker = Workers.java(Leaves.class)) {
      begin(worker, threads);
      List<JsonNode> names = new ArrayList<>();
      look(worker, 1, threads).forEach(found -> names.add(found.path("name")));
      Set<Long> left = ids(run(worker, 2, "set", threads));
      List<JsonNode> next = look(worker, 3, threads);
      assertThat(next).allSatisfy(found -> isClean(found, names, "left"));
      assertThat(ids(next)).as("the threads that were looked at").isEqualTo(left);

      // Writing down what an item gives is user code as well.
      run(worker, 4, "access", threads);
      assertThat(look(worker, 5, threads)).allSatisfy(found -> isClean(found, names, "left"));

      run(worker, 6, "set", threads);
      begin(worker, threads);
      List<JsonNode> nextJob = look(worker, 7, threads);
      assertThat(nextJob).allSatisfy(found -> isClean(found, names, null));
      assertThat(ids(nextJob)).doesNotContainAnyElementsOf(left);
      worker.closeInput();
      assertThat(worker.exitCode()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void anInterruptByTheLastItemFailsNoItemOfTheNextJob(int threads) throws Exception {
    try (var worker = Workers.JAVA.wishes()) {
      begin(worker, threads);
      String wishes = "[\"interrupt\",\"nap\",\"interrupt\"]";
      assertThat(worker.run(1, 0, wishes).errors()).isEmpty();
      begin(worker, threads);
      assertThat(worker.run(2, 0, "[\"nap\",\"nap\"]").errors()).isEmpty();
    }
  }

  private static void isClean(JsonNode found, List<JsonNode> names, String local) {
    assertThat(found.path("interrupted").asBoolean()).as("%s", found).isFalse();
    assertThat(names).contains(found.path("name"));
    assertThat(found.path("priority").asInt()).as("%s", found).isEqualTo(Thread.NORM_PRIORITY);
    assertThat(found.path("ownLoader").asBoolean()).as("%s", found).isTrue();
    assertThat(found.path("handler").asBoolean()).as("%s", found).isTrue();
    assertThat(found.path("local").asStringOpt()).as("%s", found).isEqualTo(optional(local));
    assertThat(found.path("inherited").asStringOpt()).as("%s", found).isEqualTo(optional(local));
  }

  private static Optional<String> optional(String text) {
    return Optional.ofNullable(text);
  }

  private static List<JsonNode> look(WorkerProcess worker, long chunk, int threads) {
    return run(worker, chunk, "look", threads);
  }

  private static List<JsonNode> run(WorkerProcess worker, long chunk, String what, int threads) {
    var wishes = Collections.nCopies(threads, "\"" + what + " " + threads + "\"");
    var answer = worker.run(chunk, 0, "[" + String.join(",", wishes) + "]");
    assertThat(answer.errors()).isEmpty();
    var values = new ArrayList<JsonNode>();
    JsonMapper.shared().readTree(answer.values()).forEach(values::add);
    return values;
  }

  private static Set<Long> ids(List<JsonNode> found) {
    var ids = new HashSet<Long>();
    found.forEach(one -> ids.add(one.isNumber() ? one.asLong() : one.path("thread").asLong()));
    return ids;
  }

  private static void begin(WorkerProcess worker, int threads) {
    worker.send(
        "{\"op\":\"job\",\"job\":\"a\",\"call\":\"map\",\"threads\":%d}".formatted(threads));
  }
}
