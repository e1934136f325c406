package dev.manyhands.http.job;

import dev.manyhands.http.JobPath;
import dev.manyhands.intake.BulkRequest;
import dev.manyhands.intake.Intake;
import dev.manyhands.intake.StrictJson;
import dev.manyhands.jobs.BulkActions;
import dev.manyhands.jobs.BulkOutcome;
import dev.manyhands.jobs.JobLists;
import dev.manyhands.jobs.Retries;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Acts on all jobs that match a filter. */
@RestController
@RequestMapping(path = JobPath.JOBS, consumes = MediaType.APPLICATION_JSON_VALUE)
class BulkController {
  private final BulkActions actions;
  private final Retries retries;
  private final StrictJson strict;
  private final Intake intake;

  BulkController(BulkActions actions, Retries retries, StrictJson strict, Intake intake) {
    this.actions = actions;
    this.retries = retries;
    this.strict = strict;
    this.intake = intake;
  }

  @PostMapping("/cancel")
  BulkOutcome cancel(HttpServletRequest request) throws IOException {
    BulkRequest bulk = strict.read(body(request), BulkRequest.class, "");
    return actions.cancel(bulk.jobs(), bulk.expected(JobLists.MOST));
  }

  @PostMapping("/delete")
  BulkOutcome delete(HttpServletRequest request) throws IOException {
    BulkRequest bulk = strict.read(body(request), BulkRequest.class, "");
    return actions.delete(bulk.jobs(), bulk.expected(JobLists.MOST));
  }

  @PostMapping("/retry")
  BulkOutcome retry(HttpServletRequest request) throws IOException {
    var read = intake.specs().bulkRetry(body(request));
    BulkRequest bulk = read.bulk();
    return actions.retry(
        bulk.jobs(), bulk.expected(JobLists.MOST), id -> retries.retry(id, read.options()));
  }

  private static byte[] body(HttpServletRequest request) throws IOException {
    JobsController.refuseKey(
        request,
        "'expect' keeps a repeated request from acting twice, where the action changes which jobs"
            + " match");
    return JobsController.small(request);
  }
}
