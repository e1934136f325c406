package dev.manyhands.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.Refusal;
import dev.manyhands.model.json.JsonException;
import dev.manyhands.model.json.JsonLimits;
import dev.manyhands.model.json.JsonScanner;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObjectMembersTest {
  private static final JsonLimits LIMITS = new JsonLimits(10, 100, 1_000);

  private JsonScanner scanner = scanner("");
  private ObjectMembers members = new ObjectMembers(scanner, "");

  @Test
  void namesComeInOrderAndAsTheyWereWritten() {
    assertThat(names("{ \"b\" : [1, {\"a\": 2}] , \"a\":\"}\",\"\\u0061\":null,\"\":{} } 7"))
        .containsExactly("b", "a", "\\u0061", "");
    assertThat(scanner.peek()).isEqualTo('7');
    assertThat(names("{}")).isEmpty();
  }

  @Test
  void aNameIsRefusedTheSecondTime() {
    assertThatThrownBy(() -> names("{\"a\":1,\"b\":2,\"a\":3}"))
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> {
              assertThat(refusal.faults().getFirst().pointer()).isEqualTo("/job/a");
              assertThat(refusal.faults().getFirst().detail()).isEqualTo("stands there twice");
            });
  }

  @Test
  void thePointerShowsWhereABrokenObjectBroke() {
    assertThatThrownBy(() -> names("{1:2}")).isInstanceOf(JsonException.class);
    assertThat(members.pointer()).isEqualTo("/job");
    for (String broken : List.of("{\"a\" 1}", "{\"a\":}", "{\"a\":1", "{\"a\":1 \"b\":2}")) {
      assertThatThrownBy(() -> names(broken)).isInstanceOf(JsonException.class);
      assertThat(members.pointer()).isEqualTo("/job/a");
    }
    assertThatThrownBy(() -> names("{\"a\":1,}")).isInstanceOf(JsonException.class);
  }

  private List<String> names(String json) {
    scanner = scanner(json);
    members = new ObjectMembers(scanner, "/job");
    assertThat(scanner.take('{')).isTrue();
    var names = new ArrayList<String>();
    for (String name = members.next(); name != null; name = members.next()) {
      names.add(name);
      scanner.value();
    }
    return names;
  }

  private static JsonScanner scanner(String json) {
    return new JsonScanner(json.getBytes(UTF_8), LIMITS);
  }
}
