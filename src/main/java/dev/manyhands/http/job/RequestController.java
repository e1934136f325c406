package dev.manyhands.http.job;

import dev.manyhands.http.JobPath;
import dev.manyhands.http.OpenStreams;
import dev.manyhands.http.Streaming;
import dev.manyhands.jobs.JobDesk;
import dev.manyhands.model.JobId;
import dev.manyhands.store.JobGoneException;
import dev.manyhands.store.StoreException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** A job as a request that can be posted again. */
@RestController
@RequestMapping(JobPath.JOBS + "/{id}/request")
class RequestController {
  /** As small as the server's own buffer behind it, because thousands of readers may wait. */
  private static final int BUFFER = 8 << 10;

  private final JobDesk jobs;
  private final JobRequestWriter requests;
  private final OpenStreams streams;

  RequestController(JobDesk jobs, JobRequestWriter requests, OpenStreams streams) {
    this.jobs = jobs;
    this.requests = requests;
    this.streams = streams;
  }

  @GetMapping(produces = MediaType.APPLICATION_JSON_VALUE)
  void request(@PathVariable String id, HttpServletResponse response) throws IOException {
    JobId named = JobPath.id(id);
    try (var _ = jobs.keep(named);
        var _ = streams.open(OpenStreams.Kind.RESULTS)) {
      response.setContentType(MediaType.APPLICATION_JSON_VALUE);
      var out = new BufferedOutputStream(response.getOutputStream(), BUFFER);
      requests.write(jobs.get(named), out);
      out.flush();
    } catch (StoreException | JobGoneException e) {
      throw Streaming.cut(response, e);
    }
  }
}
