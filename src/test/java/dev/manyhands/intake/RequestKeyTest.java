package dev.manyhands.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manyhands.model.Refusal;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestKeyTest {
  private static String name(String header) {
    return RequestKey.of(header).name();
  }

  @Test
  void aStringInQuotesIsTheNameInIt() {
    assertThat(name("\"order-17\"")).isEqualTo("order-17").isEqualTo(name("order-17"));
    assertThat(RequestKey.of("\"order-17\"").asSent()).isEqualTo("\"order-17\"");
    assertThat(RequestKey.of("order-17").asSent()).isNull();
    assertThat(name("\"a \\\" b \\\\\"")).isEqualTo("a \" b \\");
  }

  @Test
  void whatIsNoSuchStringIsTakenAsItIs() {
    for (String header :
        List.of("\"a", "a\"", "\"a\"b\"", "\"a\\n\"", "\"a\\\"", "\"é\"", "\"a\";b=1", "\"")) {
      assertThat(RequestKey.of(header)).isEqualTo(new RequestKey(header, null));
    }
  }

  @Test
  void anEmptyOrLongNameIsRefused() {
    for (String header : List.of("", " ", "\"\"", "\" \"", "x".repeat(256))) {
      assertThatThrownBy(() -> RequestKey.of(header))
          .isInstanceOf(Refusal.class)
          .hasMessageContaining("1 to 255");
    }
  }
}
