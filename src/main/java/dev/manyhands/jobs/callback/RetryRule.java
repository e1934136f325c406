package dev.manyhands.jobs.callback;

import dev.manyhands.jobs.callback.Sender.Answer;
import dev.manyhands.store.DeliveryStore.State;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides the next step after an attempt. Waits grow from seconds (a receiver restarts) to hours
 * (somebody has to repair it). Ten attempts take about a day.
 *
 * <pre>
 * after attempt  1    2     3    4    5     6     7     8     9
 * wait           5s   16s   51s  3m   9m    28m   89m   5h    15h     each up to a fifth more or less
 * </pre>
 *
 * <p>The random spread protects receivers that come back: their messages do not arrive all at once.
 */
final class RetryRule {
  private static final double FIRST_SECONDS = 5;
  private static final double GROWTH = 3.2;
  private static final double SPREAD = 0.2;
  private static final double LONGEST_SECONDS = 86_400;

  /** The longest wait that a receiver may ask for. A wish for more counts as this wait. */
  static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(6);

  private static final int GONE = 410;

  private final int attempts;
  private final RandomGenerator random;

  RetryRule(int attempts, RandomGenerator random) {
    this.attempts = attempts;
    this.random = random;
  }

  /**
   * The result of an attempt, as it is to be recorded.
   *
   * @param next when the next attempt is due; null when no more attempts follow
   */
  record Verdict(
      State state, @Nullable Integer status, @Nullable String error, @Nullable Instant next) {}

  /**
   * @param attempt number of the attempt, from 1
   */
  Verdict after(int attempt, Answer answer, Instant now) {
    return switch (answer) {
      case Answer.Replied(int status, _) when status >= 200 && status < 300 ->
          new Verdict(State.DELIVERED, status, null, null);
      case Answer.Replied(int status, _) when status == GONE ->
          new Verdict(State.FAILED, status, "the receiver wants no more (410)", null);
      case Answer.Replied(int status, String retryAfter) ->
          failed(attempt, status, words(status), asked(retryAfter, now), now);
      case Answer.Failed(String why) -> failed(attempt, null, why, Duration.ZERO, now);
    };
  }

  private static String words(int status) {
    return status >= 300 && status < 400
        ? "the answer was a redirect (" + status + "), which is not followed"
        : "the answer was " + status;
  }

  private Verdict failed(
      int attempt, @Nullable Integer status, String error, Duration asked, Instant now) {
    if (attempt >= attempts) {
      return new Verdict(State.FAILED, status, error, null);
    }
    Duration wait = backoff(attempt);
    return new Verdict(
        State.PENDING, status, error, now.plus(asked.compareTo(wait) > 0 ? asked : wait));
  }

  private Duration backoff(int attempt) {
    double seconds = Math.min(FIRST_SECONDS * Math.pow(GROWTH, attempt - 1.0), LONGEST_SECONDS);
    return Duration.ofMillis(
        Math.round(seconds * 1_000 * (1 - SPREAD + 2 * SPREAD * random.nextDouble())));
  }

  /** Reads {@code Retry-After} (RFC 9110, 10.2.3): seconds or a date. Zero for an invalid value. */
  private static Duration asked(@Nullable String retryAfter, Instant now) {
    if (retryAfter == null) {
      return Duration.ZERO;
    }
    String text = retryAfter.strip();
    Duration wait;
    if (text.matches("\\d{1,9}")) {
      wait = Duration.ofSeconds(Long.parseLong(text));
    } else {
      try {
        wait =
            Duration.between(now, DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from));
      } catch (DateTimeException nonsense) {
        return Duration.ZERO;
      }
    }
    return wait.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : wait;
  }
}
