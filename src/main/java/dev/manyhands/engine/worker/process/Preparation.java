package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.worker.sandbox.Executables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A task that prepares something for workers by a program. Has a thread of its own, so that the
 * start of the service does not wait.
 */
final class Preparation implements AutoCloseable {
  private static final int MOST_SAID_BYTES = 2_000;

  /** The work of a preparation. */
  interface Work {
    void run() throws IOException, InterruptedException;
  }

  private final Thread thread;

  /**
   * Begins the work.
   *
   * @param failed called with the exception if the work fails
   */
  Preparation(String name, Work work, Consumer<IOException> failed) {
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name(name)
            .start(() -> {
              try {
                work.run();
              } catch (IOException e) {
                failed.accept(e);
              } catch (InterruptedException closing) {
                // No workers are started any more.
              }
            });
  }

  /**
   * Returns the beginning of a command that is killed when its parent thread ends. The program
   * therefore does not outlive a service that was killed. Empty where the system has no program for
   * it.
   */
  static List<String> endsWithItsParent() {
    return Executables.find("setpriv")
        .map(setpriv -> List.of(setpriv.toString(), "--pdeathsig", "KILL", "--"))
        .orElse(List.of());
  }

  /**
   * Runs a program to its end. Its output must be redirected, except for a few messages on stderr.
   *
   * @param input all that the program gets to read
   * @throws IOException if the program takes too long or does not end with status 0
   */
  static void run(ProcessBuilder builder, byte[] input, Duration patience)
      throws IOException, InterruptedException {
    String command = String.join(" ", builder.command());
    Process process = builder.start();
    try {
      try (var stdin = process.getOutputStream()) {
        stdin.write(input);
      }
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(command + " takes longer than " + patience.toSeconds() + " s");
      }
      if (process.exitValue() != 0) {
        throw new IOException(
            command + " ends with status " + process.exitValue() + ": " + lastLine(process));
      }
    } finally {
      process.destroyForcibly();
    }
  }

  private static String lastLine(Process ended) throws IOException {
    try (var in = ended.getErrorStream()) {
      byte[] bytes = in.readNBytes(MOST_SAID_BYTES);
      List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      return lines.isEmpty() ? "it says nothing" : lines.getLast();
    }
  }

  /** Waits until the work has ended. */
  void await() throws InterruptedException {
    thread.join();
  }

  /** Ends the program if it still runs. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
