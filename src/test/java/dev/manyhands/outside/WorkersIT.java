package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.FAILED;
import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
      JsonNode first = service.job().python(PID).inputs(1, 2).run().result();
      JsonNode between = service.job().python(other).inputs(1).run().result();
      JsonNode second = service.job().python(PID).inputs(1, 2).run().result();
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
      var job = service.job().python(PID).range(45).chunk(5).run();
      assertThat(job).hasState(SUCCEEDED);
      assertThat(distinct(job.result())).hasSize(5);
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
      var job = service.job().python(leak).inputs(0, 1, 2, 3, 4).chunk(1).run();
      assertThat(job).hasState(SUCCEEDED);
      assertThat(distinct(job.result())).hasSizeGreaterThan(1);
      assertThat(service.get("/actuator/prometheus").body())
          .contains("manyhands_worker_restarts_total{reason=\"rss\",runtime=\"python\"}");
    }
  }

  @Test
  void anIdleWorkerIsLetGo() {
    try (var service =
        Service.start(Service.newDirectory(), "--manyhands.workers.idle-timeout=200ms")) {
      service.job().python(PID).inputs(1).run();
      while (!service.get("/api/v1/workers").json().get("workers").isEmpty()) {
        Thread.onSpinWait();
      }
      assertThat(service.job().python(PID).inputs(1).run()).hasState(SUCCEEDED);
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
      var job = service.job().python(code).inputs(1, 2, 3).chunk(1).run();
      assertThat(distinct(job.result())).hasSize(1);
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
      var done =
          service
              .job()
              .java("acme.Distance", "acme.jar")
              .inputs(List.of(3, 4), Map.of("x", 6, "y", 8), List.of(-1, 0))
              .run();
      assertThat(done)
          .hasState(FAILED)
          .hasResult("[5.0,10.0,null]")
          .hasErrors(1)
          .hasTracebackAt(2, "acme.Distance.apply");
      assertThat(done.errorAt(2).get("type").stringValue()).contains("IllegalArgumentException");

      var missing = service.job().java("acme.Nothing", "acme.jar").inputs(List.of(3, 4)).run();
      assertThat(missing.get("error").get("message").stringValue()).contains("acme.Nothing");

      var definition = Map.of("runtime", "java", "class", "acme.Distance", "jar", "acme.jar");
      var registered = service.put("/api/v1/functions/distance", JobBuilder.json(definition));
      assertThat(registered.status()).isEqualTo(201);
      var named = service.job().named("distance").inputs(List.of(3, 4));
      assertThat(named.run()).hasResult("[5.0]");
      buildJar(jars.resolve("acme.jar"), source.replace("hypot", "max"));
      var changed = named.post();
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
