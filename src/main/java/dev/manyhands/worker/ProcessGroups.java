package dev.manyhands.worker;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Starts a process in a session and process group of its own that dies with the service, and ends
 * it with all that it started. Uses what the system offers: {@code setsid} and {@code setpriv} of
 * util-linux, and {@code kill(2)}; without them a worker is still a subprocess, only its
 * grandchildren are not ended for certain.
 */
final class ProcessGroups {
  private static final int SIGKILL = 9;
  private static final MethodHandle KILL = kill();

  private final List<String> prefix;
  private final boolean grouped;

  private ProcessGroups(List<String> prefix, boolean grouped) {
    this.prefix = List.copyOf(prefix);
    this.grouped = grouped;
  }

  /** Looks at what this system has. */
  static ProcessGroups detect() {
    var prefix = new ArrayList<String>();
    Optional<Path> setsid = Executables.find("setsid");
    setsid.ifPresent(path -> prefix.add(path.toString()));
    Optional<Path> setpriv = Executables.find("setpriv");
    if (setpriv.isPresent() && works(setpriv.get())) {
      prefix.addAll(
          List.of(setpriv.get().toString(), "--pdeathsig", "KILL", "--no-new-privs", "--"));
    }
    return new ProcessGroups(prefix, setsid.isPresent());
  }

  /** Busybox has a setpriv too, which knows fewer options. */
  private static boolean works(Path setpriv) {
    try {
      var probe =
          new ProcessBuilder(
                  setpriv.toString(), "--pdeathsig", "KILL", "--no-new-privs", "--", "true")
              .redirectErrorStream(true)
              .start();
      probe.getInputStream().readAllBytes();
      return probe.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * The command that runs this one in its own session, with no more rights than it has, until its
   * parent thread ends.
   */
  List<String> wrap(List<String> command) {
    var wrapped = new ArrayList<>(prefix);
    wrapped.addAll(command);
    return wrapped;
  }

  /** Ends the process and all of its group, at once and for certain. */
  void kill(ProcessHandle process) {
    if (grouped) {
      try {
        int ignored = (int) KILL.invokeExact((int) -process.pid(), SIGKILL);
      } catch (Throwable e) {
        throw new LinkageError("kill(2) cannot be called", e);
      }
    } else {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
    }
    process.destroyForcibly();
  }

  private static MethodHandle kill() {
    var linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("kill"),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
  }
}
