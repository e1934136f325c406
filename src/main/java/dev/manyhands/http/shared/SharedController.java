package dev.manyhands.http.shared;

import dev.manyhands.engine.shared.SharedDeclaration;
import dev.manyhands.http.JobPath;
import dev.manyhands.http.SharedView.SharedList;
import dev.manyhands.http.shared.SharedAnswers.Part;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.jobs.NamedSets;
import dev.manyhands.model.Job;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The objects that the items of a job share: all of them, one of them, and calls to one. */
@RestController
@RequestMapping(JobPath.JOBS + "/{id}/shared")
class SharedController {
  private final JobDesk jobs;
  private final NamedSets sets;
  private final SharedAnswers answers;

  SharedController(JobDesk jobs, NamedSets sets, SharedAnswers answers) {
    this.jobs = jobs;
    this.sets = sets;
    this.answers = answers;
  }

  @GetMapping
  SharedList list(@PathVariable String id) {
    Job job = jobs.get(JobPath.id(id));
    var objects = answers.list(objects(job));
    check(job);
    return objects;
  }

  /** Returns the objects of the job. To look at those of a set is a use of the set. */
  private SharedDeclaration objects(Job job) {
    if (job.spec().sharedSet() != null) {
      sets.use(job.spec().sharedSet());
    }
    return SharedDeclaration.of(job);
  }

  /** Refuses a job that is gone, because its objects may have been gone, too. */
  private void check(Job job) {
    if (job.status().state().isTerminal()) {
      jobs.get(job.id());
    }
  }

  @GetMapping("/{name}")
  ResponseEntity<byte[]> content(
      @PathVariable String id,
      @PathVariable String name,
      @RequestParam(required = false) @Nullable Long offset,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String key) {
    Job job = jobs.get(JobPath.id(id));
    byte[] content = answers.content(objects(job), name, new Part(offset, limit, key));
    check(job);
    return SharedAnswers.answer(content);
  }

  @PostMapping(path = "/{name}", consumes = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<byte[]> call(
      @PathVariable String id, @PathVariable String name, HttpServletRequest request)
      throws IOException {
    byte[] answer = answers.call(() -> objects(jobs.get(JobPath.id(id))), name, request);
    check(jobs.get(JobPath.id(id)));
    return SharedAnswers.answer(answer);
  }
}
