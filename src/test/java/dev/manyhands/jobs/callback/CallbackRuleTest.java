package dev.manyhands.jobs.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.manyhands.model.Callback;
import dev.manyhands.model.Refusal;
import dev.manyhands.model.Refusal.Reason;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallbackRuleTest {
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  private static CallbackSettings settings(@Nullable String secret, boolean allowPrivate) {
    return settings(secret, AllowedReceivers.of(allowPrivate, List.of()));
  }

  private static CallbackSettings settings(@Nullable String secret, AllowedReceivers allowed) {
    return new CallbackSettings(secret, allowed, 10, Duration.ofSeconds(15), 4);
  }

  private static void check(String url, boolean allowPrivate) {
    new CallbackRule(settings(SECRET, allowPrivate)).check(new Callback(url, null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://hooks.example/done",
        "HTTP://hooks.example:8080/a/b?key=a%20b",
        "https://hooks.example",
        "https://8.8.8.8/",
        "https://[2606:4700:4700::1111]:8443/"
      })
  void aPublicUrlIsTaken(String url) {
    assertThatCode(() -> check(url, false)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hooks.example",
        "//hooks.example/",
        "/done",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "jar:http://hooks.example/!/",
        "mailto:a@hooks.example",
        "http:///done",
        "http://",
        "http:hooks.example",
        "https://user@hooks.example/",
        "https://user:password@hooks.example/",
        "https://@hooks.example/",
        "https://hooks.example/#part",
        "https://hooks.example:0/",
        "https://hooks.example:65536/",
        "https://hooks.example/a b",
        "https://hooks.example/ü",
        "https://hööks.example/",
        "https://hooks.example/\ud800",
        "https://hooks.example\\@127.0.0.1/",
        "https://hooks_example/\r\nX: y",
        "https://0x7f.1/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://010.8.8.8/",
        "https://8.8.8.08/",
        "https://256.8.8.8/",
        "https://hooks.example.0/"
      })
  void whatIsNoGoodUrlIsRefusedEvenWherePrivateAddressesAreAllowed(String url) {
    assertRefused(url, true);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:8080/",
        "http://LOCALHOST./",
        "http://a.localhost/",
        "http://127.0.0.1/",
        "http://10.0.0.1/",
        "http://2130706433/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[fd00::1]/",
        "http://[fe80::1]/",
        "http://[fe80::1%25lo]/",
        "http://[fe80::1%25none]/",
        "http://[2606:4700:4700::1111%25none]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:8.8.8.8]/"
      })
  void aPrivateAddressIsTakenOnlyWhereAllowed(String url) {
    assertRefused(url, false);
    assertThatCode(() -> check(url, true)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://10.1.2.3:8080/done",
        "http://[fd00:1::7]/",
        "http://192.168.0.7/",
        "http://hooks.localhost/",
        "http://HOOKS.localhost./"
      })
  void anAllowedReceiverIsTaken(String url) {
    assertRefused(url, false);
    var some = List.of("10.1.0.0/16", "fd00:1::/32", "192.168.0.7", "Hooks.localhost.");
    new CallbackRule(settings(SECRET, AllowedReceivers.of(false, some)))
        .check(new Callback(url, null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://10.2.0.1/",
        "http://192.168.0.8/",
        "http://localhost/",
        "http://a.hooks.localhost/",
        "http://[::ffff:10.1.2.3]/"
      })
  void aReceiverBesideTheAllowedOnesIsRefused(String url) {
    var some = List.of("10.1.0.0/16", "192.168.0.7", "hooks.localhost");
    var rule = new CallbackRule(settings(SECRET, AllowedReceivers.of(false, some)));
    assertThatThrownBy(() -> rule.check(new Callback(url, null))).isInstanceOf(Refusal.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.1.0.0/33",
        "10.1.0.0/-1",
        "10.1.0.0/",
        "10.1.0",
        "300.1.1.1",
        "*.a",
        "a b"
      })
  void anEntryThatIsNoReceiverIsNamed(String entry) {
    assertThatThrownBy(() -> AllowedReceivers.of(false, List.of(entry)))
        .hasMessageContaining("manyhands.callback.allow: '" + entry + "'");
  }

  private static void assertRefused(String url, boolean allowPrivate) {
    assertThatThrownBy(() -> check(url, allowPrivate))
        .asInstanceOf(type(Refusal.class))
        .satisfies(refusal -> {
          assertThat(refusal.reason()).isEqualTo(Reason.INVALID);
          assertThat(refusal.faults())
              .singleElement()
              .satisfies(fault -> assertThat(fault.pointer()).isEqualTo("/callback/url"));
        });
  }

  @Test
  void aRefusalDoesNotRepeatWhatMayBeSecret() {
    assertThatThrownBy(() -> check("https://hooks.example/ ?key=sesame", false))
        .hasMessageNotContaining("sesame");
    var bad = new Callback("https://hooks.example/?key=sesame", "whsec_sesame");
    assertThatThrownBy(() -> new CallbackRule(settings(SECRET, false)).check(bad))
        .hasMessageNotContaining("sesame");
    assertThat(bad.toString()).doesNotContain("sesame");
    assertThat(settings(SECRET, false).toString()).doesNotContain(SECRET);
  }

  @Test
  void someSecretIsNeeded() {
    var rule = new CallbackRule(settings(null, false));
    assertThatCode(() -> rule.check(new Callback("https://hooks.example/", SECRET)))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> rule.check(new Callback("https://hooks.example/", null)))
        .hasMessageContaining("manyhands.callback.secret")
        .asInstanceOf(type(Refusal.class))
        .satisfies(refusal ->
            assertThat(refusal.faults().getFirst().pointer()).isEqualTo("/callback/secret"));
  }

  @Test
  void aBadSettingIsNotRepeated() {
    assertThatThrownBy(() -> settings("sesame", false))
        .hasMessageContaining("manyhands.callback.secret")
        .hasMessageNotContaining("sesame");
  }
}
