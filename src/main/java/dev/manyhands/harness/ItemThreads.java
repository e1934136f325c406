package dev.manyhands.harness;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The threads that run items if a job wants several at a time. A thread is started when a chunk
 * first has an item for it, and ends with the job. These are platform threads, because user code
 * may compute or block in ways that would pin a virtual thread.
 */
final class ItemThreads {
  private static final long REPORT_NANOS = 1_000_000_000;
  private static final int NANOS_PER_MILLI = 1_000_000;
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private final FunctionLoader.Loaded loaded;
  private final @Nullable ClassLoader loader;
  private final ControlPage page;
  private final Outcomes outcomes;
  private final LinkedBlockingQueue<Place> places = new LinkedBlockingQueue<>();

  /** Owned by the thread of the job. */
  private int started;

  ItemThreads(
      FunctionLoader.Loaded loaded,
      @Nullable ClassLoader loader,
      ControlPage page,
      Outcomes outcomes) {
    this.loaded = loaded;
    this.loader = loader;
    this.page = page;
    this.outcomes = outcomes;
  }

  /**
   * Runs a chunk. The last outcomes are left for the caller to send.
   *
   * @return number of items that ran, which is smaller than the chunk if the service has recalled
   *     or stopped the rest
   */
  int run(List<@Nullable Object> items, long chunk, long first, ItemContext context, int atATime)
      throws IOException {
    int takingPart = start(Math.min(atATime, items.size()));
    Chunk shared = new Chunk(items, chunk, first, context, takingPart);
    for (int thread = 0; thread < takingPart; thread++) {
      places.add(new Place(shared, thread));
    }
    return shared.report();
  }

  private int start(int wanted) {
    while (started < wanted) {
      ItemThreadState state = new ItemThreadState("manyhands-" + started, loader);
      Thread thread = state.thread(() -> serve(state));
      try {
        thread.start();
      } catch (OutOfMemoryError e) { // the system allows no more: fewer threads take longer
        if (started == 0) {
          throw e;
        }
        break;
      }
      started++;
    }
    return Math.min(wanted, started);
  }

  /**
   * Ends the threads when there are no more chunks. Everything that items left on the threads ends
   * as well.
   */
  void end() {
    for (int thread = 0; thread < started; thread++) {
      places.add(Place.NONE);
    }
  }

  /** Returns the processor time of this process. */
  private static long cpuNanos() {
    return ProcessHandle.current().info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
  }

  private void serve(ItemThreadState state) {
    Own own = Own.begin(0);
    try {
      while (true) {
        try {
          Place place = places.take();
          if (place.chunk == null) {
            return;
          }
          own.place = place.thread;
          place.chunk.work(place.thread, own, state);
        } catch (InterruptedException e) {
          // Caused by user code that interrupts a thread of the harness.
        }
      }
    } catch (Throwable e) {
      WorkerMain.endForABug(e);
    }
  }

  /**
   * State of one thread, used by that thread alone. It is no subclass of {@code Thread}, because
   * users see the class of a thread.
   */
  static final class Own {
    private static final ThreadLocal<@Nullable Own> OF_THREAD = new ThreadLocal<>();

    /** The place of a thread that runs items one after the other. */
    static final int ALONE = -1;

    /** The number of the thread on the control page. */
    int place;

    /** The line that the item has begun to print; null if there is none. */
    MarkedOutput.@Nullable Line line;

    /** Creates the state of the current thread. Called once, in the thread. */
    static Own begin(int place) {
      Own own = new Own();
      own.place = place;
      OF_THREAD.set(own);
      return own;
    }

    /** Returns the state of the current thread; null in a thread that runs no items. */
    static @Nullable Own get() {
      return OF_THREAD.get();
    }

    void endLine() {
      MarkedOutput.Line begun = line;
      if (begun != null) {
        begun.end();
        line = null;
      }
    }
  }

  /** A chunk, and the number on the control page of a thread that runs it. */
  private record Place(@Nullable Chunk chunk, int thread) {
    static final Place NONE = new Place(null, 0);
  }

  /**
   * A chunk whose items begin in order and end in any order. Outcomes without a gap before them are
   * reported.
   *
   * <p>The threads run items; the reporter (the job's thread) sends frames. A slow item holds back
   * the outcomes after it. No item begins while the outcomes held back are more than a frame can
   * hold, so that they do not fill the memory.
   */
  private final class Chunk {
    private final List<@Nullable Object> items;
    private final long number;
    private final long first;
    private final ItemContext ofJob;

    // Guarded by this chunk, like all fields below. Items are counted from the first of the chunk.

    private final @Nullable OutcomeText[] texts;
    private final boolean[] finished;
    private int working;
    private int next;

    /** The end of the items that may begin. */
    private int end;

    /** The first item that is not finished. */
    private int lowest;

    /** The first item that was cut short. */
    private int cut;

    /** The first item whose outcome the reporter does not have. */
    private int taken;

    /** The bytes of the outcomes that the reporter does not have. */
    private long waitingBytes;

    private long runNanos;
    private long writeNanos;
    private long reportedNanos = System.nanoTime();
    private long reportedCpuNanos = cpuNanos();

    Chunk(
        List<@Nullable Object> items, long number, long first, ItemContext ofJob, int takingPart) {
      this.items = items;
      this.number = number;
      this.first = first;
      this.ofJob = ofJob;
      texts = new @Nullable OutcomeText[items.size()];
      finished = new boolean[items.size()];
      working = takingPart;
      end = items.size();
      cut = items.size();
    }

    void work(int thread, Own own, ItemThreadState state) {
      int item = begin(thread);
      while (item >= 0) {
        state.restore();
        runItem(thread, own, item);
        item = begin(thread);
      }
    }

    /**
     * Begins the next item; -1 if no more items may begin, also after a recall or a stop. Waits
     * while the outcomes held back are too large. After -1 the thread has left the chunk.
     */
    private synchronized int begin(int thread) {
      while (next < end && waitingBytes > outcomes.frameBytes()) {
        await(REPORT_NANOS);
      }
      if (next < end) {
        page.beginItem(thread, first + next, first + lowest);
        if (!page.wantsBack(number)) {
          return next++;
        }
        page.endItem(thread, lowestIndex());
        beginNoMore();
      }
      working--;
      notifyAll();
      return -1;
    }

    private void runItem(int thread, Own own, int item) {
      ItemContext context = ofJob.another();
      long index = first + item;
      context.begin(number, index);
      OutcomeText text = outcomes.newText();
      Object result = null;
      Throwable thrown = null;
      long began = System.nanoTime();
      try {
        result = loaded.call(items.get(item), context);
      } catch (Throwable t) {
        thrown = t;
      }
      long ran = System.nanoTime();
      text.ran(thread, began, ran);
      own.endLine();
      if (context.toldToStop()) {
        // The item was cut short, so its result or exception does not count.
      } else if (thrown == null) {
        text.result(index, result);
      } else {
        text.failure(index, Failure.of(thrown));
      }
      long wrote = System.nanoTime();
      finish(thread, item, context.toldToStop() ? null : text, ran - began, wrote - ran);
    }

    /**
     * @param text null if the item was cut short
     */
    private synchronized void finish(
        int thread, int item, @Nullable OutcomeText text, long run, long write) {
      runNanos += run;
      writeNanos += write;
      finished[item] = true;
      if (text == null) {
        cut = Math.min(cut, item);
        beginNoMore();
      } else {
        texts[item] = text;
        waitingBytes += text.bytes();
      }
      if (item == lowest) {
        while (lowest < next && finished[lowest]) {
          lowest++;
        }
        if (isFull()) {
          notifyAll();
        }
      }
      page.endItem(thread, lowestIndex());
    }

    private void beginNoMore() {
      end = next;
      notifyAll();
    }

    private long lowestIndex() {
      return lowest < next ? first + lowest : ControlPage.NONE;
    }

    private boolean isFull() {
      return waitingBytes > outcomes.frameBytes() && taken < Math.min(lowest, cut);
    }

    /**
     * Sends the available outcomes about every second until all threads are through. The last
     * outcomes are left for the caller to send.
     *
     * @return number of items that ran
     */
    int report() throws IOException {
      boolean through = false;
      while (!through) {
        List<OutcomeText> ready;
        int upto;
        synchronized (this) {
          awaitNews();
          through = working == 0;
          ready = take();
          upto = taken;
        }
        for (OutcomeText text : ready) {
          outcomes.keep(text);
        }
        if (through) {
          return upto;
        }
        if (upto < items.size()) {
          outcomes.send(false);
        }
      }
      throw new IllegalStateException();
    }

    private void awaitNews() {
      long began = System.nanoTime();
      long most = outcomes.reportNanos();
      long left = most;
      while (working > 0 && !isFull() && left > 0) {
        await(left);
        left = most - (System.nanoTime() - began);
      }
    }

    private List<OutcomeText> take() {
      List<OutcomeText> ready = new ArrayList<>();
      for (int upto = Math.min(lowest, cut); taken < upto; taken++) {
        OutcomeText text = texts[taken];
        if (text != null) {
          ready.add(text);
          waitingBytes -= text.bytes();
        }
        texts[taken] = null;
      }
      outcomes.runNanos += workNanos();
      outcomes.writeNanos += writeNanos;
      runNanos = 0;
      writeNanos = 0;
      notifyAll();
      return ready;
    }

    /**
     * Returns how long the items ran, without the time for which they certainly waited for a
     * processor. Time that was not spent computing counts in proportion to the processors that were
     * free.
     */
    private long workNanos() {
      long now = System.nanoTime();
      long cpu = cpuNanos();
      long passed = Math.max(1, (now - reportedNanos) * PROCESSORS);
      long computing = Math.min(cpu - reportedCpuNanos, runNanos);
      reportedNanos = now;
      reportedCpuNanos = cpu;
      double free = Math.max(0, 1 - (double) computing / passed);
      return computing + (long) ((runNanos - computing) * free);
    }

    @SuppressWarnings("WaitNotInLoop") // the callers have the loop
    private void await(long nanos) {
      try {
        wait(nanos / NANOS_PER_MILLI + 1);
      } catch (InterruptedException e) {
        // Caused by user code that interrupts a thread of the harness.
      }
    }
  }
}
