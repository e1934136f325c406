package dev.manyhands.http.job;

import dev.manyhands.http.JobPath;
import dev.manyhands.intake.JobOptions;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.model.JobId;
import dev.manyhands.model.JobState;
import dev.manyhands.model.JobSummary;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobStore.JobQuery;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Lists jobs, page by page. */
@RestController
@RequestMapping(JobPath.JOBS)
class JobListController {
  private static final int MAX_LISTED = 1_000;

  private final JobDesk jobs;
  private final JsonMapper json;
  private final Clock clock;

  JobListController(JobDesk jobs, JsonMapper json, Clock clock) {
    this.jobs = jobs;
    this.json = json;
    this.clock = clock;
  }

  @GetMapping
  ResponseEntity<byte[]> list(
      @RequestParam(required = false) @Nullable String state,
      @RequestParam(required = false) @Nullable String function,
      @RequestParam(required = false) @Nullable String label,
      @RequestParam(required = false) @Nullable String since,
      @RequestParam(defaultValue = "100") int limit,
      @RequestParam(required = false) @Nullable String cursor) {
    if (limit < 1 || limit > MAX_LISTED) {
      throw Refusal.malformed("limit", "must be between 1 and " + MAX_LISTED);
    }
    plain(function, "function");
    plain(label, "label");
    int colon = label == null ? -1 : label.indexOf(':');
    if (label != null && colon < 1) {
      throw Refusal.malformed("label", "must be key:value");
    }
    var query =
        new JobQuery(
            state == null ? null : state(state),
            function,
            label == null ? null : label.substring(0, colon),
            label == null ? null : label.substring(colon + 1),
            since == null ? null : JobOptions.instant(since, "since"),
            cursor == null
                ? null
                : JobId.parse(cursor)
                    .orElseThrow(() -> Refusal.malformed("cursor", "is not from a page's 'next'")),
            limit + 1);
    List<JobSummary> found = jobs.list(query);
    List<JobSummary> page = found.subList(0, Math.min(limit, found.size()));
    var body = new LinkedHashMap<String, @Nullable Object>();
    Instant now = clock.instant();
    body.put("jobs", page.stream().map(job -> JobView.of(job, now, null)).toList());
    body.put("next", found.size() > limit ? page.getLast().id().toString() : null);
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .body(json.writeValueAsBytes(body));
  }

  /** Refuses characters that no name can contain, because databases treat them differently. */
  private static void plain(@Nullable String text, String parameter) {
    if (text != null && text.chars().anyMatch(Character::isISOControl)) {
      throw Refusal.malformed(parameter, "must not contain control characters");
    }
  }

  private static JobState state(String text) {
    return Arrays.stream(JobState.values())
        .filter(state -> state.name().equals(text.toUpperCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () -> Refusal.malformed("state", "must be one of " + List.of(JobState.values())));
  }
}
