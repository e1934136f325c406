package dev.manyhands.engine.worker.pool;

import dev.manyhands.engine.worker.SlotEvent.Cause;
import dev.manyhands.engine.worker.SlotEvent.Death;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Describes the end of a worker that the service did not end. */
final class Deaths {
  /**
   * The offset that {@link Process#exitValue} adds to the number of the signal that ended a
   * process.
   */
  private static final int SIGNALLED = 128;

  private static final Map<Integer, String> SIGNALS =
      Map.ofEntries(
          Map.entry(1, "SIGHUP"),
          Map.entry(2, "SIGINT"),
          Map.entry(3, "SIGQUIT"),
          Map.entry(4, "SIGILL"),
          Map.entry(5, "SIGTRAP"),
          Map.entry(6, "SIGABRT"),
          Map.entry(7, "SIGBUS"),
          Map.entry(8, "SIGFPE"),
          Map.entry(9, "SIGKILL"),
          Map.entry(11, "SIGSEGV"),
          Map.entry(13, "SIGPIPE"),
          Map.entry(14, "SIGALRM"),
          Map.entry(15, "SIGTERM"),
          Map.entry(24, "SIGXCPU"),
          Map.entry(25, "SIGXFSZ"),
          Map.entry(31, "SIGSYS"));

  /** The word for a worker without work that ended by itself, with status 0. */
  private static final String EXIT = "exit";

  private static final String CRASH = "crash";

  /** The word for a worker that could not be started. */
  static final String NOT_STARTED = "not_started";

  private Deaths() {}

  /** Returns the end of a worker that the service did not end, in words for users. */
  static Death byItself(int status, @Nullable String words) {
    if (status <= SIGNALLED) {
      return new Death(
          Cause.CRASH, "exit " + status, "the worker exited with status " + status, words);
    }
    int signal = status - SIGNALLED;
    String name = SIGNALS.getOrDefault(signal, "signal " + signal);
    return new Death(
        Cause.CRASH, name, "the worker was killed by " + name + " (signal " + signal + ")", words);
  }

  /** Returns the end of a worker that the service did not end, in a word for metrics. */
  static String reason(boolean hadWork, int status) {
    return !hadWork && status == 0 ? EXIT : CRASH;
  }

  /** Returns all words for metrics, including those for workers that the service ended. */
  static List<String> reasons() {
    return Stream.concat(Ending.words().stream(), Stream.of(EXIT, CRASH, NOT_STARTED)).toList();
  }
}
