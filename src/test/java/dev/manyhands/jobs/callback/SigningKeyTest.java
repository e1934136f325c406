package dev.manyhands.jobs.callback;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SigningKeyTest {

  /** From the tests of the reference libraries of Standard Webhooks. */
  @Test
  void signsAsTheStandardsLibrariesDo() {
    var key = SigningKey.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").orElseThrow();

    assertThat(
            key.sign(
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                "{\"test\": 2432232314}".getBytes(UTF_8)))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @ParameterizedTest
  @CsvSource({"23, false", "24, true", "64, true", "65, false"})
  void aKeyHas24To64Bytes(int bytes, boolean good) {
    String secret = "whsec_" + Base64.getEncoder().encodeToString(new byte[bytes]);

    assertThat(SigningKey.parse(secret).isPresent()).isEqualTo(good);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS*",
        "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
      })
  void whatIsNoKeyIsNone(String text) {
    assertThat(SigningKey.parse(text)).isEmpty();
  }
}
