package dev.manyhands.http.job;

import dev.manyhands.http.JobPath;
import dev.manyhands.intake.BulkRequest;
import dev.manyhands.intake.StrictJson;
import dev.manyhands.jobs.BulkActions;
import dev.manyhands.jobs.BulkOutcome;
import dev.manyhands.jobs.JobLists;
import dev.manyhands.jobs.Retries;
import dev.manyhands.model.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Acts on all jobs that match a filter. */
@RestController
@RequestMapping(path = JobPath.JOBS, consumes = MediaType.APPLICATION_JSON_VALUE)
class BulkController {
  private static final String KEY = "Idempotency-Key";

  private final BulkActions actions;
  private final Retries retries;
  private final StrictJson strict;
  private final JsonMapper json;

  BulkController(BulkActions actions, Retries retries, StrictJson strict, JsonMapper json) {
    this.actions = actions;
    this.retries = retries;
    this.strict = strict;
    this.json = json;
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

  /** The members besides the filter and the number are those of a request to retry one job. */
  @PostMapping("/retry")
  BulkOutcome retry(HttpServletRequest request) throws IOException {
    JsonNode all = strict.read(body(request), JsonNode.class, "");
    if (!(all instanceof ObjectNode options)) {
      throw Refusal.malformed("", "must be an object");
    }
    ObjectNode bulkPart = json.createObjectNode();
    for (String name : new String[] {"filter", "expect"}) {
      if (options.has(name)) {
        bulkPart.set(name, options.remove(name));
      }
    }
    BulkRequest bulk = strict.read(bytes(bulkPart), BulkRequest.class, "");
    var which = strict.read(bytes(options), Retries.RetryRequest.class, "").which();
    return actions.retry(bulk.jobs(), bulk.expected(JobLists.MOST), id -> retries.retry(id, which));
  }

  /** Writes in ASCII, because halves of surrogate pairs have no UTF-8 form. */
  private byte[] bytes(ObjectNode object) {
    return json.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII).writeValueAsBytes(object);
  }

  /** Reads the body. A key is refused: nothing is stored about a request for many jobs. */
  private static byte[] body(HttpServletRequest request) throws IOException {
    if (request.getHeader(KEY) != null) {
      throw Refusal.malformed(
          KEY,
          "is not a header of this request: 'expect' keeps a repeated request from acting twice,"
              + " where the action changes which jobs match");
    }
    return JobsController.small(request);
  }
}
