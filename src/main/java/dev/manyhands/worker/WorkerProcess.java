package dev.manyhands.worker;

import dev.manyhands.support.DirectoryTree;
import dev.manyhands.worker.FrameCodec.BadFrame;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process of a worker and the four threads that serve its pipes. They pass on what they see as
 * {@link WorkerEvent}s and decide nothing.
 */
final class WorkerProcess {
  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final Logger log = LoggerFactory.getLogger(WorkerProcess.class);

  /**
   * How long what a dead worker left in its pipes may take to be read; only a stray grandchild can
   * hold them open.
   */
  private static final long READ_REST_MILLIS = 1_000;

  private final long worker;
  private final Process process;
  private final ProcessGroups groups;
  private final ControlPage page;
  private final Path scratch;
  private final WorkerChannel channel;
  private final BlockingQueue<Order> orders;
  private final WatchedSource source;
  private final Consumer<WorkerEvent> events;
  private final CompletableFuture<Void> allRead = new CompletableFuture<>();
  private final PrintedText printed;
  private final Thread sender;

  /** Set by the sender, which cannot get the inputs of its next chunk. */
  private volatile boolean waitsForInputs;

  WorkerProcess(
      Worker worker,
      Process process,
      ProcessGroups groups,
      ControlPage page,
      Path scratch,
      WorkerChannel channel,
      WatchedSource source,
      PrintedText printed,
      Consumer<WorkerEvent> events) {
    this.worker = worker.id;
    this.process = process;
    this.groups = groups;
    this.page = page;
    this.scratch = scratch;
    this.channel = channel;
    this.orders = worker.orders;
    this.source = source;
    this.events = events;
    this.printed = printed;
    this.sender = thread("out", this::send);
  }

  /** Begins to serve the pipes. */
  void serve() {
    sender.start();
    var stderr = thread("err", printed);
    stderr.start();
    thread("in", () -> receive(stderr)).start();
    thread("exit", this::awaitExit).start();
  }

  private Thread thread(String which, Runnable task) {
    return Thread.ofPlatform().daemon().name("worker-" + worker + "-" + which).unstarted(task);
  }

  /** Whether it is without work only because the store does not hand out its inputs. */
  boolean waitsForInputs() {
    return waitsForInputs || source.isReading();
  }

  long pid() {
    return process.pid();
  }

  ControlPage page() {
    return page;
  }

  /** Ends it with all that it started. */
  void kill() {
    groups.kill(process.toHandle());
  }

  private void send() {
    long pauseMillis = FIRST_PAUSE_MILLIS;
    try {
      Order order = orders.take();
      while (true) {
        try {
          printed.sending(order);
          channel.send(order);
          if (order instanceof Order.End) {
            return;
          }
          pauseMillis = FIRST_PAUSE_MILLIS;
          waitsForInputs = false;
          order = orders.take();
        } catch (RuntimeException inputsAway) {
          // Nothing was sent: the items could not be read. They are in the store, so they will be.
          if (!waitsForInputs) {
            log.warn("worker {} waits for inputs: {}", worker, inputsAway.toString());
          }
          waitsForInputs = true;
          TimeUnit.MILLISECONDS.sleep(pauseMillis);
          pauseMillis = Math.min(pauseMillis * 2, 5_000);
        }
      }
    } catch (IOException brokenPipe) {
      brokenPipe();
    } catch (InterruptedException gone) {
      // The process has ended and nobody will read what is still to be sent.
    }
  }

  /** It no longer reads. If it is about to end, how it ends says more; if not, it is of no use. */
  private void brokenPipe() {
    try {
      if (!process.waitFor(READ_REST_MILLIS, TimeUnit.MILLISECONDS)) {
        events.accept(new WorkerEvent.Broken(worker, "it closed its input"));
      }
    } catch (InterruptedException gone) {
      // Its end is being told already.
    }
  }

  private void receive(Thread stderr) {
    try {
      channel.receive();
    } catch (BadFrame e) {
      events.accept(new WorkerEvent.Broken(worker, String.valueOf(e.getMessage())));
    } catch (IOException | UncheckedIOException closed) {
      log.debug("worker {} closed its pipe", worker, closed);
    } catch (RuntimeException bug) {
      // Ours, met by what the worker wrote: the worker goes, so that its chunk is not waited for,
      // and the trace stays.
      log.error("worker {} wrote what the service fails on", worker, bug);
      events.accept(new WorkerEvent.Broken(worker, "it wrote what the service fails on"));
    }
    try {
      stderr.join(READ_REST_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    allRead.complete(null);
  }

  private void awaitExit() {
    int status;
    try {
      status = process.waitFor();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
    // What it started and left behind goes too, and with it the last hands on the pipes.
    groups.kill(process.toHandle());
    Strays.end(scratch);
    sender.interrupt();
    try {
      allRead.get(READ_REST_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException | InterruptedException held) {
      log.debug("worker {}: somebody still holds its pipes", worker, held);
    }
    events.accept(new WorkerEvent.Gone(worker, status, printed.lastWords()));
  }

  /** Frees what it held. Only once it is gone. */
  void discard() {
    page.close();
    try {
      DirectoryTree.delete(scratch);
    } catch (IOException e) {
      log.warn("scratch directory {} cannot be removed: {}", scratch, e.toString());
    }
  }
}
