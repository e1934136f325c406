package dev.manyhands.job;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a function is made of: all that a worker needs to load it. Immutable, and identified by its
 * digest.
 */
public sealed interface FunctionDefinition {

  FunctionRuntime runtime();

  /**
   * Python source.
   *
   * @param code the module's text
   * @param entry the name of the function in it
   */
  record Python(String code, String entry) implements FunctionDefinition {
    @Override
    public FunctionRuntime runtime() {
      return FunctionRuntime.PYTHON;
    }
  }

  /**
   * A Java class that implements the sdk's {@code ItemFunction}.
   *
   * @param className its binary name
   * @param jar the file name of the jar that holds it, in the service's jar directory; null for a
   *     class of the worker's own
   * @param jarDigest hex SHA-256 of the jar's bytes as they were when the function was accepted;
   *     null with {@code jar}
   */
  record JavaClass(String className, @Nullable String jar, @Nullable String jarDigest)
      implements FunctionDefinition {
    @Override
    public FunctionRuntime runtime() {
      return FunctionRuntime.JAVA;
    }
  }

  /**
   * Any executable.
   *
   * @param argv program and arguments, started without a shell
   * @param protocol how it talks
   */
  record Command(List<String> argv, Protocol protocol) implements FunctionDefinition {
    public Command {
      argv = List.copyOf(argv);
    }

    @Override
    public FunctionRuntime runtime() {
      return FunctionRuntime.COMMAND;
    }
  }

  /** How a command talks to the service. */
  enum Protocol {
    /** One JSON item a line on stdin, one JSON result a line on stdout. */
    LINES,
    /** The frames of docs/worker-protocol.md. */
    FRAMES
  }
}
