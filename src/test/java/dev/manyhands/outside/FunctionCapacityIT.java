package dev.manyhands.outside;

import static dev.manyhands.outside.Service.quote;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Many functions and many versions with much code, several times as much as the heap has room for:
 * lists show all of them, and each is found and runs.
 */
class FunctionCapacityIT {
  private static final String FUNCTIONS = "/api/v1/functions";
  private static final String HEAP = "256m";
  private static final int CODE_BYTES = 3_900_000;
  private static final int MANY = 60;
  private static final int BUILT_IN = 8;

  /** Limit for the characters of a list of these functions or versions. */
  private static final int SMALL = 100_000;

  private static String definition(int number) {
    String code = "def f(x): return x + " + number + "\n#" + "x".repeat(CODE_BYTES - 50) + "\n";
    return "{\"runtime\": \"python\", \"code\": %s, \"entry\": \"f\"}".formatted(quote(code));
  }

  private static void register(Service service, String name, int number, int status) {
    var answer = service.put(FUNCTIONS + "/" + name, definition(number));
    assertThat(answer.status()).as("%s %d", name, number).isEqualTo(status);
  }

  @Test
  void listsReadNoCodeHoweverMuchThereIs() throws Exception {
    Requirements.python();
    try (var service = Service.startWithHeap(HEAP, Service.newDirectory())) {
      // A version and a function share a definition, so that the disk holds each code once.
      for (int i = 0; i < MANY; i++) {
        register(service, "versions", i, 201);
        register(service, "f" + i, i, 201);
      }
      register(service, "versions", MANY - 1, 200);
      assertListed(service);
      var found = CapacityIT.atOnce(requests(i -> service.get(FUNCTIONS + "/f" + i)));
      assertThat(found).allSatisfy(FunctionCapacityIT::isFoundOrHasNoRoom);
      var changed =
          CapacityIT.atOnce(requests(i -> service.put(FUNCTIONS + "/f" + i, definition(i + 1))));
      assertThat(changed).allSatisfy(FunctionCapacityIT::isFoundOrHasNoRoom);

      service.killMinus9();
      try (var restarted = service.again()) {
        assertListed(restarted);
        register(restarted, "versions", 0, 201);
        for (int i = 20; i < MANY; i += 20) {
          var job = restarted.run("{\"function\": \"f%d\", \"inputs\": [1]}".formatted(i));
          assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
        }
        assertThat(restarted.delete(FUNCTIONS + "/versions").status()).isEqualTo(204);
        assertThat(service.log() + restarted.log()).doesNotContain("OutOfMemoryError");
      }
    }
  }

  private static List<Callable<Service.Answer>> requests(IntFunction<Service.Answer> request) {
    return IntStream.range(0, 16)
        .<Callable<Service.Answer>>mapToObj(i -> () -> request.apply(i))
        .toList();
  }

  private static void isFoundOrHasNoRoom(Service.Answer answer) {
    if (answer.status() == 503) {
      CapacityIT.assertUnavailable(answer);
    } else {
      assertThat(answer.status()).isIn(200, 201);
      assertThat(answer.body().length()).isGreaterThan(CODE_BYTES);
    }
  }

  private static void assertListed(Service service) throws Exception {
    var listed =
        CapacityIT.atOnce(List.of(() -> service.get(FUNCTIONS), () -> service.get(FUNCTIONS)));
    assertThat(listed)
        .allSatisfy(list -> {
          assertThat(list.status()).isEqualTo(200);
          assertThat(list.body().length()).isLessThan(SMALL);
          assertThat(list.json().get("functions")).hasSize(BUILT_IN + MANY + 1);
        });
    var last = listed.getFirst().json().get("functions").get(BUILT_IN + MANY);
    assertThat(last.get("definition").toString())
        .isEqualTo("{\"runtime\":\"python\",\"entry\":\"f\"}");
    var one = service.get(FUNCTIONS + "/versions");
    assertThat(one.status()).isEqualTo(200);
    assertThat(one.json().get("versions")).hasSize(MANY);
    assertThat(one.body().length()).isBetween(CODE_BYTES, CODE_BYTES + SMALL);
  }
}
