package dev.manyhands.engine.worker.sandbox;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Keeps workers from looking into the service's process: its memory, its environment, its open
 * files.
 *
 * <p>{@link Landlock} protects only a process outside of its rules. But the thread that started a
 * worker is under the rules of the worker. Through this thread, the whole of the service would be
 * open. Linux only.
 */
final class ServiceMemory {
  private static final int PR_SET_DUMPABLE = 4;

  /** The layout of {@code capset(2)} that all present kernels have. */
  private static final int CAPABILITY_VERSION_3 = 0x20080522;

  /** Capabilities of the superuser; each of them lets its holder look into any process. */
  private static final List<Integer> TO_LOOK_IN =
      List.of(/* CAP_SYS_PTRACE */ 19, /* CAP_SYS_ADMIN */ 21, /* CAP_PERFMON */ 38);

  private ServiceMemory() {}

  /**
   * Allows only the superuser to look into this process from now on. The process also writes no
   * core files.
   */
  static void shutOthersOut() throws IOException {
    check(SystemCalls.control(PR_SET_DUMPABLE, 0), "prctl(PR_SET_DUMPABLE)");
  }

  /**
   * Gives up the capabilities that let the calling thread look into this process. Processes that
   * the thread starts lose them, too, once the thread can gain no privileges.
   */
  static void giveUpTheRightToLookIn() throws IOException {
    try (var arena = Arena.ofConfined()) {
      var header = arena.allocateFrom(ValueLayout.JAVA_INT, CAPABILITY_VERSION_3, 0);
      // The sets are effective, permitted and inheritable, and again for the numbers from 32 on.
      var sets = arena.allocate(ValueLayout.JAVA_INT, 6);
      check(SystemCalls.getCapabilities(header, sets), "capget");
      for (int capability : TO_LOOK_IN) {
        for (int set = 0; set < 3; set++) {
          int word = capability / Integer.SIZE * 3 + set;
          int without = sets.getAtIndex(ValueLayout.JAVA_INT, word) & ~(1 << capability);
          sets.setAtIndex(ValueLayout.JAVA_INT, word, without);
        }
      }
      check(SystemCalls.setCapabilities(header, sets), "capset");
    }
  }

  private static void check(int result, String what) throws IOException {
    if (result < 0) {
      throw new IOException(what + " fails with error " + -result);
    }
  }
}
