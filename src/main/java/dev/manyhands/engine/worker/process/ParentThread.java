package dev.manyhands.engine.worker.process;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The thread that starts a worker's process, and stays until the process has ended. The process
 * inherits the restrictions of the thread, so that each worker needs a thread of its own. The
 * signal that ends a worker with its service is sent when the <em>thread</em> that forked the
 * worker ends. Therefore the thread stays. It does nothing else, because most actions are forbidden
 * to it.
 */
final class ParentThread {
  /** Steps that a thread performs on itself first. */
  interface Preparation {
    void run() throws IOException;
  }

  private ParentThread() {}

  /**
   * Starts a process, and returns when it runs.
   *
   * @param name the name of the thread
   * @throws IOException if the thread cannot be prepared or the process cannot be started
   */
  static Process start(String name, Preparation preparation, ProcessBuilder builder)
      throws IOException {
    var started = new CompletableFuture<Process>();
    Thread.ofPlatform()
        .daemon()
        .name(name)
        .uncaughtExceptionHandler((thread, fault) -> started.completeExceptionally(fault))
        .start(() -> startAndStay(preparation, builder, started));
    try {
      return started.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw e;
    }
  }

  private static void startAndStay(
      Preparation preparation, ProcessBuilder builder, CompletableFuture<Process> started) {
    Process process;
    try {
      preparation.run();
      process = builder.start();
    } catch (IOException e) {
      started.completeExceptionally(e);
      return;
    }
    started.complete(process);
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }
}
