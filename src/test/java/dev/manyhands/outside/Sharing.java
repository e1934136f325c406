package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.outside.RandomFunction.Fate;
import dev.manyhands.outside.RandomFunction.Item;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A function whose items use shared objects of each kind. Each item writes its square into a dict
 * under its own number, which is its index.
 */
final class Sharing {
  static final String OPTION =
      """
      "shared": {"total": {"value": 0}, "gate": {"lock": {}}, "seen": {"dict": {}},
                 "log": {"list": []}, "todo": {"queue": {}}, "doors": {"semaphore": 2}}\
      """;

  private static final String CODE =
      """
      import manyhands
      def f(x):
          shared = manyhands.shared
          with shared("gate"):
              shared("total").value += 1
          shared("log").append(x)
          shared("todo").put(x)
          with shared("doors"):
              shared("todo").get()
          shared("seen")[x] = x * x
          return x * x
      """;

  private Sharing() {}

  static RandomFunction function(int count) {
    var items = new ArrayList<Item>();
    for (long x = 0; x < count; x++) {
      items.add(new Item(Long.toString(x), new Fate.Returns(Long.toString(x * x))));
    }
    String range = "{\"range\": {\"stop\": %d}}".formatted(count);
    return new RandomFunction(RandomFunction.definition(CODE), null, "map", true, items, range)
        .with(OPTION);
  }

  /**
   * Checks what the objects hold after the end of the job. An item with an outcome has done all it
   * does to them. Other items, and earlier attempts, may have done a part.
   *
   * @param isCertain whether each item was run once, unless it was skipped
   */
  static void check(Service service, String id, JsonNode job, Told told, boolean isCertain) {
    String at = "/api/v1/jobs/" + id + "/shared/";
    long total = job.at("/items/total").longValue();
    Map<Long, Long> seen = squares(service, at);
    long done = 0;
    for (long index = 0; index < total; index++) {
      boolean isDone = !told.skipped().contains(index) && !told.errors().containsKey(index);
      if (isDone) {
        assertThat(seen).as("what item %d has written", index).containsEntry(index, index * index);
        done++;
      }
    }
    assertThat(seen).allSatisfy((key, square) -> assertThat(square).isEqualTo(key * key));
    long counted = service.get(at + "total").json().get("value").longValue();
    long logged = service.get(at + "log").json().get("length").longValue();
    if (isCertain && done == total) {
      assertThat(counted).as("total").isEqualTo(total);
      assertThat(logged).as("length of the log").isEqualTo(total);
      assertThat(service.get(at + "todo").json().get("length").longValue()).as("todo").isZero();
      assertThat(service.get(at + "doors").json().get("length").longValue())
          .as("doors")
          .isEqualTo(2);
    } else {
      assertThat(counted).as("total").isGreaterThanOrEqualTo(done);
      assertThat(logged).as("length of the log").isGreaterThanOrEqualTo(done);
    }
  }

  private static Map<Long, Long> squares(Service service, String at) {
    var seen = new HashMap<Long, Long>();
    for (JsonNode offset = null; offset == null || !offset.isNull(); ) {
      String from = offset == null ? "0" : offset.asString();
      JsonNode page = service.get(at + "seen?limit=1000&offset=" + from).json();
      page.get("entries")
          .forEach(entry -> seen.put(entry.get("key").longValue(), entry.get("value").longValue()));
      offset = page.path("next");
      if (offset.isMissingNode()) {
        break;
      }
    }
    return seen;
  }
}
