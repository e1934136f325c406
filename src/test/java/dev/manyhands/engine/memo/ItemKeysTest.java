package dev.manyhands.engine.memo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.model.Initializer;
import dev.manyhands.model.JobSpec;
import dev.manyhands.store.MemoKey;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ItemKeysTest {
  private static final byte[] ONE = "1".getBytes(UTF_8);

  private static MemoKey key(String digest, @Nullable String common, long index, String item) {
    return key(digest, JobSpec.Call.MAP, common, null, index, item);
  }

  private static MemoKey key(
      String digest,
      JobSpec.Call call,
      @Nullable String common,
      @Nullable Long seed,
      long index,
      String item) {
    byte[] json = item.getBytes(UTF_8);
    var error = JobSpec.NonFinite.ERROR;
    return key(digest, call, common, seed, error, JobSpec.Values.JSON, index, json);
  }

  private static MemoKey key(String digest, JobSpec.NonFinite nonFinite, JobSpec.Values values) {
    return key(digest, JobSpec.Call.MAP, null, null, nonFinite, values, 0, ONE);
  }

  private static MemoKey key(
      String digest,
      JobSpec.Call call,
      @Nullable String common,
      @Nullable Long seed,
      JobSpec.NonFinite nonFinite,
      JobSpec.Values values,
      long index,
      byte[] json) {
    return new ItemKeys(digest, call, common, seed, nonFinite, values, null)
        .of(index, json, 0, json.length);
  }

  private static MemoKey initialized(String entry, String args) {
    var initializer = new Initializer(entry, args);
    return new ItemKeys(
            "a",
            JobSpec.Call.MAP,
            null,
            null,
            JobSpec.NonFinite.ERROR,
            JobSpec.Values.JSON,
            initializer)
        .of(0, ONE, 0, ONE.length);
  }

  @Test
  void whatTheValueDependsOnMakesTheKey() {
    var keys =
        List.of(
            key("a", null, 0, "1"),
            key("b", null, 0, "1"),
            key("a", "1", 0, "1"),
            key("a", "null", 0, "1"),
            key("a", null, 0, "11"),
            key("a", null, 0, "\"1\""),
            key("a", JobSpec.Call.STARMAP, null, null, 0, "1"),
            key("a", JobSpec.NonFinite.NULL, JobSpec.Values.JSON),
            key("a", JobSpec.NonFinite.STRING, JobSpec.Values.JSON),
            key("a", JobSpec.NonFinite.ERROR, JobSpec.Values.PYTHON),
            initialized("setup", "[]"),
            initialized("setup", "[1]"),
            initialized("prepare", "[]"),
            key("a", JobSpec.Call.MAP, null, 1L, 0, "1"),
            key("a", JobSpec.Call.MAP, null, 2L, 0, "1"),
            key("a", JobSpec.Call.MAP, null, 1L, 1, "1"));
    assertThat(keys).doesNotHaveDuplicates();
  }

  @Test
  void whereAnItemStandsIsNothingWithoutASeed() {
    assertThat(key("a", null, 5, "1")).isEqualTo(key("a", null, 6, "1"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[1, 2]            | [1,2]",
        "{\"a\" : [ 1 ]}   | {\"a\":[1]}",
        "`{\"a\":\t\"b c\"}` | {\"a\":\"b c\"}",
        "[\"\\\\\\\\\" , 1] | [\"\\\\\\\\\",1]",
        "[\"\\\" ,\" , 1] | [\"\\\" ,\",1]"
      })
  void spaceBetweenTokensIsNothing(String spaced, String dense) {
    assertThat(key("a", null, 0, spaced)).isEqualTo(key("a", null, 0, dense));
  }

  @Test
  void spaceInsideStringsCounts() {
    assertThat(key("a", null, 0, "\"a b\"")).isNotEqualTo(key("a", null, 0, "\"ab\""));
    assertThat(key("a", null, 0, "\"\\\" b\"")).isNotEqualTo(key("a", null, 0, "\"\\\"b\""));
  }
}
