package dev.manyhands.worker;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The thread that starts a worker's process, and stays until that has ended. The process inherits
 * what the thread has given up, so each worker has a thread of its own; and the signal that ends a
 * worker with its service is sent when the <em>thread</em> that forked it ends, so it stays. It
 * does nothing else, because there is much that it may not do.
 */
final class ParentThread {
  /** Steps that a thread performs on itself first. */
  interface Preparation {
    void run() throws IOException;
  }

  private ParentThread() {}

  /**
   * Returns when the process is there.
   *
   * @param name of the thread
   * @throws IOException if it cannot be prepared or the process not be started
   */
  static Process start(String name, Preparation preparation, ProcessBuilder builder)
      throws IOException {
    var started = new CompletableFuture<Process>();
    Thread.ofPlatform()
        .daemon()
        .name(name)
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
    } catch (Throwable e) {
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
