package dev.manyhands.http.result;

import dev.manyhands.http.JobPath;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Tally;
import dev.manyhands.report.ErrorGroups;
import dev.manyhands.store.JobStore;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** The errors of a job's items, in groups. */
@RestController
@RequestMapping(JobPath.JOBS + "/{id}/errors")
class ErrorsController {
  private final JobDesk jobs;
  private final JobStore store;
  private final JsonMapper json;

  ErrorsController(JobDesk jobs, JobStore store, JsonMapper json) {
    this.jobs = jobs;
    this.store = store;
    this.json = json;
  }

  /**
   * @param failed items of the job that have failed so far
   * @param examined errors that were grouped, from the first failed item on
   */
  record ErrorList(long failed, long examined, List<ErrorGroups.Group> groups) {}

  @GetMapping
  ResponseEntity<byte[]> errors(@PathVariable String id) {
    JobId named = JobPath.id(id);
    try (var _ = jobs.keep(named)) {
      Job job = jobs.get(named);
      var groups = new ErrorGroups();
      Tally tally = job.status().tally();
      if (tally.failed() > 0) {
        var items = new ItemRange(0, tally.total());
        store.errors(
            named, items, error -> groups.add(error) && groups.examined() < tally.failed());
      }
      var body = new ErrorList(tally.failed(), groups.examined(), groups.groups());
      return ResponseEntity.ok()
          .contentType(MediaType.APPLICATION_JSON)
          .body(json.writeValueAsBytes(body));
    }
  }
}
