package dev.manyhands.intake;

import dev.manyhands.model.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The body of {@code POST /jobs/retry}.
 *
 * @param bulk which jobs are retried
 * @param options the body of the retry of each job
 */
public record BulkRetryRequest(BulkRequest bulk, RetryBody options) {
  private static final String OPTIONS = "options";

  /** Reads the body. The options keep the client's own bytes, as those of a single retry. */
  static BulkRetryRequest read(byte[] body, StrictJson json, ApiLimits limits) {
    Map<String, String> fields = JobText.whole(body, limits.json()).fields();
    String options = fields.remove(OPTIONS);
    var bulk = json.read(bytes(JobText.object(fields)), BulkRequest.class, "");
    try {
      byte[] own = options == null ? new byte[0] : bytes(options);
      var retry = RetryBody.read(own, json, limits);
      if (retry.items() != null) {
        throw Refusal.invalid("/items", "only goes with the retry of one job");
      }
      return new BulkRetryRequest(bulk, retry);
    } catch (Refusal refusal) {
      throw refusal.inside("/" + OPTIONS);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
