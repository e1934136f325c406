package dev.manyhands.engine.worker.process;

import dev.manyhands.engine.worker.sandbox.Executables;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Ends processes with all that they started. Workers run in a session and process group of their
 * own where the system has {@code setsid}.
 */
final class ProcessGroups {
  private static final int SIGQUIT = 3;
  private static final int SIGKILL = 9;
  private static final MethodHandle KILL = kill();

  private final boolean grouped = Executables.find("setsid").isPresent();
  private final boolean inNamespace;

  /**
   * @param inNamespace whether the processes are parents of workers in a namespace
   */
  ProcessGroups(boolean inNamespace) {
    this.inNamespace = inNamespace;
  }

  /**
   * Kills the process and all of its group. Without {@code setsid}, kills its descendants instead
   * of the group.
   */
  void kill(ProcessHandle process) {
    if (grouped) {
      send(-process.pid(), SIGKILL);
    } else {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
    }
    process.destroyForcibly();
  }

  /**
   * Asks a worker to print its stacks and to end. Returns false in a namespace: the process is the
   * worker's parent there, and a search for the worker takes as long as the function wants.
   */
  boolean quit(ProcessHandle process) {
    if (!inNamespace) {
      send(process.pid(), SIGQUIT);
    }
    return !inNamespace;
  }

  private static void send(long pid, int signal) {
    try {
      int ignored = (int) KILL.invokeExact((int) pid, signal);
    } catch (Throwable e) {
      throw new LinkageError("kill(2) cannot be called", e);
    }
  }

  private static MethodHandle kill() {
    var linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("kill"),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
  }
}
