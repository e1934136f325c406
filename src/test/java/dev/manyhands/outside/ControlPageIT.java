package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * Functions that spoil the control page that their worker shares with the service. An item that
 * does so may fail; the other items, other jobs and the service do not.
 */
class ControlPageIT {

  /** The page is found as a careless program would find it, too: all files of the worker's own. */
  private static final String CODE =
      """
      import glob, os, time
      PAGE = os.environ["HOME"] + "/../control"

      class Spoil:
          def cut(): os.truncate(PAGE, 0)
          def cut_in_half(): os.truncate(PAGE, 100)
          def careless():
              for path in glob.glob("../*"):
                  if os.path.isfile(path): open(path, "w").close()
          def remove(): os.remove(PAGE)
          def swap():
              os.remove(PAGE)
              os.symlink("/dev/zero", PAGE)
          def garbage():
              with open(PAGE, "r+b") as page: page.write(b"\\xff" * 4096)
          def lies():
              with open(PAGE, "r+b") as page:
                  page.seek(64)
                  page.write((1).to_bytes(8, "little") + (0).to_bytes(8, "little"))
          def huge(): os.truncate(PAGE, 1 << 40)

      def f(x):
          if x is not None and x != "print":
              kind, then = x.split()
              getattr(Spoil, kind)()
              if then == "sleep": time.sleep(0.25)
              if then == "print":
                  print("after it", flush=True)
                  time.sleep(0.1)
              if then == "exit": os._exit(3)
              if then == "hang": time.sleep(60)
          return 1
      """;

  private static final List<String> KINDS =
      List.of("cut", "cut_in_half", "careless", "remove", "swap", "garbage", "lies", "huge");

  @ParameterizedTest
  @EnumSource
  void aSpoiltPageCostsTheItemThatSpoiltIt(Level level) throws Exception {
    try (var service = level.start()) {
      spoil(service, "sleep", 1);
      spoil(service, "exit", 1);
      if (level == Level.PROCESS) {
        spoil(service, "return", 1);
        spoil(service, "print", 1);
        spoil(service, "hang", 1);
        spoil(service, "sleep", 3);
        spoil(service, "exit", 3);
      }
      assertThat(service.get("/actuator/health/liveness").status()).isEqualTo(200);
      assertThat(service.get("/actuator/health/readiness").status()).isEqualTo(200);
      assertThat(service.get("/api/v1/workers").status()).isEqualTo(200);
      service.killMinus9();
      try (var next = service.again()) {
        assertHonest(next.run(python(CODE, "[null, null]")));
      }
    }
  }

  /** All kinds in one job, with honest items around them. */
  private static void spoil(Service service, String then, int threads) {
    var inputs = new ArrayList<String>();
    for (String kind : KINDS) {
      inputs.add("null");
      inputs.add("\"" + kind + " " + then + "\"");
    }
    inputs.add("\"print\"");
    JsonNode job =
        service.run(
            python(
                CODE,
                inputs.toString(),
                "\"timeouts\": {\"item\": 0.5}",
                "\"threads\": " + threads,
                "\"chunking\": {\"size\": 4}",
                "\"maxFailures\": \"100%\""));
    JsonNode page =
        service.get("/api/v1/jobs/" + job.get("id").stringValue() + "/results?limit=100").json();
    var errors = page.get("errors");
    for (JsonNode error : errors) {
      long index = error.get("index").longValue();
      assertThat(index % 2)
          .as("an honest item, %s with %d threads: %s", then, threads, error)
          .isEqualTo(1);
      assertThat(error.get("kind").stringValue()).isIn("CRASH", "TIMEOUT", "ERROR");
    }
    for (int i = 0; i < inputs.size(); i += 2) {
      assertThat(page.get("results").get(i).asInt())
          .as("item %d, %s, of %s with %s", i, then, job, page)
          .isEqualTo(1);
    }
    assertHonest(service.run(python(CODE, "[null, null, null]")));
  }

  private static void assertHonest(JsonNode job) {
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
  }
}
