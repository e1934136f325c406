package dev.manyhands.store.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Bundle;
import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.store.FunctionStore;
import dev.manyhands.store.FunctionStore.Listed;
import dev.manyhands.store.FunctionStore.Registered;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Names and versions of functions. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class FunctionStoreTest {
  private static final Instant MONDAY = TestClock.START;
  private static final Instant TUESDAY = MONDAY.plusSeconds(86_400);
  private static final Function ONE =
      new Function("f", "sha256:1", new FunctionDefinition.Python("def f(x): return 1", "f"));
  private static final Function TWO =
      new Function("f", "sha256:2", new FunctionDefinition.JavaClass("a.B", "b.jar", "abc"));
  private static final Function OTHER =
      new Function(
          "Z",
          "sha256:1",
          new FunctionDefinition.Command(List.of("bc", "-l"), FunctionDefinition.Protocol.LINES));

  private final TestDatabase database;
  private SqlStores stores;
  private FunctionStore functions;

  FunctionStoreTest(DatabaseKind kind) {
    this.database = TestDatabase.fresh(kind);
  }

  @BeforeEach
  void open() {
    stores = database.open(new TestClock());
    functions = stores.functions();
  }

  @AfterEach
  void close() {
    stores.close();
    database.close();
  }

  private static Listed listed(Function function, Instant registeredAt) {
    return new Listed(
        function.name(), function.digest(), function.definition().outline(), registeredAt);
  }

  @Test
  void theLastRegisteredVersionIsCurrent() {
    functions.register(ONE, MONDAY).join();
    functions.register(TWO, TUESDAY).join();

    assertThat(functions.find("f")).contains(new Registered(TWO, TUESDAY));
    assertThat(functions.find("f", "sha256:1")).contains(new Registered(ONE, MONDAY));
    assertThat(functions.find("f", "sha256:3")).isEmpty();
    assertThat(functions.find("g")).isEmpty();
  }

  @Test
  void anOldVersionMayBecomeCurrentAgainAndKeepsItsDate() {
    functions.register(ONE, MONDAY).join();
    functions.register(TWO, TUESDAY).join();

    assertThat(functions.register(ONE, TUESDAY.plusSeconds(1)).join())
        .isEqualTo(new Registered(ONE, MONDAY));

    assertThat(functions.versions("f")).containsExactly(listed(ONE, MONDAY), listed(TWO, TUESDAY));
  }

  @Test
  void theListHasTheCurrentOfEachByName() {
    functions.register(ONE, MONDAY).join();
    functions.register(TWO, MONDAY).join();
    functions.register(OTHER, TUESDAY).join();

    assertThat(functions.list()).containsExactly(listed(OTHER, TUESDAY), listed(TWO, MONDAY));
  }

  /** A long definition has a small row in a list. */
  @Test
  void listsHoldNoLongText() throws Exception {
    String text = "x".repeat(5_000);
    var bundle = new Bundle(Bundle.Kind.PY, "ab", 1, 1, "f.py");
    var definitions =
        List.of(
            new FunctionDefinition.Python(text, text, null, null, Map.of("a.py", text)),
            new FunctionDefinition.Python("", "f", null, text, Map.of("a.py", text)),
            new FunctionDefinition.JavaClass(text, text, "abc"),
            new FunctionDefinition.Command(
                List.of(text), FunctionDefinition.Protocol.LINES, true, null));
    for (FunctionDefinition definition : definitions) {
      int number = definitions.indexOf(definition);
      functions.register(new Function("g" + number, "sha256:1", definition), MONDAY).join();
    }
    assertThat(functions.list())
        .extracting(Listed::outline)
        .containsExactly(
            new FunctionDefinition.Python("", ""),
            new FunctionDefinition.Python("", "f", null, "", Map.of()),
            new FunctionDefinition.JavaClass("", "", "abc"),
            new FunctionDefinition.Command(
                List.of(), FunctionDefinition.Protocol.LINES, true, null));
    assertThat(database.number("SELECT MAX(LENGTH(outline)) FROM function_version"))
        .isLessThan(200);
    assertThat(new FunctionDefinition.Python("", "f", bundle).outline().bundle()).isEqualTo(bundle);
  }

  @Test
  void deletionForgetsAllVersions() {
    functions.register(ONE, MONDAY).join();
    functions.register(TWO, MONDAY).join();
    functions.register(OTHER, MONDAY).join();

    assertThat(functions.delete("f").join()).isTrue();
    assertThat(functions.delete("f").join()).isFalse();

    assertThat(functions.find("f")).isEmpty();
    assertThat(functions.versions("f")).isEmpty();
    assertThat(functions.list()).containsExactly(listed(OTHER, MONDAY));
  }
}
