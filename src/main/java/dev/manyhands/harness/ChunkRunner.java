package dev.manyhands.harness;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs the function on the items of a chunk: one after the other, or several at a time. */
final class ChunkRunner {
  private final FunctionLoader.Loaded loaded;
  private final ControlPage page;
  private final Outcomes outcomes;
  private final @Nullable ClassLoader loader;
  private final ItemThreadState alone;

  /** The threads for the items of the current job. */
  private ItemThreads threads;

  ChunkRunner(
      FunctionLoader.Loaded loaded,
      @Nullable ClassLoader loader,
      ControlPage page,
      Outcomes outcomes) {
    this.loaded = loaded;
    this.page = page;
    this.outcomes = outcomes;
    this.loader = loader;
    this.alone = new ItemThreadState("manyhands", loader);
    this.threads = new ItemThreads(loaded, loader, page, outcomes);
  }

  /**
   * Returns a thread for the chunks of one job. It also runs the items if they run one after the
   * other.
   */
  Thread jobThread(Runnable chunks) {
    return alone.thread(chunks);
  }

  void beginJob(
      @Nullable String reduction, @Nullable String match, NonFinite nonFinite, boolean timed) {
    outcomes.beginJob(reduction, match, nonFinite, timed);
    threads.end();
    threads = new ItemThreads(loaded, loader, page, outcomes);
  }

  void run(Frame frame, ItemContext context, int atATime) throws IOException {
    long chunk = frame.need("chunk");
    long first = frame.need("first");
    if (atATime > 1) {
      long began = System.nanoTime();
      List<@Nullable Object> items = JsonReader.readItems(frame.payload(), frame.bodyStart());
      long read = System.nanoTime() - began;
      threads.add(new ThreadedChunk(chunk, first, items, context, read), atATime);
      return;
    }
    page.beginChunk(chunk);
    outcomes.begin(chunk, first);
    long began = System.nanoTime();
    List<@Nullable Object> items = JsonReader.readItems(frame.payload(), frame.bodyStart());
    outcomes.readNanos = System.nanoTime() - began;
    int done = runItems(items, chunk, first, context);
    page.endItem();
    System.out.flush();
    outcomes.end(done, items.size());
    page.endChunk();
  }

  /** Waits until all chunks are answered. */
  void awaitAnswers() {
    threads.awaitAnswers();
  }

  /**
   * Runs the items one after the other; returns how many ran. The rest did not run if the service
   * has recalled or stopped the chunk.
   */
  private int runItems(List<@Nullable Object> items, long chunk, long first, ItemContext context)
      throws IOException {
    long before = System.nanoTime();
    long reported = before;
    for (int i = 0; i < items.size(); i++) {
      long index = first + i;
      page.beginItem(index);
      if (page.wantsBack(chunk)) {
        return i;
      }
      alone.restore();
      context.begin(chunk, index);
      Object result = null;
      Throwable thrown = null;
      try {
        result = loaded.call(items.get(i), context);
      } catch (Throwable t) {
        thrown = t;
      }
      if (context.toldToStop()) {
        return i; // its result or exception does not count: it was cut short
      }
      long ran = System.nanoTime();
      outcomes.runNanos += ran - before;
      outcomes.ran(before, ran);
      if (thrown == null) {
        outcomes.add(index, result);
      } else {
        outcomes.fail(index, Failure.of(thrown));
      }
      before = System.nanoTime();
      outcomes.writeNanos += before - ran;
      boolean late = before - reported >= outcomes.reportNanos();
      if ((late || outcomes.hasMatch()) && i + 1 < items.size()) {
        page.endItem(); // a slow service must not count against the next item's time
        outcomes.send(false);
        reported = before;
      }
    }
    return items.size();
  }
}
