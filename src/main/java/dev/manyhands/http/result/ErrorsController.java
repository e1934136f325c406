package dev.manyhands.http.result;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.manyhands.http.JobPath;
import dev.manyhands.http.ParentIndexes;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.model.ItemError;
import dev.manyhands.model.ItemRange;
import dev.manyhands.model.Job;
import dev.manyhands.model.JobId;
import dev.manyhands.model.Tally;
import dev.manyhands.report.ErrorGroups;
import dev.manyhands.store.JobStore;
import java.util.List;
import org.jspecify.annotations.Nullable;
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
   * @param examined the errors that were grouped, from the first failed item on: a bounded number
   */
  record ErrorList(long failed, long examined, List<Listed> groups) {}

  /**
   * A group of errors.
   *
   * @param firstParentIndex of a retry: the index of the first item in the parent; null elsewhere
   * @param lastParentIndex of a retry: the index of the last item in the parent; null elsewhere
   */
  record Listed(
      ItemError.Kind kind,
      String type,
      String message,
      long count,
      long firstIndex,
      long lastIndex,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long firstParentIndex,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long lastParentIndex,
      ItemError sample) {

    static Listed of(ErrorGroups.Group group, ParentIndexes parents) {
      return new Listed(
          group.kind(),
          group.type(),
          group.message(),
          group.count(),
          group.firstIndex(),
          group.lastIndex(),
          parents.of(group.firstIndex()),
          parents.of(group.lastIndex()),
          group.sample());
    }
  }

  @GetMapping
  ResponseEntity<byte[]> errors(@PathVariable String id) {
    JobId named = JobPath.id(id);
    try (var _ = jobs.keep(named)) {
      Job job = jobs.get(named);
      var groups = new ErrorGroups();
      Tally tally = job.status().tally();
      if (tally.failed() > 0) {
        var items = new ItemRange(0, tally.total());
        store.failedItems(
            named,
            items,
            failed -> groups.add(failed.error()) && groups.examined() < tally.failed());
      }
      var parents = new ParentIndexes(store, job);
      var listed = groups.groups().stream().map(group -> Listed.of(group, parents)).toList();
      var body = new ErrorList(tally.failed(), groups.examined(), listed);
      return ResponseEntity.ok()
          .contentType(MediaType.APPLICATION_JSON)
          .body(json.writeValueAsBytes(body));
    }
  }
}
