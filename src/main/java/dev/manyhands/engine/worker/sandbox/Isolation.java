package dev.manyhands.engine.worker.sandbox;

import dev.manyhands.support.Word;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The protection of the rest of the machine from workers, as it is in force.
 *
 * @param sandbox the level
 * @param hidesDataDirectory whether workers can use only their own part of the service's data
 * @param filtersCalls whether workers are refused the calls of the kernel that could change other
 *     processes
 * @param user {@code user:group} that workers run as; null for the service's own
 */
public record Isolation(
    Sandbox sandbox, boolean hidesDataDirectory, boolean filtersCalls, @Nullable String user) {
  public static final Isolation NONE = new Isolation(Sandbox.NONE, false, false, null);

  private static final Logger log = LoggerFactory.getLogger(Isolation.class);

  /**
   * Returns the isolation that will be in force, and logs it. Looks at the features of this system,
   * which may take some milliseconds.
   *
   * @param wanted null for {@code PROCESS}, or for {@code NONE} where that is not available and
   *     neither a limit nor {@code user} needs it
   * @param dataDirectory the directory of the service's data, which must exist
   * @param user {@code user:group} that workers are to run as; null for the service's own
   * @throws Sandbox.UnavailableException if the wanted level is not available
   */
  public static Isolation inForce(
      @Nullable Sandbox wanted, WorkerLimits limits, Path dataDirectory, @Nullable String user) {
    Sandbox level = wanted == null ? Sandbox.PROCESS : wanted;
    var missing = new ArrayList<String>(missingPrograms(level));
    WorkerUser other = WorkerUser.of(user);
    if (other != null) {
      needUser(missing, other);
    }
    String noFence = level == Sandbox.PROCESS ? FenceTrial.fault(dataDirectory) : null;
    String noFilter = level == Sandbox.NONE ? null : FilterTrial.fault();
    if (wanted != null) {
      Stream.of(noFence, noFilter).filter(Objects::nonNull).forEach(missing::add);
    }
    if (missing.isEmpty()) {
      boolean confines = level != Sandbox.NONE;
      var isolation =
          new Isolation(
              level,
              confines && noFence == null,
              confines && noFilter == null,
              other == null ? null : other.toString());
      isolation.tellOf(noFence, noFilter, dataDirectory);
      return isolation;
    }
    String what = String.join(", ", missing);
    if (wanted == null && other == null && !limits.needTheSystem()) {
      log.warn("workers are not confined: {}. {}", what, NONE);
      return NONE;
    }
    throw new Sandbox.UnavailableException(
        "Workers cannot be confined as manyhands.workers.sandbox="
            + Word.of(level)
            + (other == null ? "" : " and manyhands.workers.user=" + other)
            + " says: "
            + what
            + ".");
  }

  private void tellOf(@Nullable String noFence, @Nullable String noFilter, Path dataDirectory) {
    if (noFence != null) {
      log.warn(
          "workers can read and change the data directory {}: {}; use a kernel with Landlock"
              + " (Linux 6.2 or later), or manyhands.workers.sandbox=namespace, or run trusted"
              + " functions only. {}",
          dataDirectory.toAbsolutePath(),
          noFence,
          this);
    }
    if (noFilter != null) {
      log.warn(
          "workers can change limits and priorities of the service and of each other: {}; use a"
              + " kernel with seccomp on x86-64 or arm64, or run trusted functions only. {}",
          noFilter,
          this);
    }
    if (noFence == null && noFilter == null) {
      log.info("workers run with {}", this);
    }
  }

  /** Returns the isolation as the log shows it. */
  @Override
  public String toString() {
    return "sandbox=%s dataDirectory=%s systemCalls=%s%s"
        .formatted(
            Word.of(sandbox), dataDirectory(), systemCalls(), user == null ? "" : " user=" + user);
  }

  /**
   * Returns whether files of the service that workers may read are safe from changes by workers.
   */
  public boolean protectsData() {
    return hidesDataDirectory || user != null;
  }

  /** Returns in a word, for users, whether the data directory is hidden. */
  public String dataDirectory() {
    return hidesDataDirectory ? "hidden" : "readable";
  }

  /** Returns in a word, for users, whether calls of the kernel are refused to workers. */
  public String systemCalls() {
    return filtersCalls ? "filtered" : "unfiltered";
  }

  private static List<String> missingPrograms(Sandbox level) {
    var missing = new ArrayList<String>();
    if (level != Sandbox.NONE) {
      need(missing, "setsid", "true");
      need(missing, "setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--", "true");
      need(missing, "prlimit", "--core=0", "--", "true");
    }
    if (level == Sandbox.NAMESPACE) {
      need(
          missing,
          "bwrap",
          "--unshare-all",
          "--ro-bind",
          "/",
          "/",
          "--size",
          "4096",
          "--tmpfs",
          "/tmp",
          "--",
          "true");
    }
    return missing;
  }

  private static void needUser(List<String> missing, WorkerUser user) {
    var arguments = new ArrayList<>(user.arguments());
    arguments.addAll(List.of("--", "true"));
    need(missing, "setpriv", arguments.toArray(String[]::new));
  }

  /**
   * Adds a program to the missing ones if it does not run with these arguments. Busybox has some of
   * the programs with fewer options, and a system may forbid one.
   */
  private static void need(List<String> missing, String program, String... arguments) {
    String fault = Executables.trial(program, arguments);
    if (fault != null) {
      missing.add(fault);
    }
  }
}
