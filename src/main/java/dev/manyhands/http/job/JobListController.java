package dev.manyhands.http.job;

import dev.manyhands.http.JobPath;
import dev.manyhands.intake.FilterRequest;
import dev.manyhands.jobs.JobLists;
import dev.manyhands.model.Refusal;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
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

  private final JobLists lists;
  private final JsonMapper json;
  private final Clock clock;

  JobListController(JobLists lists, JsonMapper json, Clock clock) {
    this.lists = lists;
    this.json = json;
    this.clock = clock;
  }

  @GetMapping
  ResponseEntity<byte[]> list(
      @RequestParam(required = false) @Nullable List<String> state,
      @RequestParam(required = false) @Nullable String function,
      @RequestParam(required = false) @Nullable String label,
      @RequestParam(required = false) @Nullable String since,
      @RequestParam(required = false) @Nullable String parent,
      @RequestParam(required = false) @Nullable String q,
      @RequestParam(defaultValue = "false") boolean counts,
      @RequestParam(defaultValue = "100") int limit,
      @RequestParam(required = false) @Nullable String cursor) {
    if (limit < 1 || limit > MAX_LISTED) {
      throw Refusal.malformed("limit", "must be between 1 and " + MAX_LISTED);
    }
    var filter = new FilterRequest(state, function, label, since, parent, q, null).filter("");
    var page = lists.page(filter, cursor == null ? null : ListCursor.read(cursor, filter), limit);
    var body = new LinkedHashMap<String, @Nullable Object>();
    Instant now = clock.instant();
    body.put("jobs", page.jobs().stream().map(job -> JobView.of(job, now, null)).toList());
    body.put("next", page.next() == null ? null : ListCursor.of(page.next(), filter));
    if (counts) {
      body.put("counts", lists.counts(filter));
    }
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .body(json.writeValueAsBytes(body));
  }
}
