package dev.manyhands.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Lists of jobs by filter, on each store. */
class JobFiltersIT extends OnEachStore {
  private static final String JOBS = "/api/v1/jobs";

  /** A job that succeeds at once. */
  private JobBuilder job(String group) {
    return service.job().named("gcd").inputs().label("group", group);
  }

  private JsonNode page(String query) {
    var answer = service.get(JOBS + "?" + query);
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    return answer.json();
  }

  private List<String> ids(String query) {
    var ids = new ArrayList<String>();
    page(query).get("jobs").forEach(job -> ids.add(job.get("id").stringValue()));
    return ids;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private void isRefused(String query, String part) {
    var answer = service.get(JOBS + "?" + query);
    assertThat(answer.status()).as("%s", answer).isEqualTo(400);
    assertThat(answer.json().get("detail").stringValue()).contains(part);
  }

  @Test
  void severalStatesAreOneList() {
    String ended = job("states").run().id();
    var failing = service.job().python("def f(x): return 1 // x").inputs(0);
    String failed = failing.label("group", "states").run().id();
    String paused = job("states").inputs(List.of(4, 6)).paused().submit().id();
    String all = "label=group:states&state=";

    assertThat(ids(all + "QUEUED,failed")).containsExactly(paused, failed);
    assertThat(ids(all + "SUCCEEDED,QUEUED")).containsExactly(paused, ended);
    assertThat(ids(all + "RUNNING")).isEmpty();
    isRefused("state=QUEUED,DONE", "state: must be one of");
    isRefused("state=", "state: must have at least one state");
    isRefused("state=QUEUED&counts=2", "counts: must be true or false");
    isRefused("label=a:1&label=a:1", "label: is given twice");
    isRefused("q=a&limit=1&limit=2", "limit: is given twice");
    assertThat(page("state=QUEUED&state=RUNNING").has("jobs")).isTrue();
    service.cancelled(paused);
  }

  @Test
  void textThatIsNoUnicodeIsRefusedWhereverAJobIsNamed() {
    for (String member :
        List.of(
            "\"labels\": {\"a\": \"v\\ud800\"}",
            "\"name\": \"\\udc00\\ud83d\"",
            "\"description\": \"line\\n\\ud83d\"")) {
      String job = "{\"function\": \"gcd\", \"inputs\": [[4, 6]], %s}".formatted(member);
      var refused = service.post(JOBS, job);
      assertThat(refused.status()).as("%s", refused).isEqualTo(422);
      assertThat(refused.json().get("detail").stringValue()).contains("surrogate");
      var retried =
          service.post(JOBS + "/" + job("halves").run().id() + "/retry", "{" + member + "}");
      assertThat(retried.status()).as("%s", retried).isEqualTo(422);
    }
    String variant =
        "{\"job\": {\"function\": \"gcd\", \"inputs\": [[4, 6]]},"
            + " \"variants\": [{\"name\": \"\\ud800\", \"workers\": 1}]}";
    var refused = service.post("/api/v1/comparisons", variant);
    assertThat(refused.status()).as("%s", refused).isEqualTo(422);
    String whole = "{\"function\": \"gcd\", \"inputs\": [[4, 6]], \"name\": \"\\ud83d\\ude42\"}";
    assertThat(service.run(whole).get("name").stringValue()).isEqualTo("🙂");
  }

  @Test
  void aJobIsListedInTheStateThatItShows() {
    var waits = service.job().python("import time\ndef f(x): time.sleep(600)").inputs(1);
    var running = waits.label("group", "live").submit();
    JsonNode counts = null;
    do {
      counts = page("label=group:live&counts=true").get("counts").get("byState");
      String shown = running.view().get("state").stringValue();
      if (shown.equals("RUNNING")) {
        assertThat(ids("label=group:live&state=RUNNING")).containsExactly(running.id());
        assertThat(ids("label=group:live&state=QUEUED,WAITING")).isEmpty();
      }
    } while (counts.get("RUNNING").longValue() == 0);
    service.cancelled(running.id());
    assertThat(ids("label=group:live&state=CANCELLED")).containsExactly(running.id());
  }

  @Test
  void aTextIsSearchedAsItIs() {
    String percent = job("text").name("100% sure").run().id();
    String underscore = job("text").name("a_b").option("description", "It's\n\"Ärger\"").run().id();
    String other = job("text").name("axb").label("kind", "'; DROP TABLE job; --").run().id();
    String text = "label=group:text&q=";

    assertThat(ids(text + encoded("%"))).containsExactly(percent);
    assertThat(ids(text + "A_B")).containsExactly(underscore);
    assertThat(ids(text + encoded("\"ärger"))).containsExactly(underscore);
    assertThat(ids(text + encoded("'; drop table JOB; --"))).containsExactly(other);
    assertThat(ids(text + encoded("\\"))).isEmpty();
    assertThat(ids(text + "GCD")).containsExactly(other, underscore, percent);
    assertThat(ids(text + other.substring(0, 30))).contains(other);
    assertThat(ids(text + "group")).isEmpty();
    isRefused("q=", "q: must have 1 to 200 characters");
    isRefused("q=" + "x".repeat(201), "q: must have 1 to 200 characters");
    isRefused("q=a%00", "q: must not contain control characters");
  }

  @Test
  void aFunctionIsListedByItsVersion() {
    String code = "{\"runtime\": \"python\", \"code\": \"def f(x): return x + %d\"}";
    String old =
        service
            .put("/api/v1/functions/filtered", code.formatted(1))
            .json()
            .get("digest")
            .asString();
    service.put("/api/v1/functions/filtered", code.formatted(2));
    String first = service.job().named("filtered@" + old).inputs(1).run().id();
    String second = service.job().named("filtered").inputs(1).run().id();

    assertThat(ids("function=filtered")).containsExactly(second, first);
    assertThat(ids("function=filtered@" + old)).containsExactly(first);
    assertThat(ids("function=filtered@sha256:" + "0".repeat(64))).isEmpty();
    assertThat(ids("function=nothing@" + old)).isEmpty();
    isRefused("function=filtered@" + old.substring(0, 20), "function: must be a name, or");
  }

  @Test
  void retriesAreListedByTheirParent() {
    var job = service.job().python("def f(x): return 1 // x").inputs(0).run();
    String retry =
        service.post(JOBS + "/" + job.id() + "/retry", "").json().get("id").stringValue();

    assertThat(ids("parent=" + job.id())).containsExactly(retry);
    assertThat(ids("parent=" + retry)).isEmpty();
    isRefused("parent=x", "parent: must be the id of a job");
    service.await(retry);
  }

  @Test
  void aCursorIsForTheFiltersOfItsPage() {
    job("cursor").run();
    job("cursor").run();
    String next = page("label=group:cursor&limit=1").get("next").stringValue();

    assertThat(page("label=group:cursor&cursor=" + next).get("next").isNull()).isTrue();
    isRefused("cursor=" + next, "other filters");
    isRefused("label=group:cursor&q=x&cursor=" + next, "other filters");
    isRefused("cursor=x", "is not from a page's 'next'");
  }

  @Test
  void aThousandJobsAreListedOnceAndCounted() {
    var all = new ArrayList<String>();
    for (int i = 0; i < 1_000; i++) {
      all.addFirst(job("thousand").name(i % 2 == 0 ? "Even " + i : "odd " + i).submit().id());
    }
    all.forEach(service::await);
    var listed = new ArrayList<String>();
    String query = "label=group:thousand&state=SUCCEEDED,RUNNING,QUEUED&limit=300";
    JsonNode page = page(query);
    while (true) {
      page.get("jobs").forEach(job -> listed.add(job.get("id").stringValue()));
      if (page.get("next").isNull()) {
        break;
      }
      page = page(query + "&cursor=" + page.get("next").stringValue());
    }
    assertThat(listed).isEqualTo(all);
    JsonNode counts = page("label=group:thousand&q=even&counts=true&limit=1").get("counts");
    assertThat(counts.get("byState").get("SUCCEEDED").longValue()).isEqualTo(500);
    assertThat(counts.get("capped")).isEmpty();
    assertThat(ids("label=group:thousand&q=EVEN&limit=1000")).hasSize(500);
    assertThat(page("label=group:thousand&counts=true&state=FAILED").toString())
        .contains("\"jobs\":[]", "\"SUCCEEDED\":1000");
  }
}
