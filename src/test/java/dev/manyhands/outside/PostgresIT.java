package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.Test;

/** The main job on PostgreSQL, and a kill in the middle of it. */
class PostgresIT {

  @Test
  void aKilledServiceFinishesItsJobsWhenItComesBack() throws Exception {
    Requirements.python();
    try (var postgres = EmbeddedPostgres.start()) {
      String url = "jdbc:postgresql://localhost:" + postgres.getPort() + "/postgres";
      var service =
          Service.start(
              Service.newDirectory(),
              "--manyhands.store.url=" + url,
              "--manyhands.store.username=postgres",
              "--manyhands.store.password=postgres");
      var small =
          service.run(
              "{\"function\": \"gcd\", \"inputs\": [[12, 18]], \"labels\": {\"a\": \"b\"}}");
      assertThat(small.get("result").toString()).isEqualTo("[6]");
      assertThat(service.get("/api/v1/jobs?label=a:b").json().get("jobs")).hasSize(1);

      String id =
          service.submit(
              python(
                  "import time\ndef f(x):\n    time.sleep(0.01)\n    return x",
                  "{\"range\": {\"stop\": 400}}"));
      while (service
              .get("/api/v1/jobs/" + id + "?wait=0.02")
              .json()
              .get("items")
              .get("done")
              .intValue()
          < 50) {
        assertThat(service.get("/api/v1/jobs/" + id).json().get("finishedAt").isNull()).isTrue();
      }
      service.killMinus9();
      try (var again = service.again()) {
        var job = again.await(id);
        assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("SUCCEEDED");
        var results = again.results(id);
        assertThat(results).hasSize(400);
        for (int i = 0; i < 400; i++) {
          assertThat(results.get(i).intValue()).isEqualTo(i);
        }
      }
    }
  }
}
