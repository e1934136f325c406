package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.worker.ControlPage;
import dev.manyhands.engine.worker.Launch;
import dev.manyhands.engine.worker.RunningWorker;
import dev.manyhands.engine.worker.WorkerEvent;
import dev.manyhands.engine.worker.WorkerMessage;
import dev.manyhands.engine.worker.output.PrintedText;
import dev.manyhands.engine.worker.protocol.FrameCodec.BadFrame;
import dev.manyhands.engine.worker.protocol.WorkerChannel;
import dev.manyhands.model.FunctionDefinition;
import dev.manyhands.model.JobId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process of a worker and its four threads: they send, receive, read stderr, and wait for the
 * end. The threads pass on what they see as {@link WorkerEvent}s and decide nothing.
 */
final class WorkerProcess implements RunningWorker {
  private static final long FIRST_PAUSE_MILLIS = 50;

  /** The fault before its cause is put into words, for which there may be no memory. */
  private static final String FAULT = "a fault of the service";

  /** How long to wait before the end of the worker is reported again after a failed report. */
  private static final long REPORT_AGAIN_MILLIS = 100;

  /** How often to look for answers while the store is away. */
  private static final long LOOK_FOR_ANSWERS_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final Logger log = LoggerFactory.getLogger(WorkerProcess.class);

  /**
   * How long the reading of a dead worker's pipes may take, before its end is reported without the
   * rest. Only a stray grandchild can keep them open.
   */
  private static final long READ_REST_MILLIS = 1_000;

  private final long worker;
  private final Process process;
  private final ProcessGroups groups;
  private final ControlPage page;
  private final WorkerDirectory directory;
  private final WorkerChannel channel;
  private final BlockingDeque<WorkerMessage> orders;
  private final WatchedSource source;
  private final Consumer<WorkerEvent> events;
  private final CompletableFuture<Void> allRead = new CompletableFuture<>();

  /** Whether the worker was reported as launched. */
  private final CompletableFuture<Boolean> announced = new CompletableFuture<>();

  private final PrintedText printed;

  /** Whether the program prints its stacks when it is asked to quit. */
  private final boolean printsStacks;

  private final Thread sender;

  /** Whether the inputs of the next chunk cannot be read now. Set by the sender. */
  private volatile boolean waitsForInputs;

  /** The failure of the service because of which it killed the worker; null for none. */
  private volatile @Nullable String fault;

  /**
   * A process that was just started, and all that must be given back after its end.
   *
   * @param groups ends the process with all that it has started
   * @param page its control page
   */
  record Started(
      Process process, ProcessGroups groups, ControlPage page, WorkerDirectory directory) {}

  WorkerProcess(
      Launch launch,
      Started started,
      WorkerChannel channel,
      WatchedSource source,
      PrintedText printed,
      Consumer<WorkerEvent> events) {
    this.worker = launch.worker();
    this.process = started.process();
    this.groups = started.groups();
    this.page = started.page();
    this.directory = started.directory();
    this.channel = channel;
    this.orders = launch.orders();
    this.source = source;
    this.events = events;
    this.printed = printed;
    this.printsStacks = launch.definition() instanceof FunctionDefinition.Python;
    this.sender = thread("out", this::send);
  }

  /**
   * Begins to serve the pipes.
   *
   * @throws OutOfMemoryError if the threads cannot be created. Nothing was reported then, and the
   *     process still runs.
   */
  void serve() {
    var stderr = thread("err", this::readText);
    try {
      thread("exit", this::awaitExit).start();
      stderr.start();
      thread("in", () -> receive(stderr)).start();
      sender.start();
    } catch (Throwable noThread) {
      announced.complete(false);
      throw noThread;
    }
    events.accept(new WorkerEvent.Launched(worker, this));
    announced.complete(true);
  }

  private Thread thread(String which, Runnable task) {
    return Thread.ofPlatform()
        .daemon()
        .name("worker-" + worker + "-" + which)
        // A fault that the task does not handle ends the worker. The task then has less to do.
        .uncaughtExceptionHandler((thread, fault) -> {
          failed(fault);
          task.run();
        })
        .unstarted(() -> {
          // Events of a worker are passed on only after its announcement, and never without it.
          if (announced.join()) {
            task.run();
          }
        });
  }

  /**
   * Handles a fault of the service in its work for this worker. The worker is ended; the other
   * workers stay.
   */
  void failed(Throwable cause) {
    fault = FAULT;
    kill();
    log.error("the service failed at something that it did for worker {}", worker, cause);
    fault = cause.toString();
  }

  @Override
  public boolean waitsForInputs() {
    return waitsForInputs || source.isReading();
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public ControlPage page() {
    return page;
  }

  @Override
  public String unanswered(boolean hasPrinted) {
    return channel.unanswered(hasPrinted);
  }

  @Override
  public void note(JobId job, String text) {
    printed.note(job, text);
  }

  @Override
  public boolean printStacks() {
    return printsStacks && groups.quit(process.toHandle());
  }

  @Override
  public void stopWaits(long throughChunk) {
    channel.stopWaits(throughChunk);
  }

  @Override
  public void kill() {
    groups.kill(process.toHandle());
  }

  private void send() {
    long pauseMillis = FIRST_PAUSE_MILLIS;
    try {
      WorkerMessage order = orders.take();
      while (true) {
        try {
          printed.sending(order);
          channel.send(order);
          if (order instanceof WorkerMessage.End) {
            return;
          }
          pauseMillis = FIRST_PAUSE_MILLIS;
          waitsForInputs = false;
          order = orders.take();
        } catch (WatchedSource.AwayException inputsAway) {
          // Nothing was sent, because the items could not be read. They are in the store, so a
          // later try will read them.
          if (!waitsForInputs) {
            log.warn("worker {} waits for inputs: {}", worker, inputsAway.getMessage());
          }
          waitsForInputs = true;
          sendAnswers(pauseMillis);
          pauseMillis = Math.min(pauseMillis * 2, 5_000);
        }
      }
    } catch (IOException brokenPipe) {
      brokenPipe();
    } catch (InterruptedException gone) {
      // The process has ended, and the remaining orders would not be read.
    } catch (Throwable cause) {
      failed(cause);
    }
  }

  /** Waits for a while, and meanwhile sends answers, which need no inputs. */
  private void sendAnswers(long millis) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (long left; (left = end - System.nanoTime()) > 0; ) {
      if (orders.peekFirst() instanceof WorkerMessage.Answer) {
        channel.send(orders.take());
      } else {
        TimeUnit.NANOSECONDS.sleep(Math.min(left, LOOK_FOR_ANSWERS_NANOS));
      }
    }
  }

  /**
   * Handles a worker that no longer reads. A worker that ends within a second is reported by its
   * end only, which says more. Another is reported as broken.
   */
  private void brokenPipe() {
    try {
      if (!process.waitFor(READ_REST_MILLIS, TimeUnit.MILLISECONDS)) {
        events.accept(new WorkerEvent.Broken(worker, "it closed its input"));
      }
    } catch (InterruptedException gone) {
      // Its end is being reported already.
    } catch (Throwable cause) {
      failed(cause);
    }
  }

  private void receive(Thread stderr) {
    try {
      receive();
    } catch (Throwable cause) { // also of a report about another failure
      failed(cause);
    } finally {
      awaitText(stderr);
      allRead.complete(null);
    }
  }

  private void receive() {
    try {
      channel.receive();
    } catch (BadFrame e) {
      events.accept(new WorkerEvent.Broken(worker, String.valueOf(e.getMessage())));
    } catch (IOException | UncheckedIOException closed) {
      log.debug("worker {} closed its pipe", worker, closed);
    } catch (ControlPage.LostException lost) {
      // The worker has truncated the page, or the service has closed it while the worker ends.
      log.debug("worker {} has no control page any more", worker, lost);
      events.accept(new WorkerEvent.Broken(worker, String.valueOf(lost.getMessage())));
    } catch (RuntimeException bug) {
      // A bug of the service, triggered by the worker's output. The worker is ended, so that
      // nothing waits
      // for its chunk. The log keeps the trace.
      log.error("worker {} wrote what the service fails on", worker, bug);
      events.accept(new WorkerEvent.Broken(worker, "it wrote what the service fails on"));
    }
  }

  private void readText() {
    try {
      printed.run();
    } catch (Throwable cause) {
      failed(cause);
    }
  }

  private static void awaitText(Thread stderr) {
    try {
      stderr.join(READ_REST_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitExit() {
    int status;
    try {
      status = process.waitFor();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
    try {
      // Processes that it started and left behind are ended too, because they may hold the pipes.
      groups.kill(process.toHandle());
      Strays.end(directory.path());
      sender.interrupt();
      channel.ended();
      allRead.get(READ_REST_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException | InterruptedException held) {
      log.debug("worker {}: somebody still holds its pipes", worker, held);
    } catch (Throwable cause) {
      failed(cause);
    }
    while (!reportEnd(status)) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(REPORT_AGAIN_MILLIS));
    }
  }

  /**
   * Tries to report the end of the process; returns whether this succeeded. The caller tries until
   * it does, because no other event frees the slot.
   */
  private boolean reportEnd(int status) {
    try {
      events.accept(new WorkerEvent.Gone(worker, status, printed.lastWords(), fault));
      return true;
    } catch (Throwable again) {
      log.error("the end of worker {} could not be reported and will be again", worker, again);
      return false;
    }
  }

  @Override
  public void discard() {
    page.close();
    try {
      directory.delete();
    } catch (IOException e) {
      log.warn("scratch directory {} cannot be removed: {}", directory.path(), e.toString());
    }
  }
}
