package dev.manyhands.store.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Function;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.store.FunctionStore;
import dev.manyhands.store.FunctionStore.Registered;
import java.time.Instant;
import java.util.List;
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

    assertThat(functions.versions("f"))
        .containsExactly(new Registered(ONE, MONDAY), new Registered(TWO, TUESDAY));
  }

  @Test
  void theListHasTheCurrentOfEachByName() {
    functions.register(ONE, MONDAY).join();
    functions.register(TWO, MONDAY).join();
    functions.register(OTHER, TUESDAY).join();

    assertThat(functions.list())
        .containsExactly(new Registered(OTHER, TUESDAY), new Registered(TWO, MONDAY));
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
    assertThat(functions.list()).containsExactly(new Registered(OTHER, MONDAY));
  }
}
