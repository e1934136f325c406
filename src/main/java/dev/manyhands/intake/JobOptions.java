package dev.manyhands.intake;

import dev.manyhands.intake.JobRequest.ChunkingRequest;
import dev.manyhands.intake.JobRequest.RetryRequest;
import dev.manyhands.intake.JobRequest.TimeoutsRequest;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobSpec;
import dev.manyhands.model.JobSpec.Chunking;
import dev.manyhands.model.JobSpec.Retry;
import dev.manyhands.model.JobSpec.Timeouts;
import dev.manyhands.model.Refusal;
import dev.manyhands.support.Word;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the options of a job, one at a time. Each method reports errors of its own field. */
public final class JobOptions {
  private static final int MAX_TEXT = 200;
  private static final int MAX_LABELS = 32;
  private static final int MAX_AFTER = 1_000;
  private static final double MAX_SECONDS = 365 * 24 * 3600.0;
  private static final double MAX_BACKOFF_SECONDS = 24 * 3600.0;
  private static final long MIN_MEMORY_BYTES = 32L << 20;
  private static final Pattern SIZE =
      Pattern.compile("(\\d{1,18}(?:\\.\\d{1,6})?) ?([KMGT]i?B|B)?");
  private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
  private static final Instant AFTER_LAST = Instant.parse("+10000-01-01T00:00:00Z");
  private static final Pattern PERCENT = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,6})?) ?%");

  private JobOptions() {}

  /**
   * Returns the constant whose name the user wrote in lower case; {@code otherwise} if there is no
   * word.
   */
  public static <E extends Enum<E>> E oneOf(
      Class<E> type, @Nullable String word, E otherwise, String pointer) {
    if (word == null) {
      return otherwise;
    }
    return Arrays.stream(type.getEnumConstants())
        .filter(one -> Word.of(one).equals(word))
        .findFirst()
        .orElseThrow(() ->
            Refusal.invalid(
                pointer,
                "must be one of "
                    + Arrays.stream(type.getEnumConstants())
                        .map(Word::of)
                        .collect(Collectors.joining(", "))));
  }

  static @Nullable String common(@Nullable Verbatim common) {
    if (common == null || common.json().equals("{}")) {
      return null;
    }
    if (!common.isObject()) {
      throw Refusal.malformed("/common", "must be an object of arguments by name");
    }
    return common.json();
  }

  static Chunking chunking(@Nullable ChunkingRequest chunking) {
    if (chunking == null) {
      return Chunking.AUTO;
    }
    Long size = null;
    JsonNode node = chunking.size();
    if (node != null && !node.isNull() && !(node.isString() && node.stringValue().equals("auto"))) {
      if (!node.canConvertToLong() || !node.isIntegralNumber()) {
        throw Refusal.malformed("/chunking/size", "must be \"auto\" or a whole number");
      }
      size = within(node.longValue(), 1, Long.MAX_VALUE, "/chunking/size");
    }
    Long count =
        chunking.count() == null
            ? null
            : (Long) within(chunking.count(), 1, Long.MAX_VALUE, "/chunking/count");
    if (size != null && count != null) {
      throw Refusal.invalid("/chunking", "give either 'size' or 'count', not both");
    }
    return new Chunking(
        size,
        count,
        oneOf(Chunking.Order.class, chunking.order(), Chunking.Order.INPUT, "/chunking/order"));
  }

  static JobSpec.@Nullable StopWhen stopWhen(@Nullable JsonNode node) {
    if (node == null || node.isNull()) {
      return null;
    }
    String forms = "must be {\"truthy\": k}, {\"falsy\": k} or {\"equals\": value}";
    if (!node.isObject() || node.size() != 1) {
      throw Refusal.malformed("/stopWhen", forms);
    }
    String name = node.propertyNames().iterator().next();
    JsonNode value = node.get(name);
    if (name.equals("equals")) {
      return new JobSpec.StopWhen(JobSpec.StopWhen.Match.EQUALS, value.toString(), 1);
    }
    if (!name.equals("truthy") && !name.equals("falsy")) {
      throw Refusal.malformed("/stopWhen/" + name, "there is no such condition; it " + forms);
    }
    String pointer = "/stopWhen/" + name;
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw Refusal.malformed(pointer, "must be a whole number: so many results end the job");
    }
    return new JobSpec.StopWhen(
        oneOf(JobSpec.StopWhen.Match.class, name, JobSpec.StopWhen.Match.TRUTHY, pointer),
        null,
        within(value.longValue(), 1, Long.MAX_VALUE, pointer));
  }

  static Retry retry(@Nullable RetryRequest retry) {
    if (retry == null) {
      return Retry.DEFAULT;
    }
    return new Retry(
        attempts(retry.crash(), Retry.DEFAULT.crash(), "/retry/crash"),
        attempts(retry.timeout(), Retry.DEFAULT.timeout(), "/retry/timeout"),
        attempts(retry.error(), Retry.DEFAULT.error(), "/retry/error"),
        backoff(retry.backoff()));
  }

  private static int attempts(@Nullable Integer attempts, int otherwise, String pointer) {
    return attempts == null ? otherwise : within(attempts, 1, 100, pointer);
  }

  private static Duration backoff(@Nullable Double seconds) {
    if (seconds == null || seconds == 0) {
      return Duration.ZERO;
    }
    if (!(seconds > 0 && seconds <= MAX_BACKOFF_SECONDS)) {
      throw Refusal.invalid(
          "/retry/backoff", "must be between 0 and " + (long) MAX_BACKOFF_SECONDS + " seconds");
    }
    return Duration.ofNanos(Math.round(seconds * 1e9));
  }

  /**
   * Returns how many items may fail, which is 0 by default; null if the client gave a percentage.
   */
  static @Nullable Long maxFailures(@Nullable JsonNode node) {
    if (node == null || node.isNull()) {
      return 0L;
    }
    if (node.isString()) {
      return null;
    }
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw Refusal.malformed(
          "/maxFailures", "must be a whole number of items, or a share of them such as \"5%\"");
    }
    return within(node.longValue(), 0, Long.MAX_VALUE, "/maxFailures");
  }

  /** Returns the percentage of items that may fail, from 0 to 100; null if the client gave none. */
  static @Nullable Double maxFailuresPercent(@Nullable JsonNode node) {
    if (node == null || !node.isString()) {
      return null;
    }
    var percent = PERCENT.matcher(node.stringValue());
    double share = percent.matches() ? Double.parseDouble(percent.group(1)) : -1;
    if (share < 0 || share > 100) {
      throw Refusal.malformed(
          "/maxFailures", "must be a whole number of items, or a share of them such as \"5%\"");
    }
    return share;
  }

  /** Returns bytes, given as a number or with a unit. The prefixes of units are powers of 1,024. */
  static @Nullable Long memory(@Nullable JsonNode node, long most) {
    if (node == null || node.isNull()) {
      return null;
    }
    var text = SIZE.matcher(node.isString() ? node.stringValue() : node.toString());
    if (!text.matches()) {
      throw Refusal.malformed(
          "/memory", "must be a number of bytes, or one with a unit such as \"512MB\" or \"1GiB\"");
    }
    String unit = text.group(2) == null ? "" : text.group(2);
    int power = unit.isEmpty() ? 0 : "KMGT".indexOf(unit.charAt(0)) + 1;
    double bytes = Double.parseDouble(text.group(1)) * Math.pow(1024, power);
    if (bytes < MIN_MEMORY_BYTES || bytes > most) {
      throw Refusal.invalid(
          "/memory",
          "must be between 32MB and %dMB, which is what all workers may hold together"
              .formatted(most >> 20));
    }
    return (long) bytes;
  }

  static JobSpec.Start start(@Nullable List<String> after, @Nullable String notBefore) {
    var jobs = new ArrayList<JobId>();
    for (String id : after == null ? List.<String>of() : after) {
      String pointer = "/after/" + jobs.size();
      jobs.add(
          JobId.parse(String.valueOf(id))
              .orElseThrow(() -> Refusal.malformed(pointer, "must be the id of a job")));
    }
    if (jobs.size() > MAX_AFTER) {
      throw Refusal.invalid("/after", "may name at most " + MAX_AFTER + " jobs");
    }
    return new JobSpec.Start(jobs, notBefore == null ? null : instant(notBefore, "/notBefore"));
  }

  /**
   * Reads a time, and cuts it to the microseconds that a store keeps. Refuses a year that RFC 3339
   * does not allow, because it has not four digits.
   */
  public static Instant instant(String text, String pointer) {
    try {
      Instant instant = Instant.parse(text).truncatedTo(ChronoUnit.MICROS);
      if (!instant.isBefore(FIRST) && instant.isBefore(AFTER_LAST)) {
        return instant;
      }
    } catch (DateTimeParseException e) {
      // Refused below.
    }
    throw Refusal.malformed(pointer, "must be a time such as 2026-01-31T12:00:00Z");
  }

  /**
   * @param mostCpu processor time that the service allows an item; zero for no limit
   */
  static Timeouts timeouts(@Nullable TimeoutsRequest timeouts, Duration mostCpu) {
    if (timeouts == null) {
      return Timeouts.NONE;
    }
    Duration cpu = seconds(timeouts.cpu(), "/timeouts/cpu");
    if (cpu != null && mostCpu.isPositive() && cpu.compareTo(mostCpu) > 0) {
      throw Refusal.invalid(
          "/timeouts/cpu",
          "must be at most %s seconds, which is what the service allows (manyhands.workers.cpu-time)"
              .formatted(mostCpu.toMillis() / 1000.0));
    }
    return new Timeouts(
        seconds(timeouts.item(), "/timeouts/item"), seconds(timeouts.job(), "/timeouts/job"), cpu);
  }

  static @Nullable Duration seconds(@Nullable Double seconds, String pointer) {
    if (seconds == null) {
      return null;
    }
    if (!(seconds >= 0.001 && seconds <= MAX_SECONDS)) {
      throw Refusal.invalid(
          pointer, "must be between 0.001 and " + (long) MAX_SECONDS + " seconds");
    }
    return Duration.ofNanos(Math.round(seconds * 1e9));
  }

  static Map<String, String> labels(@Nullable Map<String, String> labels) {
    if (labels == null) {
      return Map.of();
    }
    if (labels.size() > MAX_LABELS) {
      throw Refusal.invalid("/labels", "may be at most " + MAX_LABELS);
    }
    labels.forEach((key, value) -> {
      if (key.isBlank() || value == null) {
        throw Refusal.malformed("/labels/" + key, "must be a string with a name");
      }
      text(key, "/labels/" + key);
      text(value, "/labels/" + key);
      // Databases store all halves alike, so that a filter would find labels that were not meant.
      withoutHalves(key, "/labels");
      withoutHalves(value, "/labels");
    });
    return labels;
  }

  /**
   * Refuses a text of users with half of a surrogate pair. The text could not be shown as it was
   * sent.
   */
  static String withoutHalves(String text, String pointer) {
    if (hasHalf(text)) {
      throw Refusal.invalid(
          pointer,
          "must not contain halves of surrogate pairs, such as \\ud83d without its other half");
    }
    return text;
  }

  /** Returns whether a text contains half of a surrogate pair, which has no UTF-8 form. */
  static boolean hasHalf(String text) {
    return text.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE);
  }

  static String text(@Nullable String text, String pointer) {
    if (text == null) {
      return "";
    }
    if (text.length() > MAX_TEXT || text.chars().anyMatch(Character::isISOControl)) {
      throw Refusal.invalid(
          pointer, "must have at most " + MAX_TEXT + " characters and no control characters");
    }
    return text;
  }

  static int within(int value, int least, int most, String pointer) {
    return (int) within((long) value, least, most, pointer);
  }

  static long within(long value, long least, long most, String pointer) {
    if (value < least || value > most) {
      throw Refusal.invalid(
          pointer,
          most == Long.MAX_VALUE
              ? "must be at least " + least
              : "must be between " + least + " and " + most);
    }
    return value;
  }
}
