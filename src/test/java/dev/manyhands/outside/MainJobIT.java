package dev.manyhands.outside;

import static dev.manyhands.outside.Service.python;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** The main job: a function and its inputs go in, ordered results and metrics come out. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
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

  private Service service;

  @BeforeAll
  void start() {
    Requirements.python();
    service = Service.start(Service.newDirectory());
  }

  @AfterAll
  void stop() {
    service.close();
  }

  @Test
  void tenPairsGiveTheirDivisorsInOrder() {
    var pairs = new ArrayList<String>();
    var divisors = new ArrayList<Long>();
    for (long[] pair : PAIRS) {
      pairs.add("[" + pair[0] + "," + pair[1] + "]");
      divisors.add(BigInteger.valueOf(pair[0]).gcd(BigInteger.valueOf(pair[1])).longValue());
    }
    var job = service.run(python(GCD, pairs.toString(), "\"call\": \"starmap\""));
    assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(longs(service.results(job.get("id").stringValue()))).isEqualTo(divisors);
    assertThat(longs(list(job.get("result")))).isEqualTo(divisors);

    var builtIn = service.run("{\"function\": \"gcd\", \"inputs\": " + pairs + "}");
    assertThat(longs(list(builtIn.get("result")))).isEqualTo(divisors);
  }

  @Test
  void theBuiltInPrimeTestOverARangeEqualsASerialRun() {
    var job =
        service.run(
            "{\"function\": \"check_prime\", \"inputs\": {\"range\": {\"start\": 100000000, \"stop\": 100100000}}}");
    assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
    List<JsonNode> results = service.results(job.get("id").stringValue());
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
    String inputs = "{\"repeat\": {\"value\": 2000, \"times\": 40}}";
    var answers = new ArrayList<JsonNode>();
    for (int workers = 1; workers <= 2; workers++) {
      for (String size : List.of("\"auto\"", "1", "7", "40")) {
        String shape = "\"workers\": " + workers + ", \"chunking\": {\"size\": " + size + "}";
        answers.add(service.run(python(code, inputs, "\"seed\": 42", shape)).get("result"));
        var builtIn =
            service.run(
                "{\"function\": \"estimate_pi\", \"inputs\": "
                    + inputs
                    + ", \"seed\": 42, "
                    + shape
                    + "}");
        assertThat(builtIn.get("state").stringValue()).isEqualTo("SUCCEEDED");
      }
    }
    assertThat(answers).allMatch(answer -> answer.equals(answers.getFirst()));
    // Forty independent counts, of which a few may well be alike.
    assertThat(new HashSet<>(list(answers.getFirst()))).hasSizeGreaterThan(25);
    var other = service.run(python(code, inputs, "\"seed\": 43"));
    assertThat(other.get("result")).isNotEqualTo(answers.getFirst());
  }

  @Test
  void theBuiltInsAnswerTheSameAsTheirPythonSources() throws Exception {
    var inputs =
        List.of(
            List.of("gcd", "[[12, 18], [7, 13]]"),
            List.of("check_prime", "[1, 2, 91, 97, 7919]"),
            List.of("sum_of_squares", "[0, 1, 10, 1000]"),
            List.of("cpu_heavy", "[1, 1000]"));
    for (var each : inputs) {
      String source = Files.readString(Path.of("src/main/functions", each.getFirst() + ".py"));
      String entry = "\"entry\": \"" + each.getFirst() + "\"";
      var inPython =
          service.run(
              "{\"function\": {\"runtime\": \"python\", \"code\": %s, %s}, \"inputs\": %s}"
                  .formatted(Service.quote(source), entry, each.getLast()));
      var inJava =
          service.run(
              "{\"function\": \"%s\", \"inputs\": %s}".formatted(each.getFirst(), each.getLast()));
      assertThat(inPython.get("state").stringValue()).as("%s", inPython).isEqualTo("SUCCEEDED");
      assertThat(inJava.get("result")).as(each.getFirst()).isEqualTo(inPython.get("result"));
    }
  }

  @Test
  void anyExecutableIsAFunction() {
    var lines =
        service.run(
            "{\"function\": {\"runtime\": \"command\", \"command\": [\"sed\", \"-u\", \"s/.*/&&/\"]}, \"inputs\": [1, 23]}");
    assertThat(lines.get("result").toString()).isEqualTo("[11,2323]");

    Requirements.perl();
    String worker = Path.of("src/test/workers/worker.pl").toAbsolutePath().toString();
    var frames =
        service.run(
            "{\"function\": {\"runtime\": \"command\", \"command\": [\"perl\", \"%s\"], \"protocol\": \"frames\"}, \"inputs\": {\"range\": {\"stop\": 1000}}}"
                .formatted(worker));
    assertThat(frames.get("state").stringValue()).as("%s", frames).isEqualTo("SUCCEEDED");
    List<JsonNode> doubled = service.results(frames.get("id").stringValue());
    assertThat(doubled).hasSize(1000);
    assertThat(doubled.get(999).longValue()).isEqualTo(1998);
  }

  @Test
  void commonArgumentsReachEveryCall() {
    var job =
        service.run(
            python(
                "def f(a, b, scale, shift=0): return (a + b) * scale + shift",
                "[[1, 2], {\"a\": 3, \"b\": 4, \"shift\": 5}]",
                "\"call\": \"starmap\"",
                "\"common\": {\"scale\": 10}"));
    assertThat(job.get("result").toString()).isEqualTo("[30,75]");
  }

  @Test
  void whatIsPostedReachesTheFunctionByteForByte() {
    String items =
        "[123456789012345678901234567890, 1e400, 0.1, -0.0, \"\\u00e9\\n\\\"\", \"é€𝄞\", {\"a\": [1, {}]}, \"\\u0000\"]";
    var job = service.run(python("def f(x): return repr(x)", items));
    assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(job.get("result").get(0).stringValue()).isEqualTo("123456789012345678901234567890");
    assertThat(job.get("result").get(1).stringValue()).isEqualTo("inf");
    assertThat(job.get("result").get(3).stringValue()).isEqualTo("-0.0");
    assertThat(job.get("result").get(5).stringValue()).isEqualTo("'é€𝄞'");
    var echoed = service.run(python("def f(x): return x", "[0.1, 12345678901234567890, \"𝄞\"]"));
    assertThat(echoed.get("result").toString()).isEqualTo("[0.1,12345678901234567890,\"𝄞\"]");
  }

  @Test
  void manyInputsStreamThroughASmallHeap() throws Exception {
    // 150 MB in and 150 MB out, through a service whose whole heap is 256 MB.
    int items = 150_000;
    var parts = new ArrayList<byte[]>();
    String spec = python("def f(x): return x", "[");
    parts.add(spec.substring(0, spec.length() - 1).getBytes(StandardCharsets.UTF_8));
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
    var job = service.run("{\"function\": \"gcd\", \"inputs\": []}");
    assertThat(job.get("state").stringValue()).isEqualTo("SUCCEEDED");
    assertThat(job.get("result").toString()).isEqualTo("[]");
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
