package dev.manyhands.http.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.support.BadSettingException;
import dev.manyhands.support.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BearerTokensTest {
  private static final String TOKEN = "a token of 24 characters";

  @Test
  void acceptsTokensThatAreConfiguredAsTheyAreAndAsHashes() {
    byte[] hash = Sha256.digest().digest(TOKEN.getBytes(StandardCharsets.UTF_8));
    var tokens =
        new BearerTokens("s", List.of("another one of 20 c.", "sha256:" + hex(hash) + " "));
    assertThat(tokens.accept("another one of 20 c.")).isTrue();
    assertThat(tokens.accept(TOKEN)).isTrue();
    assertThat(tokens.accept(hex(hash))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sha256:no hex digits of all", "sha256:abc", "sha256:", "short"})
  void aBadEntryIsABadSettingAndIsNotShown(String entry) {
    assertThatThrownBy(() -> new BearerTokens("some.setting", List.of(entry)))
        .isInstanceOf(BadSettingException.class)
        .hasMessageContaining("some.setting")
        .message()
        .doesNotContain("abc", "no hex", "short");
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
