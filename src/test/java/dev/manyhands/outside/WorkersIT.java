package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Workers are kept, replaced and let go; functions come from jars too. */
class WorkersIT {
  private static final String PID = "import os\ndef f(x): return os.getpid()";

  @BeforeAll
  static void needs() {
    Requirements.python();
  }

  @Test
  void aWarmWorkerServesTheNextJobWithItsFunction() {
    try (var service = Service.start(Service.newDirectory(), "--manyhands.workers.slots=1")) {
      String other = PID.replace("def f", "def g");
      JsonNode first = service.run(python(PID, "[1, 2]")).get("result");
      JsonNode between = service.run(python(other, "[1]")).get("result");
      JsonNode second = service.run(python(PID, "[1, 2]")).get("result");
      assertThat(second).isEqualTo(first);
      assertThat(between.get(0)).isNotEqualTo(first.get(0));
    }
  }

  @Test
  void aWorkerIsReplacedAfterSoManyItems() {
    try (var service =
        Service.start(
            Service.newDirectory(),
            "--manyhands.workers.slots=1",
            "--manyhands.workers.max-items=10")) {
      var job =
          service.run(python(PID, "{\"range\": {\"stop\": 45}}", "\"chunking\": {\"size\": 5}"));
      assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
      assertThat(distinct(job.get("result"))).hasSize(5);
      assertThat(service.get("/actuator/prometheus").body())
          .contains("manyhands_worker_restarts_total{reason=\"items\",runtime=\"python\"}");
    }
  }

  @Test
  void aWorkerThatHoldsTooMuchMemoryIsReplaced() {
    try (var service =
        Service.start(
            Service.newDirectory(),
            "--manyhands.workers.slots=1",
            "--manyhands.workers.max-rss=100MB")) {
      // It keeps 200 MB and stays at each item until the service has surely looked at it.
      String leak =
          """
          import os, time
          kept = []
          def f(x):
              if x == 0:
                  kept.append(bytearray(200 << 20))
              time.sleep(1.2 if x < 3 else 0)
              return os.getpid()
          """;
      var job = service.run(python(leak, "[0, 1, 2, 3, 4]", "\"chunking\": {\"size\": 1}"));
      assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
      assertThat(distinct(job.get("result"))).hasSizeGreaterThan(1);
      assertThat(service.get("/actuator/prometheus").body())
          .contains("manyhands_worker_restarts_total{reason=\"rss\",runtime=\"python\"}");
    }
  }

  @Test
  void anIdleWorkerIsLetGo() {
    try (var service =
        Service.start(Service.newDirectory(), "--manyhands.workers.idle-timeout=200ms")) {
      service.run(python(PID, "[1]"));
      while (!service.get("/api/v1/workers").json().get("workers").isEmpty()) {
        Thread.onSpinWait();
      }
      assertThat(service.run(python(PID, "[1]")).get("state").stringValue()).isEqualTo("SUCCEEDED");
    }
  }

  @Test
  void theOrderOfASetDoesNotDependOnTheWorker() {
    try (var service =
        Service.start(
            Service.newDirectory(),
            "--manyhands.workers.max-items=1",
            "--manyhands.workers.slots=1")) {
      String code = "def f(x): return list({'a', 'b', 'c', 'd', 'e', 'f', 'g'})";
      var job = service.run(python(code, "[1, 2, 3]", "\"chunking\": {\"size\": 1}"));
      assertThat(distinct(job.get("result"))).hasSize(1);
    }
  }

  @Test
  void functionsComeFromJarsInADirectory() throws Exception {
    Path directory = Service.newDirectory();
    Path jars = Files.createDirectories(directory.resolve("jars"));
    String source =
        """
        package acme;
        import dev.manyhands.sdk.*;
        public final class Distance implements ItemFunction<Distance.Point, Double> {
          public record Point(double x, double y) {}
          public Double apply(Point point, Context context) {
            if (point.x() < 0) throw new IllegalArgumentException("x is negative");
            return Math.hypot(point.x(), point.y());
          }
        }
        """;
    buildJar(jars.resolve("acme.jar"), source);
    try (var service = Service.start(directory, "--manyhands.java.jars=" + jars)) {
      String job =
          "{\"function\": {\"runtime\": \"java\", \"class\": \"acme.Distance\", \"jar\": \"acme.jar\"},"
              + " \"inputs\": [[3, 4], {\"x\": 6, \"y\": 8}, [-1, 0]]}";
      JsonNode done = service.run(job);
      assertThat(done.get("state").stringValue()).as("%s", done).isEqualTo("FAILED");
      assertThat(done.get("result").toString()).isEqualTo("[5.0,10.0,null]");
      JsonNode error =
          service
              .get("/api/v1/jobs/" + done.get("id").stringValue() + "/results")
              .json()
              .get("errors")
              .get(0);
      assertThat(error.get("type").stringValue()).contains("IllegalArgumentException");
      assertThat(error.get("traceback").stringValue()).contains("acme.Distance.apply");

      String missing = job.replace("acme.Distance", "acme.Nothing");
      assertThat(service.run(missing).get("error").get("message").stringValue())
          .contains("acme.Nothing");

      String register =
          "{\"runtime\": \"java\", \"class\": \"acme.Distance\", \"jar\": \"acme.jar\"}";
      assertThat(service.put("/api/v1/functions/distance", register).status()).isEqualTo(201);
      String named = "{\"function\": \"distance\", \"inputs\": [[3, 4]]}";
      assertThat(service.run(named).get("result").toString()).isEqualTo("[5.0]");
      buildJar(jars.resolve("acme.jar"), source.replace("hypot", "max"));
      var changed = service.post("/api/v1/jobs", named);
      assertThat(changed.status()).isEqualTo(422);
      assertThat(changed.json().get("detail").stringValue()).contains("has changed");
    }
  }

  private static void buildJar(Path jar, String source) throws IOException {
    Path work = Service.newDirectory();
    Path file = work.resolve("Distance.java");
    Files.writeString(file, source);
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", "target/classes", "-d", work.toString(), file.toString());
    assertThat(status).isZero();
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (String name : Set.of("acme/Distance.class", "acme/Distance$Point.class")) {
        out.putNextEntry(new JarEntry(name));
        out.write(Files.readAllBytes(work.resolve(name)));
        out.closeEntry();
      }
    }
  }

  private static Set<JsonNode> distinct(JsonNode values) {
    var distinct = new HashSet<JsonNode>();
    values.forEach(distinct::add);
    return distinct;
  }
}
