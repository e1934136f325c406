package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** An option that does not have its effect shows in the notes of the job, on both stores. */
class JobNotesIT extends OnEachStore {
  private static final String CACHE = "\"cache\": true";
  private static final String RANDOM = "import random\ndef f(x): return random.random()";

  private String notes(String job) {
    return service.get("/api/v1/jobs/" + job).json().get("notes").toString();
  }

  private String ended(String job) {
    return service.run(job).get("id").stringValue();
  }

  private void awaitNote(String job, String text) {
    Awaitility.await().untilAsserted(() -> assertThat(notes(job)).contains(text));
  }

  @Test
  void equalItemsWithDifferentResultsAreNotedAndOthersAreNot() throws Exception {
    String plain = ended(python("def f(x): return x + 1", "[5, 5, 5, 6]", CACHE));
    String seeded = ended(python(RANDOM, "[5, 5, 5, 6]", CACHE, "\"seed\": 7"));
    String uncached = ended(python(RANDOM, "[5, 5, 5, 6]"));

    // One chunk: otherwise the value of the first item may be there before the next one runs.
    String random = ended(python(RANDOM, "[5, 5, 5, 6]", CACHE, "\"chunking\": {\"size\": 4}"));

    awaitNote(random, "The cache may answer wrongly: item ");
    assertThat(notes(random)).contains("give the job a \\\"seed\\\"");
    // Values are stored in the order of the jobs, so that these have all their notes.
    assertThat(notes(plain)).isEqualTo("[]");
    assertThat(notes(seeded)).isEqualTo("[]");
    assertThat(notes(uncached)).isEqualTo("[]");

    service.killMinus9();
    service = service.again();
    assertThat(notes(random)).contains("The cache may answer wrongly: item ");
  }

  @Test
  void codeThatSeedsItselfIsNotedIfTheJobHasASeed() {
    String code = "import random\ndef f(x):\n    random.seed(x)\n    return random.random()";
    String seed = "\"seed\": 7";

    // The note is stored before the outcomes that came with it.
    var own = service.run(python(code, "[1, 2, 3]", seed)).get("notes");
    assertThat(own.toString()).contains("random.seed() in line 3", "manyhands.rng()");

    assertThat(notes(ended(python(code, "[1, 2, 3]")))).isEqualTo("[]");
    assertThat(notes(ended(python(RANDOM, "[1, 2, 3]", seed)))).isEqualTo("[]");
    // The second of two slots takes an item back from the first, which has not begun any.
    String threaded = notes(ended(python(RANDOM, "[1, 2]", seed, "\"threads\": 2")));
    assertThat(threaded).contains("random.random() in line 2", "set \\\"threads\\\" to 1");
  }

  @Test
  void listsHaveNoNotes() {
    ended(python("def f(x): return x", "[1]", "\"workers\": 99"));

    var listed = service.get("/api/v1/jobs").json().get("jobs").get(0);

    assertThat(listed.has("notes")).isFalse();
  }

  @Test
  void aValueThatIsComputedAgainDifferently() {
    String code = RANDOM.replace("f(x)", "g(x)");
    String even = IntStream.range(0, 4_000).filter(x -> x % 2 == 0).boxed().toList().toString();
    ended(python(code, even, CACHE));

    // Items that are known and cheap run again between unknown ones.
    String all = ended(python(code, "{\"range\": {\"stop\": 4000}}", CACHE));

    awaitNote(all, "The cache may answer wrongly: item ");
  }
}
