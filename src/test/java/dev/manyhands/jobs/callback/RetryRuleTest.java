package dev.manyhands.jobs.callback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manyhands.jobs.callback.Sender.Answer;
import dev.manyhands.jobs.callback.Sender.Answer.Failed;
import dev.manyhands.jobs.callback.Sender.Answer.Replied;
import dev.manyhands.store.DeliveryStore.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryRuleTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
  private static final Answer DOWN = new Failed("no connection");

  /** The middle of the spread. */
  private static final RandomGenerator MIDDLE =
      new RandomGenerator() {
        @Override
        public long nextLong() {
          return 0;
        }

        @Override
        public double nextDouble() {
          return 0.5;
        }
      };

  private final RetryRule rule = new RetryRule(10, MIDDLE);

  private Duration waitAfter(int attempt, Answer answer) {
    return Duration.between(NOW, rule.after(attempt, answer, NOW).next());
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 202, 204, 299})
  void anySuccessIsTheEnd(int status) {
    assertThat(rule.after(1, new Replied(status, null), NOW))
        .isEqualTo(new RetryRule.Verdict(State.DELIVERED, status, null, null));
  }

  @Test
  void aReceiverThatIsGoneIsLeftAlone() {
    assertThat(rule.after(1, new Replied(410, "1"), NOW).state()).isEqualTo(State.FAILED);
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 301, 302, 307, 400, 401, 404, 409, 429, 500, 503})
  void everythingElseIsTriedAgain(int status) {
    var verdict = rule.after(1, new Replied(status, null), NOW);
    assertThat(verdict.state()).isEqualTo(State.PENDING);
    assertThat(verdict.status()).isEqualTo(status);
    assertThat(verdict.error()).contains(Integer.toString(status));
  }

  @Test
  void waitsGrowAndTenAttemptsTakeAboutADay() {
    Duration all = Duration.ZERO;
    Duration last = Duration.ZERO;
    for (int attempt = 1; attempt < 10; attempt++) {
      Duration wait = waitAfter(attempt, DOWN);
      assertThat(wait).isGreaterThan(last.multipliedBy(3));
      last = wait;
      all = all.plus(wait);
    }
    assertThat(waitAfter(1, DOWN)).isEqualTo(Duration.ofSeconds(5));
    assertThat(all).isBetween(Duration.ofHours(20), Duration.ofHours(26));
  }

  @Test
  void theLastAttemptIsTheEnd() {
    assertThat(rule.after(9, DOWN, NOW).state()).isEqualTo(State.PENDING);
    assertThat(rule.after(10, DOWN, NOW))
        .isEqualTo(new RetryRule.Verdict(State.FAILED, null, "no connection", null));
  }

  @Test
  void waitsAreSpread() {
    var spread = new RetryRule(10, new Random(1));
    for (int i = 0; i < 1_000; i++) {
      assertThat(Duration.between(NOW, spread.after(3, DOWN, NOW).next()))
          .isBetween(Duration.ofMillis(40_960), Duration.ofMillis(61_440));
    }
  }

  @Test
  void evenAThousandAttemptsAreADayApartAtMost() {
    var patient = new RetryRule(10_000, MIDDLE);
    assertThat(patient.after(5_000, DOWN, NOW).next()).isEqualTo(NOW.plus(Duration.ofDays(1)));
  }

  @ParameterizedTest
  @CsvSource({
    "120, 120",
    "' 120 ', 120",
    "2, 5", // never sooner than without it
    "0, 5",
    "86400, 21600", // never later than this
    "999999999, 21600",
    "9999999999, 5", // no number of seconds that we know
    "-1, 5",
    "soon, 5",
    "'Sat, 21 Nov 2026 10:02:00 GMT', 120",
    "'Sat, 21 Nov 2026 09:00:00 GMT', 5",
    "'Mon, 21 Nov 2050 09:00:00 GMT', 21600",
    "'Sat, 99 Nov 2026 10:02:00 GMT', 5"
  })
  void theReceiverMayAskForPatienceWithinBounds(String retryAfter, long seconds) {
    assertThat(waitAfter(1, new Replied(503, retryAfter))).isEqualTo(Duration.ofSeconds(seconds));
  }
}
