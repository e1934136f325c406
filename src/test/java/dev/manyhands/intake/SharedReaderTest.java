package dev.manyhands.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.FunctionDefinition.Command;
import dev.manyhands.model.FunctionDefinition.JavaClass;
import dev.manyhands.model.FunctionDefinition.Protocol;
import dev.manyhands.model.FunctionDefinition.Python;
import dev.manyhands.model.Inputs;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.SharedKind;
import dev.manyhands.model.SharedObject;
import dev.manyhands.model.json.JsonLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The declaration of shared objects: what is read, and what is refused with its remedy. */
class SharedReaderTest {
  private static final long MOST_BYTES = 16 << 20;
  private static final ApiLimits LIMITS =
      new ApiLimits(
          1, 1, 1, 1, JsonLimits.DEFAULT, 20 << 20, 1, Duration.ZERO, 1, MOST_BYTES, 1, null);

  private static Map<String, SharedObject> read(String shared) {
    String job = "{\"shared\":" + shared + "}";
    var request = new StrictJson(LIMITS).read(job.getBytes(UTF_8), JobRequest.class, "");
    return SharedReader.read(request.shared(), MOST_BYTES);
  }

  @Test
  void eachKindIsReadInTheOrderOfTheDeclaration() {
    var shared =
        read(
            """
            {"z": {"value": false}, "_n.1-a": {"value": -9223372036854775808}, "x": {"value": 1.50},
             "seen": {"dict": {"a" : [1.0, -0.0]}}, "log": {"list": [1e2, null]},
             "todo": {"queue": {}}, "few": {"queue": {"size": 1000000}}, "gate": {"lock": {}},
             "doors": {"semaphore": 1000000}, "zero": {"value": -0}}
            """);
    assertThat(shared)
        .containsExactly(
            Map.entry("z", object(SharedKind.VALUE, "false")),
            Map.entry("_n.1-a", object(SharedKind.VALUE, "-9223372036854775808")),
            Map.entry("x", object(SharedKind.VALUE, "1.50")),
            Map.entry("seen", object(SharedKind.DICT, "{\"a\":[1.0,-0.0]}")),
            Map.entry("log", object(SharedKind.LIST, "[1e2,null]")),
            Map.entry("todo", object(SharedKind.QUEUE, "[]")),
            Map.entry("few", new SharedObject(SharedKind.QUEUE, "[]", 1_000_000L)),
            Map.entry("gate", object(SharedKind.LOCK, "null")),
            Map.entry("doors", object(SharedKind.SEMAPHORE, "1000000")),
            Map.entry("zero", object(SharedKind.VALUE, "0")));
    assertThat(read("{}")).isEmpty();
    assertThat(read("null")).isEmpty();
  }

  private static SharedObject object(SharedKind kind, String initial) {
    return new SharedObject(kind, initial, null);
  }

  /** Half a surrogate pair has no UTF-8 form, in which the text is stored and sent. */
  @Test
  void halvesOfSurrogatePairsStayEscapes() {
    var shared = read("{\"d\": {\"dict\": {\"k\": \"\\udd2f \\ud83e\\udd2f\"}}}");
    assertThat(shared.get("d").initial()).isEqualTo("{\"k\":\"\\udd2f \ud83e\udd2f\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          []                              | /shared             | must be an object
          {"a": 3}                        | /shared/a           | must be an object
          {"a": null}                     | /shared/a           | {"dict": {}}
          {"a": {}}                       | /shared/a           | 'value', 'lock'
          {"a": {"dict": {}, "list": []}} | /shared/a           | one member
          {"a": {"set": []}}              | /shared/a/set       | there are: 'value'
          {"a": {"VALUE": 1}}             | /shared/a/VALUE     | no kind
          {"1a": {"lock": {}}}            | /shared/1a          | begin with a letter
          {"": {"lock": {}}}              | /shared/            | at most 64
          {"a/b": {"lock": {}}}           | /shared/a~1b        | letters, digits
          {"a": {"value": null}}          | /shared/a/value     | use a dict
          {"a": {"value": "x"}}           | /shared/a/value     | use a dict
          {"a": {"value": {}}}            | /shared/a/value     | use a dict
          {"a": {"value": 9223372036854775808}} | /shared/a/value | 9223372036854775808.0
          {"a": {"value": 1e400}}         | /shared/a/value     | beyond the largest
          {"a": {"lock": null}}           | /shared/a/lock      | {}
          {"a": {"lock": {"b": 1}}}       | /shared/a/lock      | no options
          {"a": {"semaphore": 0}}         | /shared/a/semaphore | from 1 to 1000000
          {"a": {"semaphore": 1000001}}   | /shared/a/semaphore | from 1 to 1000000
          {"a": {"semaphore": 1.0}}       | /shared/a/semaphore | number of permits
          {"a": {"semaphore": {}}}        | /shared/a/semaphore | number of permits
          {"a": {"semaphore": 99999999999999999999}} | /shared/a/semaphore | from 1 to 1000000
          {"a": {"dict": []}}             | /shared/a/dict      | object with the first entries
          {"a": {"dict": null}}           | /shared/a/dict      | object with the first entries
          {"a": {"list": {}}}             | /shared/a/list      | array with the first elements
          {"a": {"queue": []}}            | /shared/a/queue     | put by items
          {"a": {"queue": 3}}             | /shared/a/queue     | must be {}
          {"a": {"queue": {"size": 1.5}}} | /shared/a/queue     | at most n elements
          {"a": {"queue": {"sise": 3}}}   | /shared/a/queue     | {"size": n}
          {"a": {"queue": {"size": 3, "b": 1}}} | /shared/a/queue | {"size": n}
          {"a": {"queue": {"size": 0}}}   | /shared/a/queue/size | between 1 and 1000000
          {"a": {"queue": {"size": 1000001}}} | /shared/a/queue/size | between 1 and 1000000
          """)
  void whatIsNoObjectIsRefused(String shared, String pointer, String remedy) {
    assertRefused(shared, pointer, remedy);
  }

  @Test
  void aNameIsThereOnce() {
    assertThatThrownBy(() -> read("{\"a\": {\"lock\": {}}, \"\\u0061\": {\"lock\": {}}}"))
        .isInstanceOf(Refusal.class);
    assertThatThrownBy(() -> read("{\"a\": {\"dict\": {\"k\": 1, \"\\u006b\": 2}}}"))
        .isInstanceOf(Refusal.class);
  }

  @Test
  void whatIsTooMuchIsRefused() {
    assertThat(read(locks(64))).hasSize(64);
    assertRefused(locks(65), "/shared", "at most 64 objects");

    assertThat(read(list(SharedObject.MOST_ENTRIES, "1"))).hasSize(1);
    assertRefused(list(SharedObject.MOST_ENTRIES + 1, "1"), "/shared/a/list", "100000 entries");

    String value = "\"" + "x".repeat(SharedObject.MOST_VALUE_BYTES - 2) + "\"";
    assertThat(read(list(15, value))).hasSize(1);
    assertRefused(list(1, value.replaceFirst("x", "xx")), "/shared/a/list", "1048576 bytes");
    assertRefused(list(16, value), "/shared", "manyhands.shared.max-bytes");

    String key = "k".repeat(SharedObject.MOST_KEY_BYTES - 2);
    assertThat(read("{\"a\": {\"dict\": {\"" + key + "\": 1}}}")).hasSize(1);
    assertRefused("{\"a\": {\"dict\": {\"k" + key + "\": 1}}}", "/shared/a/dict", "a key");
  }

  private static String locks(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "\"l" + i + "\":{\"lock\":{}}")
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String list(int count, String element) {
    return "{\"a\":{\"list\":[" + element + ("," + element).repeat(count - 1) + "]}}";
  }

  @Test
  void functionsThatReachThemHaveThemWithoutCache() {
    var python = new Python("def f(x): return x", "f");
    SharedReader.check(spec(python, false));
    SharedReader.check(JobSpec.of(new Function("f", "d", python), new Inputs.Listed(1)));
    assertCheck(spec(python, true), "/cache", "must be false");
    var command = new Command(List.of("cat"), Protocol.FRAMES, false, null);
    assertCheck(spec(command, false), "/shared", "must be absent for a command");
    SharedReader.check(spec(new JavaClass("a.B", null, null), false));
  }

  private static JobSpec spec(FunctionDefinition definition, boolean cache) {
    return JobSpec.builder(new Function("f", "d", definition), new Inputs.Listed(1))
        .shared(Map.of("gate", new SharedObject(SharedKind.LOCK, "null", null)))
        .cache(cache)
        .build();
  }

  private static void assertCheck(JobSpec spec, String pointer, String remedy) {
    assertThatThrownBy(() -> SharedReader.check(spec))
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> assertThat(refusal.sentence()).startsWith(pointer + ": ").contains(remedy));
  }

  private static void assertRefused(String shared, String pointer, String remedy) {
    assertThatThrownBy(() -> read(shared))
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> assertThat(refusal.sentence()).startsWith(pointer + ": ").contains(remedy));
  }
}
