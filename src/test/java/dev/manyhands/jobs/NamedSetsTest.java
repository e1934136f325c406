package dev.manyhands.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.engine.shared.SharedDeclaration;
import dev.manyhands.engine.shared.SharedSetGoneException;
import dev.manyhands.engine.shared.SharedSets;
import dev.manyhands.intake.SharedSetRequest;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.NamedSet;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.SharedKind;
import dev.manyhands.model.SharedObject;
import dev.manyhands.store.sql.DatabaseKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The time to live of a set counts from its last use, which is stored now and then. */
@ParameterizedClass
@EnumSource(DatabaseKind.class)
class NamedSetsTest {
  private static final Duration TTL = Duration.ofSeconds(10);

  @TempDir private Path pages;

  private final Flow flow;
  private SharedSets objects;
  private NamedSets sets;

  NamedSetsTest(DatabaseKind kind) throws IOException {
    this.flow = new Flow(kind);
  }

  @BeforeEach
  void begin() {
    objects = new SharedSets(flow.shared, pages, 1 << 20, id -> true);
    sets = new NamedSets(flow.sets, objects, 2, flow.clock, new Random(4));
  }

  @AfterEach
  void stop() {
    flow.close();
  }

  private static SharedSetRequest request(String initial, Duration ttl) {
    var dict = new SharedObject(SharedKind.DICT, initial, null);
    return new SharedSetRequest(Map.of("seen", dict), JobSpec.Values.JSON, ttl);
  }

  private NamedSet created(String name) {
    return sets.create(name, request("{\"a\":1}", TTL)).set();
  }

  private Instant stored(NamedSet set) {
    return flow.sets.find(set.id()).orElseThrow().usedAt();
  }

  private void pass(Duration time) {
    flow.clock.advance(time);
    sets.sweep();
  }

  @Test
  void aSetLivesFromUseToUse() {
    NamedSet set = created("one");
    for (int i = 0; i < 9; i++) {
      pass(TTL.minusMillis(1));
      assertThat(sets.use("one").expiresAt()).isEqualTo(flow.clock.instant().plus(TTL));
    }
    assertThat(sets.list().getFirst().usedAt()).isEqualTo(flow.clock.instant());
    pass(TTL);
    assertThatThrownBy(() -> sets.use("one")).isInstanceOf(Refusal.class);
    assertThatThrownBy(() -> sets.use(set.use()))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("is gone");
    assertThatThrownBy(() -> objects.of(SharedDeclaration.of(set)))
        .isInstanceOf(SharedSetGoneException.class);
  }

  @Test
  void aUseIsStoredOnceAMinuteAndBeforeTheSetWouldExpire() {
    NamedSet set = sets.create("one", request("{}", Duration.ofHours(1))).set();
    Instant start = flow.clock.instant();
    pass(Duration.ofSeconds(59));
    sets.use("one");
    assertThat(stored(set)).isEqualTo(start);
    pass(Duration.ofSeconds(1));
    sets.use("one");
    flow.sets.list(); // comes behind
    flow.sets.used(set.id(), start).join();
    assertThat(stored(set)).isEqualTo(start.plusSeconds(60));
  }

  /** Without the use, the next service would delete the set at once. */
  @Test
  void theSweepStoresALaterUse() {
    NamedSet set = created("one");
    pass(Duration.ofSeconds(6));
    sets.use("one");
    pass(Duration.ofSeconds(6));
    flow.sets.used(set.id(), set.usedAt()).join();
    assertThat(stored(set)).isEqualTo(set.usedAt().plusSeconds(6));
  }

  @Test
  void aNameHasOneDeclaration() {
    NamedSet set = created("one");
    assertThat(sets.create("one", request("{\"a\":1}", TTL)).isNew()).isFalse();
    assertThat(created("one").id()).isEqualTo(set.id());
    assertThatThrownBy(() -> sets.create("one", request("{\"a\":2}", TTL)))
        .hasMessageContaining("another declaration");
    created("two");
    assertThatThrownBy(() -> created("three")).hasMessageContaining("2 sets");
    sets.delete("one");
    assertThatThrownBy(() -> sets.delete("one")).hasMessageContaining("no set");
    assertThat(created("three").id()).isNotEqualTo(set.id());
  }

  /** The first entries are in the store only, and are there once the set is read. */
  @Test
  void aSetBeginsWithItsFirstEntries() {
    NamedSet set = created("one");
    assertThat(set.objects().get("seen").initial()).isEqualTo("{}");
    var content = objects.content(SharedDeclaration.of(set), "seen", 0, 9);
    assertThat(content.entries()).hasSize(1);
  }
}
