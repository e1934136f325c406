package dev.manyhands.intake;

import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobFilter;
import dev.manyhands.store.SearchText;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A filter of jobs as it arrived, in the query of a list or in the body of a bulk action. Null
 * means that the client did not set the member.
 *
 * @param function a name, or a name and a version
 * @param label {@code key:value}
 * @param q text that occurs in the words about the job
 * @param all whether the filter is to match every job, in a body
 */
public record FilterRequest(
    @Nullable List<String> state,
    @Nullable String function,
    @Nullable String label,
    @Nullable String since,
    @Nullable String parent,
    @Nullable String q,
    @Nullable Boolean all) {

  private static final int MOST_SEARCHED = 200;
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

  /**
   * Returns the filter.
   *
   * @param at the part of each pointer before the name of the member
   * @throws Refusal if a member has a wrong form
   */
  public JobFilter filter(String at) {
    String named = plain(function, at + "function");
    int version = named == null ? -1 : named.lastIndexOf('@');
    String digest = version < 0 || named == null ? null : named.substring(version + 1);
    if (digest != null && !DIGEST.matcher(digest).matches()) {
      throw Refusal.malformed(
          at + "function", "must be a name, or name@sha256: and 64 hex digits in lower case");
    }
    return new JobFilter(
        states(at + "state"),
        digest == null || named == null ? named : named.substring(0, version),
        digest,
        label(at + "label"),
        since == null ? null : JobOptions.instant(since, at + "since"),
        parent(at + "parent"),
        text(at + "q"));
  }

  /**
   * Returns the filter of a body, which must name jobs.
   *
   * @throws Refusal if no member is set, if {@code all} is false, or if {@code all} is set with
   *     another member
   */
  JobFilter ofBody(String at) {
    boolean isEmpty =
        Stream.of(state, function, label, since, parent, q).allMatch(member -> member == null);
    if (all == null && isEmpty) {
      throw Refusal.malformed(
          at,
          "must have at least one of state, function, label, since, parent, q; {\"all\": true}"
              + " matches every job");
    }
    if (all != null && (!all || !isEmpty)) {
      throw Refusal.malformed(at + "/all", "must be true and the only member, or left out");
    }
    return filter(at + "/");
  }

  private Set<JobState> states(String pointer) {
    var states = EnumSet.noneOf(JobState.class);
    if (state != null) {
      state.forEach(one -> states.add(state(String.valueOf(one), pointer)));
      if (states.isEmpty()) {
        throw Refusal.malformed(pointer, "must have at least one state, or be left out");
      }
    }
    return states;
  }

  private static JobState state(String text, String pointer) {
    return Arrays.stream(JobState.values())
        .filter(state -> state.name().equals(text.toUpperCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () -> Refusal.malformed(pointer, "must be one of " + List.of(JobState.values())));
  }

  private JobFilter.@Nullable Label label(String pointer) {
    String text = plain(label, pointer);
    if (text == null) {
      return null;
    }
    int colon = text.indexOf(':');
    if (colon < 1) {
      throw Refusal.malformed(pointer, "must be key:value");
    }
    return new JobFilter.Label(text.substring(0, colon), text.substring(colon + 1));
  }

  private @Nullable JobId parent(String pointer) {
    return parent == null
        ? null
        : JobId.parse(parent)
            .orElseThrow(() -> Refusal.malformed(pointer, "must be the id of a job"));
  }

  private @Nullable SearchText text(String pointer) {
    String text = plain(q, pointer);
    if (text == null) {
      return null;
    }
    if (text.isEmpty() || text.length() > MOST_SEARCHED) {
      throw Refusal.malformed(pointer, "must have 1 to " + MOST_SEARCHED + " characters");
    }
    return new SearchText(text);
  }

  /** Refuses characters that no name can contain, because databases treat them differently. */
  private static @Nullable String plain(@Nullable String text, String pointer) {
    if (text != null
        && (JobOptions.hasHalf(text) || text.codePoints().anyMatch(Character::isISOControl))) {
      throw Refusal.malformed(
          pointer, "must not contain control characters or halves of surrogate pairs");
    }
    return text;
  }
}
