package dev.manyhands.harness;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The threads that run items if a job wants several at a time, and the thread that reports their
 * outcomes. When a chunk has no item left to begin, the items of the next chunk begin. The last
 * items of a chunk therefore do not keep other threads waiting. Chunks are answered one after the
 * other, and a slow item holds back the outcomes after it. No item begins while the outcomes held
 * back are more than a frame can hold, so that they do not fill the memory.
 *
 * <p>A thread is started when there is first an item for it, and ends with the job. These are
 * platform threads, because user code may compute or block in ways that would pin a virtual thread.
 */
final class ItemThreads {
  private static final int NANOS_PER_MILLI = 1_000_000;
  private static final List<ThreadedChunk> NO_CHUNKS = List.of();
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private final FunctionLoader.Loaded loaded;
  private final @Nullable ClassLoader loader;
  private final ControlPage page;

  /** Owned by the reporter. Threads of items ask only for limits and for empty outcomes. */
  private final Outcomes outcomes;

  /** Owned by the reporter, once that has started. */
  private final ReadyTime readyTime = new ReadyTime();

  /** Whether there is a thread that reports. Owned by the thread of the job. */
  private boolean reports;

  /** The number of threads that were started to run items. Changed by the thread of the job. */
  private volatile int started;

  // Guarded by this object, like the chunks.

  /** The chunks that are not answered, in order. */
  private final List<ThreadedChunk> chunks = new ArrayList<>();

  private boolean ended;

  /** The bytes of the outcomes that the reporter does not have. */
  private long waitingBytes;

  private long runNanos;
  private long writeNanos;
  private long reportedNanos;
  private long reportedCpuNanos;

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

  // ---- for the thread of the job

  /** Takes a chunk. Its items run once the items of the chunks before have begun. */
  void add(ThreadedChunk chunk, int atATime) {
    start(Math.min(atATime, chunk.size()));
    synchronized (this) {
      chunks.add(chunk);
      if (chunks.size() == 1) {
        page.beginChunk(chunk.number);
        reportedNanos = System.nanoTime();
        reportedCpuNanos = cpuNanos();
      }
      notifyAll();
    }
  }

  /** Waits until all chunks are answered. */
  synchronized void awaitAnswers() {
    while (!chunks.isEmpty()) {
      await(0);
    }
  }

  /** Ends the threads. Everything that items left on the threads ends as well. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  private void start(int wanted) {
    if (!reports) {
      readyTime.begin(); // before any thread may lack a processor
      new ItemThreadState("manyhands-reports", loader).thread(this::report).start();
      reports = true;
    }
    while (started < wanted) {
      ItemThreadState state = new ItemThreadState("manyhands-" + started, loader);
      int number = started;
      Thread thread = state.thread(() -> serve(number, state));
      try {
        thread.start();
      } catch (OutOfMemoryError e) { // the system allows no more: fewer threads take longer
        if (started == 0) {
          throw e;
        }
        break;
      }
      started = number + 1;
    }
  }

  // ---- for the threads of items

  private void serve(int thread, ItemThreadState state) {
    try {
      Own own = Own.begin(thread);
      Begun begun = begin(thread);
      while (begun != null) {
        state.restore();
        run(own, begun);
        begun = begin(thread);
      }
    } catch (Throwable e) {
      WorkerMain.endForABug(e);
    }
  }

  private record Begun(ThreadedChunk chunk, int item) {}

  /** Waits for an item and begins it; returns null after {@link #end}. */
  private synchronized @Nullable Begun begin(int thread) {
    while (!ended) {
      for (ThreadedChunk chunk : waitingBytes > outcomes.frameBytes() ? NO_CHUNKS : chunks) {
        if (chunk.left() == 0) {
          continue;
        }
        page.beginItem(thread, chunk.nextIndex(), lowestIndex(chunk.nextIndex()));
        if (!page.wantsBack(chunk.number)) {
          return new Begun(chunk, chunk.begin());
        }
        page.endItem(thread, lowestIndex(ControlPage.NONE));
        chunk.beginNoMore();
        notifyAll();
      }
      await(0);
    }
    return null;
  }

  private void run(Own own, Begun begun) {
    ThreadedChunk chunk = begun.chunk;
    ItemContext context = chunk.ofJob.another();
    long index = chunk.first + begun.item;
    context.begin(chunk.number, index);
    own.begin(chunk.number, index);
    OutcomeText text = outcomes.newText();
    Object result = null;
    Throwable thrown = null;
    long began = System.nanoTime();
    try {
      result = loaded.call(chunk.item(begun.item), context);
    } catch (Throwable t) {
      thrown = t;
    }
    long ran = System.nanoTime();
    text.ran(own.place, began, ran);
    own.endLine();
    if (context.toldToStop()) {
      // The item was cut short, so its result or exception does not count.
    } else if (thrown == null) {
      text.result(index, result);
    } else {
      text.failure(index, Failure.of(thrown));
    }
    long wrote = System.nanoTime();
    finish(own.place, begun, context.toldToStop() ? null : text, ran - began, wrote - ran);
  }

  /**
   * @param text null if the item was cut short
   */
  private synchronized void finish(
      int thread, Begun begun, @Nullable OutcomeText text, long run, long write) {
    runNanos += run;
    writeNanos += write;
    waitingBytes += text == null ? 0 : text.bytes();
    begun.chunk.finish(begun.item, text);
    page.endItem(thread, lowestIndex(ControlPage.NONE));
    if (begun.chunk.isThrough() || waitingBytes > outcomes.frameBytes()) {
      notifyAll();
    }
  }

  /** Returns the lowest item that is begun and not finished; the given value for none. */
  private long lowestIndex(long otherwise) {
    for (ThreadedChunk chunk : chunks) {
      long lowest = chunk.lowestIndex();
      if (lowest != ControlPage.NONE) {
        return lowest;
      }
    }
    return otherwise;
  }

  // ---- for the reporter

  private void report() {
    try {
      ThreadedChunk chunk = awaitChunk();
      while (chunk != null) {
        answer(chunk);
        chunk = awaitChunk();
      }
    } catch (IOException e) {
      WorkerMain.leave(); // the service is gone
    } catch (Throwable e) {
      WorkerMain.endForABug(e);
    }
  }

  private synchronized @Nullable ThreadedChunk awaitChunk() {
    while (chunks.isEmpty() && !ended) {
      await(0);
    }
    return chunks.isEmpty() ? null : chunks.getFirst();
  }

  /** Sends the outcomes of a chunk whenever a report is due, and the rest at its end. */
  @SuppressWarnings("SystemOut")
  private void answer(ThreadedChunk chunk) throws IOException {
    outcomes.begin(chunk.number, chunk.first);
    outcomes.readNanos = chunk.readNanos;
    boolean through = false;
    while (!through) {
      awaitNews(chunk);
      double noProcessor = readyTime.share(started);
      List<OutcomeText> ready;
      List<ThreadedChunk> recalled;
      synchronized (this) {
        through = chunk.isThrough();
        ready = take(chunk, noProcessor);
        recalled = chunks.stream().skip(1).filter(ThreadedChunk::isRecalledWhole).toList();
        chunks.removeAll(recalled);
      }
      for (ThreadedChunk later : recalled) { // need not wait for their turn
        outcomes.sendReturned(later.number, later.first);
      }
      for (OutcomeText text : ready) {
        outcomes.keep(text);
      }
      if (!through) {
        outcomes.send(false);
      }
    }
    System.out.flush();
    outcomes.end(chunk.taken(), chunk.size());
    synchronized (this) {
      waitingBytes -= chunk.droppedBytes();
      chunks.removeFirst();
      page.beginChunk(chunks.isEmpty() ? 0 : chunks.getFirst().number);
      notifyAll();
    }
  }

  /** Waits until the chunk is through, a report is due, or the waiting outcomes fill a frame. */
  private synchronized void awaitNews(ThreadedChunk chunk) {
    long began = System.nanoTime();
    long left = outcomes.reportNanos();
    while (!chunk.isThrough() && !isFull(chunk) && left > 0) {
      await(left);
      left = outcomes.reportNanos() - (System.nanoTime() - began);
    }
  }

  private boolean isFull(ThreadedChunk chunk) {
    return waitingBytes > outcomes.frameBytes() && chunk.hasReady();
  }

  private List<OutcomeText> take(ThreadedChunk chunk, double noProcessor) {
    List<OutcomeText> ready = chunk.take();
    for (OutcomeText text : ready) {
      waitingBytes -= text.bytes();
    }
    outcomes.runNanos += workNanos(noProcessor);
    outcomes.writeNanos += writeNanos;
    runNanos = 0;
    writeNanos = 0;
    notifyAll();
    return ready;
  }

  /**
   * Returns how long the items ran, without the time for which they certainly waited for a
   * processor. Time that was not spent computing counts in proportion to the processors that were
   * free. None was free for a thread that was ready and had none.
   *
   * @param noProcessor the result of {@link ReadyTime#share}
   */
  private long workNanos(double noProcessor) {
    long now = System.nanoTime();
    long cpu = cpuNanos();
    long passed = Math.max(1, (now - reportedNanos) * PROCESSORS);
    long computing = Math.min(cpu - reportedCpuNanos, runNanos);
    reportedNanos = now;
    reportedCpuNanos = cpu;
    double busy = (double) computing / passed + noProcessor / PROCESSORS;
    double free = Math.max(0, 1 - busy);
    return computing + (long) ((runNanos - computing) * free);
  }

  /** Returns the processor time of this process; 0 if it is not known. */
  private static long cpuNanos() {
    return ProcessHandle.current().info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
  }

  /** Waits for a change; 0 nanoseconds are for ever. */
  @SuppressWarnings("WaitNotInLoop") // the callers have the loop
  private void await(long nanos) {
    try {
      wait(nanos == 0 ? 0 : nanos / NANOS_PER_MILLI + 1);
    } catch (InterruptedException e) {
      // Caused by user code that interrupts a thread of the harness.
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
    final int place;

    /** The chunk and the item that run, unless items run one after the other. */
    long chunk;

    long item = ControlPage.NONE;

    /** The line that the item has begun to print; null if there is none. */
    MarkedOutput.@Nullable Line line;

    private Own(int place) {
      this.place = place;
    }

    /** Creates the state of the current thread. Called once, in the thread. */
    static Own begin(int place) {
      Own own = new Own(place);
      OF_THREAD.set(own);
      return own;
    }

    /** Returns the state of the current thread; null in a thread that runs no items. */
    static @Nullable Own get() {
      return OF_THREAD.get();
    }

    void begin(long newChunk, long newItem) {
      chunk = newChunk;
      item = newItem;
    }

    void endLine() {
      MarkedOutput.Line begun = line;
      if (begun != null) {
        begun.end();
        line = null;
      }
    }
  }
}
