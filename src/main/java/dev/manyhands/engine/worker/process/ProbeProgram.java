package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.worker.sandbox.Confinement;
import dev.manyhands.engine.worker.sandbox.Executables;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs a program that is no worker, and returns its output. */
@FunctionalInterface
interface ProbeProgram {
  /** The program did not end in time, and was ended. */
  final class TooSlowException extends IOException {
    private static final long serialVersionUID = 1;

    TooSlowException(String message) {
      super(message);
    }
  }

  /**
   * Runs a program to its end, and returns what it wrote to stdout. Blocks, and is not for a
   * virtual thread.
   *
   * @param patience the limit for the duration
   * @param mostBytes the limit for the output; a longer output is a failure
   * @throws TooSlowException if the program runs for longer than {@code patience}
   * @throws IOException if the program does not start, prints too much, or ends with another status
   *     than 0
   */
  String run(List<String> command, Duration patience, int mostBytes) throws IOException;

  /**
   * Returns a way to run programs under the confinement of workers. Each has a directory that is
   * deleted afterwards.
   */
  static ProbeProgram confined(
      Confinement confinement, ScratchDirectory scratch, WorkerEnvironment variables, long memory) {
    var count = new AtomicInteger();
    return (command, patience, mostBytes) -> {
      WorkerDirectory directory = scratch.make("probe-" + count.incrementAndGet());
      try {
        var own = List.of(directory.path());
        confinement.give(List.of(directory.home(), directory.path()));
        var builder =
            new ProcessBuilder(confinement.wrap(command, memory, own))
                .directory(directory.home().toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        variables.set(builder.environment(), directory.home());
        var process =
            ParentThread.start("probe-parent", () -> confinement.confineThread(own), builder);
        return output(process, patience, mostBytes);
      } finally {
        directory.delete();
      }
    };
  }

  /** Returns a way to run programs without any confinement. */
  static ProbeProgram unconfined(Map<String, String> variables) {
    return (command, patience, mostBytes) -> {
      var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
      builder.environment().clear();
      builder.environment().put("PATH", Executables.path());
      builder.environment().putAll(variables);
      return output(builder.start(), patience, mostBytes);
    };
  }

  private static String output(Process process, Duration patience, int mostBytes)
      throws IOException {
    var groups = new ProcessGroups(false);
    // The end of the process closes its output, so that the read below ends.
    var tooSlow =
        CompletableFuture.supplyAsync(
            () -> {
              groups.kill(process.toHandle());
              return true;
            },
            CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS));
    try {
      process.getOutputStream().close();
      InputStream out = process.getInputStream();
      byte[] said = out.readNBytes(mostBytes + 1);
      if (said.length > mostBytes) {
        throw new IOException("the program prints more than " + mostBytes + " bytes");
      }
      int status = process.waitFor();
      if (tooSlow.isDone()) {
        throw new TooSlowException("the program runs longer than " + patience);
      }
      if (status != 0) {
        throw new IOException("the program ends with status " + status);
      }
      return new String(said, StandardCharsets.UTF_8);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a program ran", e);
    } finally {
      tooSlow.cancel(false);
      groups.kill(process.toHandle());
    }
  }
}
