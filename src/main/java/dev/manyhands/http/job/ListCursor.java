package dev.manyhands.http.job;

import dev.manyhands.model.JobId;
import dev.manyhands.model.Refusal;
import dev.manyhands.store.JobFilter;
import dev.manyhands.support.DigestedText;
import dev.manyhands.support.Sha256;
import java.util.HexFormat;

/**
 * The end of a page of jobs: a job, and a digest of the filter. The next page begins behind this
 * job, which the page itself may lack after a search for a text. A cursor is refused with another
 * filter: the next page would leave jobs out, and the client would not notice.
 */
final class ListCursor {
  private static final int DIGEST_BYTES = 6;

  private ListCursor() {}

  static String of(JobId job, JobFilter filter) {
    return job + "." + digest(filter);
  }

  /**
   * Returns the job that the next page begins behind.
   *
   * @throws Refusal if the text is no cursor of this filter
   */
  static JobId read(String cursor, JobFilter filter) {
    int dot = cursor.indexOf('.');
    JobId job =
        JobId.parse(dot < 0 ? "" : cursor.substring(0, dot))
            .orElseThrow(() -> Refusal.malformed("cursor", "is not from a page's 'next'"));
    if (!cursor.substring(dot + 1).equals(digest(filter))) {
      throw Refusal.malformed(
          "cursor",
          "is from a list with other filters; repeat the filters of that list, or leave the cursor"
              + " out");
    }
    return job;
  }

  private static String digest(JobFilter filter) {
    byte[] all = Sha256.digest().digest(DigestedText.of(filter.toString()));
    return HexFormat.of().formatHex(all, 0, DIGEST_BYTES);
  }
}
