package dev.manyhands.store.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Callback;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.Initializer;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.Recycle;
import dev.manyhands.model.SharedKind;
import dev.manyhands.model.SharedObject;
import dev.manyhands.model.SharedSetId;
import dev.manyhands.model.SharedSetUse;
import dev.manyhands.model.Trace;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** JSON is read as it was written, also the JSON of earlier versions. */
class JobJsonTest {

  @ParameterizedTest
  @MethodSource
  void aSpecIsReadAsItWasWritten(JobSpec spec) {
    assertThat(JobJson.toSpec(JobJson.ofDetails(spec), spec.function())).isEqualTo(spec);
    assertThat(JobJson.toOutline(JobJson.ofOutline(spec.outline()))).isEqualTo(spec.outline());
    var definition = spec.function().definition();
    assertThat(JobJson.toDefinition(JobJson.ofDefinition(definition))).isEqualTo(definition);
  }

  @Test
  void aCommandOfAnEarlierVersionIsRead() {
    assertThat(
            JobJson.toDefinition(
                "{\"kind\":\"command\",\"argv\":[\"bc\",\"-l\"],\"protocol\":\"LINES\"}"))
        .isEqualTo(
            new FunctionDefinition.Command(
                List.of("bc", "-l"), FunctionDefinition.Protocol.LINES, false, null));
  }

  @Test
  void theFunctionIsNoPartOfTheDetails() {
    var spec = TestJobs.spec(TestJobs.GCD, 3, Map.of());
    assertThat(JobJson.ofDetails(spec)).doesNotContain("def gcd", "function");
  }

  /** A spec in which every component has a value of its own. */
  static JobSpec full() {
    return JobSpec.builder(
            new Function(
                "c",
                "sha256:1",
                new FunctionDefinition.Command(
                    List.of("a", ""), FunctionDefinition.Protocol.LINES, true, null)),
            new Inputs.Range(Long.MAX_VALUE, -1, -3))
        .name("half a surrogate \ud83e, nothing \0, an emoji \ud83e\udd2f")
        .description("two\nlines")
        .call(JobSpec.Call.STARMAP)
        .common("{\"k\": 1.0}")
        .workers(4)
        .threads(8)
        .chunking(new JobSpec.Chunking(7L, null, JobSpec.Chunking.Order.SHUFFLED))
        .reduce(JobSpec.Reduce.MEAN)
        .stopWhen(new JobSpec.StopWhen(JobSpec.StopWhen.Match.EQUALS, "[1]", 3))
        .nonFinite(JobSpec.NonFinite.STRING)
        .values(JobSpec.Values.PYTHON)
        .retry(new JobSpec.Retry(3, 2, 4, Duration.ofMillis(250)))
        .timeouts(
            new JobSpec.Timeouts(
                Duration.ofNanos(1_500_000_001), Duration.ofDays(2), Duration.ofSeconds(9)))
        .memory(3L << 30)
        .recycle(new Recycle(11))
        .fresh(true)
        .initializer(new Initializer("setup", "[1.0]"))
        .maxFailures(12)
        .maxFailuresPercent(2.5)
        .onError(JobSpec.OnError.STOP)
        .seed(Long.MIN_VALUE)
        .priority(9)
        .paused(true)
        .cache(true)
        .start(
            new JobSpec.Start(
                List.of(new JobId(new UUID(1, 2))), Instant.parse("2026-01-02T03:04:05.000006Z")))
        .ttl(Duration.ofHours(3))
        .callback(new Callback("https://example.org/hook", "whsec_c2VjcmV0"))
        .parent(new JobId(new UUID(3, 4)))
        .labels(Map.of("a", "b", "", ""))
        .shared(shared())
        .sharedSet(new SharedSetUse("words", new SharedSetId(new UUID(5, 6))))
        .trace(
            new Trace(
                "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true, "00f067aa0ba902b7"))
        .build();
  }

  /** Objects whose names are in no order but that of the declaration. */
  private static Map<String, SharedObject> shared() {
    var shared = new LinkedHashMap<String, SharedObject>();
    shared.put("todo", new SharedObject(SharedKind.QUEUE, "[]", 7L));
    shared.put("found", new SharedObject(SharedKind.VALUE, "1.50", null));
    shared.put("a.lock", new SharedObject(SharedKind.LOCK, "null", null));
    shared.put("seen", new SharedObject(SharedKind.DICT, "{\"k\": \"\\ud83e\"}", null));
    shared.put("doors", new SharedObject(SharedKind.SEMAPHORE, "3", null));
    shared.put("log", new SharedObject(SharedKind.LIST, "[1, \"\u00e9\"]", null));
    return shared;
  }

  @Test
  void sharedObjectsKeepTheOrderOfTheirDeclaration() {
    var spec = JobJson.toSpec(JobJson.ofDetails(full()), TestJobs.GCD);
    assertThat(spec.shared().keySet())
        .containsExactly("todo", "found", "a.lock", "seen", "doors", "log");
    assertThat(spec.shared()).isEqualTo(shared());
  }

  @Test
  void aJobWithoutSharedObjectsIsStoredAsBefore() {
    var spec = TestJobs.spec(TestJobs.GCD, 3, Map.of());
    assertThat(JobJson.ofDetails(spec)).doesNotContain("shared");
    assertThat(JobJson.toSpec(JobJson.ofDetails(spec), TestJobs.GCD).shared()).isEmpty();
  }

  static Stream<JobSpec> aSpecIsReadAsItWasWritten() {
    return Stream.of(
        full(),
        TestJobs.spec(TestJobs.GCD, 3, Map.of()),
        TestJobs.spec(
            new Function(
                "p",
                "sha256:3",
                new FunctionDefinition.Python("", "label", null, "gA==", Map.of("a.py", "x"))),
            3,
            Map.of()),
        TestJobs.spec(
            new Function("j", "sha256:2", new FunctionDefinition.JavaClass("a.B", null, null)),
            3,
            Map.of()));
  }

  @Test
  void repeatedInputsKeepTheirText() {
    var spec = JobSpec.of(TestJobs.GCD, new Inputs.Repeat("1.50e0", 9));
    assertThat(JobJson.toSpec(JobJson.ofDetails(spec), spec.function())).isEqualTo(spec);
  }

  @Test
  void aLaterVersionsRowIsReadWithoutWhatIsUnknown() {
    var spec = TestJobs.spec(TestJobs.GCD, 3, Map.of());
    String json = JobJson.ofDetails(spec);
    String later = json.replaceFirst("\\{", "{\"tenant\":{\"id\":7},");

    assertThat(JobJson.toSpec(later, TestJobs.GCD)).isEqualTo(spec);
  }

  /** Rows like this one are in databases out there: it must stay readable whatever changes. */
  @Test
  void theFirstVersionsRowsAreRead() {
    String json =
        "{\"name\":\"n\",\"function\":{\"name\":\"gcd\",\"digest\":\"sha256:0badc0de\",\"definition\":{\"kind\":\"python\",\"code\":\"def"
            + " gcd(a): return a\",\"entry\":\"gcd\"}},"
            + "\"inputs\":{\"kind\":\"range\",\"start\":0,\"stop\":9,\"step\":2},\"call\":\"MAP\","
            + "\"chunking\":{},\"retry\":{\"crash\":2,\"timeout\":1},\"timeouts\":{\"item\":\"PT1.5S\"},"
            + "\"maxFailures\":1,\"onError\":\"CONTINUE\",\"seed\":42,\"priority\":5,\"labels\":{}}";

    JobSpec spec = JobJson.toWholeSpec(json);

    assertThat(spec.function()).isEqualTo(TestJobs.GCD);
    assertThat(spec.inputs()).isEqualTo(new Inputs.Range(0, 9, 2));
    assertThat(spec.timeouts())
        .isEqualTo(new JobSpec.Timeouts(Duration.ofMillis(1_500), null, null));
    assertThat(spec.seed()).isEqualTo(42);
    assertThat(spec.maxFailures()).isEqualTo(1);
    assertThat(spec.retry()).isEqualTo(JobSpec.Retry.DEFAULT);
    assertThat(spec.threads()).isEqualTo(1);
    assertThat(spec.reduce()).isEqualTo(JobSpec.Reduce.LIST);
    assertThat(spec.values()).isEqualTo(JobSpec.Values.JSON);
    assertThat(spec.start()).isEqualTo(JobSpec.Start.AT_ONCE);
    assertThat(spec.shared()).isEmpty();
  }

  @Test
  void errorsAreReadAsTheyWereWritten() {
    var errors =
        List.of(
            TestJobs.error(3),
            new ItemError(9, ItemError.Kind.CRASH, "SIGSEGV", "died", "last words\n", 2),
            new ItemError(10, ItemError.Kind.ERROR, "E", "m", null, 1, "gARLAS4="));
    assertThat(JobJson.toItemErrors(JobJson.ofItemErrors(errors))).isEqualTo(errors);
    assertThat(JobJson.ofItemErrors(List.of())).isNull();
    assertThat(JobJson.toItemErrors(null)).isEmpty();
  }
}
