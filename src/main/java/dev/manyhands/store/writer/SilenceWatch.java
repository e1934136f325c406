package dev.manyhands.store.writer;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches how long the writer's step takes. The watch has a thread of its own, because the writer
 * rejects no writes while it waits for the database.
 */
final class SilenceWatch {
  private static final Logger log = LoggerFactory.getLogger(SilenceWatch.class);
  private static final Duration LOOK_EVERY = Duration.ofMillis(250);

  private SilenceWatch() {}

  /**
   * Begins to watch, until the writer's thread has ended.
   *
   * @param longest how long a step may take before it counts as silent
   * @param whenSilent gets the writes of a step that takes longer; called in the watch's thread
   * @return the watch's thread
   */
  static Thread begin(
      Thread writer, UnderWay step, Duration longest, Consumer<List<Write<?>>> whenSilent) {
    return Thread.ofPlatform()
        .daemon()
        .name("store-watch")
        .start(() -> watch(writer, step, longest, whenSilent));
  }

  private static void watch(
      Thread writer, UnderWay step, Duration longest, Consumer<List<Write<?>>> whenSilent) {
    try {
      while (!writer.join(LOOK_EVERY)) {
        look(step, longest, whenSilent);
      }
    } catch (InterruptedException end) {
      log.debug("the watch over the writer was told to stop");
    }
  }

  private static void look(UnderWay step, Duration longest, Consumer<List<Write<?>>> whenSilent) {
    try {
      step.lookAt(longest, whenSilent);
    } catch (RuntimeException | Error fault) {
      // Without the watch, callers would wait for a silent database for ever.
      log.warn("a look at the writer failed, and is repeated", fault);
    }
  }
}
