package dev.manyhands.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How far workers are kept from the rest of the machine. Each level includes those before it. */
public enum Sandbox {
  /** Processes of their own, in a session of their own, and nothing else. */
  NONE,
  /**
   * No new privileges, a scrubbed environment, limits on what they use, an end with the service.
   */
  PROCESS,
  /**
   * Besides: no network, no other processes in sight, a file system that cannot be written to but
   * for the worker's own directory, an empty {@code /tmp}, and nothing of the data directory.
   */
  NAMESPACE;

  /** The level that was asked for cannot be had here. */
  public static final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnavailableException(String message) {
      super(message);
    }
  }

  /**
   * The level that will be in force. Looks at what this system has; may take some milliseconds.
   *
   * @param wanted null for the best that needs nothing but what most systems have
   * @throws UnavailableException if what is wanted cannot be had
   */
  public static Sandbox inForce(@Nullable Sandbox wanted, WorkerLimits limits) {
    List<String> missing = missing(wanted == null ? PROCESS : wanted);
    if (missing.isEmpty()) {
      return wanted == null ? PROCESS : wanted;
    }
    if (wanted == null && !limits.needTheSystem()) {
      return NONE;
    }
    throw new UnavailableException(
        "Workers cannot be confined as manyhands.workers.sandbox="
            + (wanted == null ? PROCESS : wanted).name().toLowerCase(Locale.ROOT)
            + " says: "
            + String.join(", ", missing)
            + ".");
  }

  private static List<String> missing(Sandbox level) {
    var missing = new ArrayList<String>();
    if (level != NONE) {
      need(missing, "setsid", "true");
      need(missing, "setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--", "true");
      need(missing, "prlimit", "--core=0", "--", "true");
    }
    if (level == NAMESPACE) {
      need(missing, "bwrap", "--ro-bind", "/", "/", "--unshare-all", "--", "true");
    }
    return missing;
  }

  /** Busybox has some of these too, which know fewer options; and a system may forbid one. */
  private static void need(List<String> missing, String program, String... arguments) {
    String fault = Executables.trial(program, arguments);
    if (fault != null) {
      missing.add(fault);
    }
  }
}
