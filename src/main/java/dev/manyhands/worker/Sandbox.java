package dev.manyhands.worker;

/** How far workers are kept from the rest of the machine. Each level includes those before it. */
public enum Sandbox {
  /** Processes of their own, in a session of their own, and nothing else. */
  NONE,
  /**
   * No new privileges, a scrubbed environment, limits on what they use, an end with the service, no
   * system calls that change other processes, and, where the kernel has Landlock, nothing of the
   * data directory.
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
}
