package dev.manyhands.deploy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs a program to its end. */
final class Ran {
  private Ran() {}

  /**
   * Returns the output of a command, from both of its streams. Fails if the command did not
   * succeed.
   */
  static String successfully(String... command) throws IOException, InterruptedException {
    return successfully(new ProcessBuilder(command));
  }

  static String successfully(ProcessBuilder builder) throws IOException, InterruptedException {
    List<String> command = builder.command();
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(command + " failed: " + said);
    }
    return said;
  }
}
