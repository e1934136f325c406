package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.ControlPage;
import dev.manyhands.engine.worker.RunningWorker;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The items that may be to blame for the end of a worker, by its control page and its answers. Read
 * when the process is gone, so that nothing changes any more.
 *
 * @param chunk the chunk that the page names; null for none
 * @param items the late items if the worker was killed because of them; otherwise those that the
 *     page names
 * @param overtaken whether the late items had ended between the look at the page and the kill
 */
record Suspects(@Nullable Long chunk, List<Long> items, boolean overtaken) {
  private static final Suspects UNKNOWN = new Suspects(null, List.of(), false);

  /**
   * Returns the suspects of a worker that is gone.
   *
   * @param process null if there was none
   * @param sent the chunks that the worker had
   * @param ending why the service ended the worker; null if the worker ended by itself
   */
  static Suspects of(@Nullable RunningWorker process, SentChunks sent, @Nullable Ending ending) {
    SentChunk running = sent.running();
    if (process == null || running == null) {
      return UNKNOWN;
    }
    long chunk;
    List<Long> named;
    try {
      ControlPage page = process.page();
      chunk = page.chunk();
      named = ItemWatch.running(page, running.job().spec().threads());
    } catch (ControlPage.LostException cutShort) {
      return UNKNOWN;
    }
    if (chunk == 0) {
      return UNKNOWN;
    }
    List<Long> late = ending == null ? null : ending.late();
    if (late == null) {
      return new Suspects(chunk, named, false);
    }
    boolean overtaken = !stillRun(late, named, sent);
    return new Suspects(chunk, late, overtaken);
  }

  /** Returns whether the worker ran the late items to its end. A named item may be answered. */
  private static boolean stillRun(List<Long> late, List<Long> named, SentChunks sent) {
    return late.isEmpty()
        ? named.isEmpty()
        : named.containsAll(late) && late.stream().allMatch(sent::lacks);
  }
}
