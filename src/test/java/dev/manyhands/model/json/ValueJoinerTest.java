package dev.manyhands.model.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ValueJoinerTest {
  private final ValueJoiner joiner = new ValueJoiner(2);

  @Test
  void valuesAreJoinedByCommas() {
    add("1");
    add("\"two\"");
    add("[3],{}");
    assertThat(joiner.toBytes()).asString().isEqualTo("1,\"two\",[3],{}");
    assertThat(joiner.size()).isEqualTo(14);
  }

  @Test
  void onlyThePartIsAdded() {
    joiner.add("[10,20]".getBytes(UTF_8), 1, 3);
    assertThat(joiner.toBytes()).asString().isEqualTo("10");
  }

  @Test
  void aClearedJoinerBeginsWithoutAComma() {
    add("1");
    byte[] before = joiner.toBytes();
    joiner.clear();
    assertThat(joiner.size()).isZero();
    add("2");
    assertThat(joiner.toBytes()).asString().isEqualTo("2");
    assertThat(before).asString().isEqualTo("1");
  }

  private void add(String json) {
    joiner.add(json.getBytes(UTF_8), 0, json.length());
  }
}
