package dev.manyhands.outside;

import static dev.manyhands.outside.JobState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The main job: a function and its inputs go in, ordered results and metrics come out. */
@RunningService
class MainJobIT {
  private static final String GCD =
      """
      def gcd(a, b):
          for i in range(min(a, b), 0, -1):
              if a % i == 0 and b % i == 0:
                  return i
      """;

  private static final long[][] PAIRS = {
    {1963309, 2265973}, {2030677, 3814172}, {1551645, 2229620}, {2039045, 2020802},
    {1823712, 1924928}, {2293129, 1020491}, {1281238, 2273782}, {3823812, 4237281},
    {3812741, 4729139}, {1292391, 2123811}
  };

  private final Service service;

  MainJobIT(Service service) {
    this.service = service;
  }

  @Test
  void tenPairsGiveTheirDivisorsInOrder() {
    var divisors = new ArrayList<Long>();
    for (long[] pair : PAIRS) {
      divisors.add(BigInteger.valueOf(pair[0]).gcd(BigInteger.valueOf(pair[1])).longValue());
    }
    var job = service.job().python(GCD).starmap().inputs((Object[]) PAIRS).run();
    assertThat(job).hasState(SUCCEEDED).hasResults(divisors);
    assertThat(longs(list(job.result()))).isEqualTo(divisors);

    var builtIn = service.job().named("gcd").inputs((Object[]) PAIRS).run();
    assertThat(longs(list(builtIn.result()))).isEqualTo(divisors);
  }

  @Test
  void theBuiltInPrimeTestOverARangeEqualsASerialRun() {
    var job = service.job().named("check_prime").range(100_000_000, 100_100_000).run();
    assertThat(job).hasState(SUCCEEDED);
    List<JsonNode> results = job.results();
    assertThat(results).hasSize(100_000);
    for (int i = 0; i < results.size(); i++) {
      assertThat(results.get(i).booleanValue())
          .as("%d is prime", 100_000_000 + i)
          .isEqualTo(BigInteger.valueOf(100_000_000 + i).isProbablePrime(50));
    }
  }

  @Test
  void aSeedGivesTheSameDigitsWhateverTheWorkersAndChunks() {
    String code =
        """
        import random
        def inside(n):
            return sum(random.random() ** 2 + random.random() ** 2 <= 1 for _ in range(n))
        """;
    var answers = new ArrayList<JsonNode>();
    for (int workers = 1; workers <= 2; workers++) {
      for (Object size : List.of("auto", 1, 7, 40)) {
        var chunking = Map.of("size", size);
        var inPython = service.job().python(code).repeat(2000, 40).seed(42).workers(workers);
        answers.add(inPython.option("chunking", chunking).run().result());
        var builtIn = service.job().named("estimate_pi").repeat(2000, 40).seed(42).workers(workers);
        assertThat(builtIn.option("chunking", chunking).run()).hasState(SUCCEEDED);
      }
    }
    assertThat(answers).allMatch(answer -> answer.equals(answers.getFirst()));
    // Forty independent counts, of which a few may well be alike.
    assertThat(new HashSet<>(list(answers.getFirst()))).hasSizeGreaterThan(25);
    var other = service.job().python(code).repeat(2000, 40).seed(43).run();
    assertThat(other.result()).isNotEqualTo(answers.getFirst());
  }

  @Test
  void theBuiltInsAnswerTheSameAsTheirPythonSources() throws Exception {
    var inputs =
        Map.<String, List<?>>of(
            "gcd", List.of(List.of(12, 18), List.of(7, 13)),
            "check_prime", List.of(1, 2, 91, 97, 7919),
            "sum_of_squares", List.of(0, 1, 10, 1000),
            "cpu_heavy", List.of(1, 1000));
    for (var each : inputs.entrySet()) {
      String name = each.getKey();
      Object[] items = each.getValue().toArray();
      String source = Files.readString(Path.of("src/main/functions", name + ".py"));
      var inPython = service.job().python(source, name).inputs(items).run();
      var inJava = service.job().named(name).inputs(items).run();
      assertThat(inPython).hasState(SUCCEEDED);
      assertThat(inJava.result()).as(name).isEqualTo(inPython.result());
    }
  }

  @Test
  void anyExecutableIsAFunction() {
    var lines = service.job().command("sed", "-u", "s/.*/&&/").inputs(1, 23).run();
    assertThat(lines).hasResult("[11,2323]");

    Requirements.perl();
    String worker = Path.of("src/test/workers/worker.pl").toAbsolutePath().toString();
    var frames = service.job().command("perl", worker).protocol("frames").range(1000).run();
    assertThat(frames).hasState(SUCCEEDED);
    List<JsonNode> doubled = frames.results();
    assertThat(doubled).hasSize(1000);
    assertThat(doubled.get(999).longValue()).isEqualTo(1998);
  }

  @Test
  void commonArgumentsReachEveryCall() {
    var job =
        service
            .job()
            .python("def f(a, b, scale, shift=0): return (a + b) * scale + shift")
            .inputs(List.of(1, 2), Map.of("a", 3, "b", 4, "shift", 5))
            .starmap()
            .common(Map.of("scale", 10))
            .run();
    assertThat(job).hasResult("[30,75]");
  }

  @Test
  void whatIsPostedReachesTheFunctionByteForByte() {
    String items =
        """
        [123456789012345678901234567890, 1e400, 0.1, -0.0, "\\u00e9\\n\\"", "é€𝄞", {"a": [1, {}]}, \
        "\\u0000"]\
        """;
    var job = service.job().python("def f(x): return repr(x)").inputsAsWritten(items).run();
    assertThat(job).hasState(SUCCEEDED);
    assertThat(job.result().get(0).stringValue()).isEqualTo("123456789012345678901234567890");
    assertThat(job.result().get(1).stringValue()).isEqualTo("inf");
    assertThat(job.result().get(3).stringValue()).isEqualTo("-0.0");
    assertThat(job.result().get(5).stringValue()).isEqualTo("'é€𝄞'");
    var echoed =
        service
            .job()
            .python("def f(x): return x")
            .inputsAsWritten(
                """
                [0.1, 12345678901234567890, "𝄞"]\
                """)
            .run();
    assertThat(echoed)
        .hasResult(
            """
            [0.1,12345678901234567890,"𝄞"]\
            """);
  }

  @Test
  void manyInputsStreamThroughASmallHeap() throws Exception {
    // 150 MB in and 150 MB out, through a service whose whole heap is 256 MB.
    int items = 150_000;
    var parts = new ArrayList<byte[]>();
    String spec = service.job().python("def f(x): return x").inputs().json();
    parts.add(utf8(spec.substring(0, spec.length() - "]}".length())));
    Iterable<byte[]> body =
        () ->
            IntStream.rangeClosed(-1, items)
                .mapToObj(i -> i == -1 ? parts.getFirst() : i == items ? "]}" : item(i))
                .map(part -> part instanceof byte[] bytes ? bytes : utf8(part.toString()))
                .iterator();
    var answer =
        service.send(
            service
                .request("/api/v1/jobs?wait=100")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArrays(body)));
    assertThat(answer.json().get("state").stringValue()).as("%s", answer).isEqualTo("SUCCEEDED");
    var request =
        service
            .request("/api/v1/jobs/" + answer.json().get("id").stringValue() + "/results")
            .header("Accept", "application/x-ndjson")
            .build();
    try (var client = HttpClient.newHttpClient()) {
      var lines = client.send(request, BodyHandlers.ofLines()).body().iterator();
      for (int i = 0; i < items; i++) {
        String value = item(i).substring(i == 0 ? 0 : 1);
        assertThat(lines.next()).isEqualTo("{\"index\":" + i + ",\"value\":" + value + "}");
      }
      assertThat(lines.next()).contains("\"complete\":true");
    }
  }

  private static String item(int i) {
    return (i == 0 ? "\"" : ",\"") + "%01000d".formatted(i) + "\"";
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void anEmptyJobSucceedsAtOnce() {
    assertThat(service.job().named("gcd").inputs().run()).hasState(SUCCEEDED).hasResult("[]");
  }

  private static List<JsonNode> list(JsonNode array) {
    var list = new ArrayList<JsonNode>();
    array.forEach(list::add);
    return list;
  }

  private static List<Long> longs(List<JsonNode> numbers) {
    return numbers.stream().map(JsonNode::longValue).toList();
  }
}
