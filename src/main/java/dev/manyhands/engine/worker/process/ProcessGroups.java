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
  private static final int SIGKILL = 9;
  private static final MethodHandle KILL = kill();

  private final boolean grouped = Executables.find("setsid").isPresent();

  /**
   * Kills the process and all of its group. Without {@code setsid}, kills its descendants instead
   * of the group.
   */
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
