package dev.manyhands.engine.worker.sandbox;

/**
 * The level of isolation of workers from the rest of the machine. Each level includes those before
 * it.
 */
public enum Sandbox {
  /**
   * Separate processes, in a session of their own, with a scrubbed environment. They run under
   * another user if one is set.
   */
  NONE,
  /**
   * No new privileges, limits on resources, and an end with the service. Where the kernel can
   * filter system calls, workers can make none that change other processes. Where the kernel has
   * Landlock, they can use only their own part of the data directory.
   */
  PROCESS,
  /**
   * Like {@link #PROCESS}, and in addition: no network, and no other processes in sight. The file
   * system is read-only except for the worker's own directory, with an empty {@code /tmp} and
   * without the data directory.
   */
  NAMESPACE;

  /** The requested level is not available here. */
  public static final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnavailableException(String message) {
      super(message);
    }
  }
}
