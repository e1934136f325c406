package dev.manyhands.outside;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Requirements of some tests on the machine. A test that is skipped because one is missing prints
 * this in capitals.
 */
public final class Requirements {
  static final List<String> BUBBLEWRAP =
      List.of("bwrap", "--ro-bind", "/", "/", "--unshare-all", "--", "true");

  private Requirements() {}

  public static void python() {
    need("python3", "--version");
  }

  public static void pythonModule(String interpreter, String module) {
    need(interpreter, "-c", "import " + module);
  }

  static void perl() {
    need("perl", "-MJSON::PP", "-e", "1");
  }

  /** The runtime of GCC, which programs compiled with it share. */
  static void openMp() {
    need("python3", "-c", "import ctypes; ctypes.CDLL('libgomp.so.1')");
  }

  static void librsvg() {
    need("rsvg-convert", "--version");
  }

  static void bubblewrap() {
    thatRun(BUBBLEWRAP.stream());
  }

  static void landlock(int version) {
    String look = "import ctypes; exit(ctypes.CDLL(None).syscall(444, None, 0, 1) < %d)";
    need("python3", "-c", look.formatted(version));
  }

  /** The server, and promtool, which comes with it. */
  public static void prometheus() {
    need("prometheus", "--version");
    need("promtool", "--version");
  }

  /** The first one, in Python, which needs no engine to look at a file. */
  public static void dockerCompose() {
    need("docker-compose", "version");
  }

  /** The clients of PostgreSQL that the pages use. */
  static void postgresTools() {
    for (String tool : new String[] {"createuser", "createdb"}) {
      need(tool, "--version");
    }
  }

  static void thatRun(Stream<String> command) {
    need(command.toArray(String[]::new));
  }

  private static void need(String... command) {
    boolean there;
    try {
      there = new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      there = false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (!there) {
      System.err.println("SKIPPED, BECAUSE THIS MACHINE CANNOT RUN: " + String.join(" ", command));
    }
    Assumptions.assumeTrue(there, "there is no " + command[0]);
  }
}
